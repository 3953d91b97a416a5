/* SPDX-License-Identifier: MIT */

/* Which addresses the desktop is asked to open, and who asks. Here is a bus that accepts, and says no more. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "check.h"
#include "platform/opener.h"

#define PAGE "https://ya.ru/device"

#define DESCRIPTOR_OF_OURS 100

static char directory[] = "/tmp/test-opener-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int bus = -EBADF;
static sd_event *event;

static void listen_as_bus(void) {
        char value[128];
        sigset_t set;

        check(mkdtemp(directory));
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/bus", directory);
        (void) snprintf(value, sizeof(value), "unix:path=%s", address.sun_path);
        check_int(setenv("DBUS_SESSION_BUS_ADDRESS", value, 1), 0);

        bus = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        check(bus >= 0);
        check_int(bind(bus, (struct sockaddr *) &address, sizeof(address)), 0);
        check_int(listen(bus, 16), 0);
        check_int(dup2(STDIN_FILENO, DESCRIPTOR_OF_OURS), DESCRIPTOR_OF_OURS);

        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGTERM);
        check_int(sigprocmask(SIG_BLOCK, &set, NULL), 0);
        check_int(sd_event_new(&event), 0);
}

static void hang_up(void) {
        event = sd_event_unref(event);
        bus = fd_close(bus);
        check_int(unlink(address.sun_path), 0);
        check_int(rmdir(directory), 0);
}

static Opener *opener(void) {
        Opener *o;

        check_int(opener_new(event, &o), 0);
        return o;
}

static bool is_childless(void) {
        siginfo_t info;

        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

static int accept_connection(void) {
        int connection = accept4(bus, NULL, NULL, SOCK_CLOEXEC);

        check(connection >= 0);
        return connection;
}

static pid_t caller(int connection) {
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        check_int(getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size), 0);
        return credentials.pid;
}

static bool has_left(int connection) {
        char buffer[4096];
        ssize_t n;

        do
                n = read(connection, buffer, sizeof(buffer));
        while (n > 0);
        return n == 0 || errno == ECONNRESET;
}

static bool blocks_no_signal(pid_t pid) {
        char path[64], line[256];
        unsigned long long set = 1;
        FILE *file;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
        file = fopen(path, "re");
        check(file);
        while (fgets(line, sizeof(line), file))
                if (sscanf(line, "SigBlk: %llx", &set) == 1)
                        break;
        check_int(fclose(file), 0);
        return set == 0;
}

static bool has_descriptor_of_ours(pid_t pid) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int) pid, DESCRIPTOR_OF_OURS);
        return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void run_until_childless(void) {
        while (!is_childless())
                check(sd_event_run(event, UINT64_MAX) >= 0);
}

static void asks_for(const char *url) {
        _cleanup_(opener_freep) Opener *o = opener();
        _cleanup_fd_ int connection = -EBADF;

        opener_open(o, url);
        connection = accept_connection();
        check(!is_childless());
}

static void does_not_ask_for(const char *url) {
        _cleanup_(opener_freep) Opener *o = opener();
        char *arguments[] = { (char *) "test-opener", (char *) "--open-page", (char *) url,
                              (char *) "1", NULL };

        opener_open(o, url);
        check(is_childless());
        check_int(opener_main(4, arguments), EX_USAGE);
}

static void test_pages_of_yandex_only(void) {
        asks_for(PAGE);
        asks_for("https://oauth.yandex.com/authorize?response_type=code");
        asks_for("https://localhost:4430/device");

        does_not_ask_for("http://ya.ru/device");
        does_not_ask_for("https://ya.ru.example.org/device");
        does_not_ask_for("https://ya.ru@example.org/device");
        does_not_ask_for("https://ya.ru\\@example.org/device");
        does_not_ask_for("file:///etc/passwd");
        does_not_ask_for("javascript:alert(1)");
        does_not_ask_for("-version");
        does_not_ask_for("");
}

static void test_a_process_of_its_own(void) {
        _cleanup_(opener_freep) Opener *o = opener();
        _cleanup_fd_ int connection = -EBADF;
        pid_t pid;

        opener_open(o, PAGE);
        connection = accept_connection();
        pid = caller(connection);
        check(pid != getpid());
        check(blocks_no_signal(pid));
        check(!has_descriptor_of_ours(pid));

        o = opener_free(o);
        check(has_left(connection));
        check(is_childless());
}

static void test_the_next_takes_its_place(void) {
        _cleanup_(opener_freep) Opener *o = opener();
        _cleanup_fd_ int first = -EBADF, second = -EBADF;

        opener_open(o, PAGE);
        first = accept_connection();
        opener_open(o, PAGE);
        check(has_left(first));
        second = accept_connection();
        check(caller(second) != caller(first));
}

static void test_the_bus_hangs_up(void) {
        _cleanup_(opener_freep) Opener *o = opener();

        opener_open(o, PAGE);
        (void) fd_close(accept_connection());
        run_until_childless();
        asks_for(PAGE);
}

static void test_no_bus(void) {
        _cleanup_(opener_freep) Opener *o = opener();

        bus = fd_close(bus);
        opener_open(o, PAGE);
        run_until_childless();
}

/* Its parent ended before it began. */
static void test_an_orphan_asks_for_nothing(void) {
        char *arguments[] = { (char *) "test-opener", (char *) "--open-page", (char *) PAGE,
                              (char *) "0", NULL };

        check_int(opener_main(4, arguments), EX_UNAVAILABLE);
}

static void test_another_command_line(void) {
        char *arguments[] = { (char *) "test-opener", (char *) "--open-page", (char *) PAGE, NULL };

        check_int(opener_main(1, arguments), -1);
        check_int(opener_main(2, arguments), -1);
        check_int(opener_main(3, arguments), -1);
}

int main(int argc, char *argv[]) {
        int r = opener_main(argc, argv);

        if (r >= 0)
                return r;

        listen_as_bus();
        test_pages_of_yandex_only();
        test_a_process_of_its_own();
        test_the_next_takes_its_place();
        test_the_bus_hangs_up();
        test_an_orphan_asks_for_nothing();
        test_another_command_line();
        test_no_bus();
        hang_up();
        return EXIT_SUCCESS;
}
