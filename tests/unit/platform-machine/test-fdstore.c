/* SPDX-License-Identifier: MIT */

/* The descriptor store, and the service manager that has it. */

#include "platform/fdstore.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "memfd-rig.h"

#define FIRST 3 /* of the descriptors that a service manager passes */
#define CHILD "--take"

#define LATE_US 50000

/* A service manager's end of the notification socket. */
static int notify_socket(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        char name[64];

        check(fd >= 0);
        (void) snprintf(name, sizeof(name), "yadisk-tokend-test-%i", (int) getpid());
        memcpy(address.sun_path + 1, name, strlen(name)); /* abstract */
        check_int(bind(fd, (struct sockaddr *) &address,
                       (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))),
                  0);
        memmove(name + 1, name, strlen(name) + 1);
        name[0] = '@';
        check_int(setenv("NOTIFY_SOCKET", name, 1), 0);
        return fd;
}

/* One datagram, and the descriptor that came with it, or -1. */
static int receive(int socket_fd, char text[static 512]) {
        char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(64)];
        struct iovec iov = { text, 511 };
        struct msghdr header = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n = recvmsg(socket_fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        int fd = -1;

        check(n >= 0);
        text[n] = '\0';
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
                if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
                        memcpy(&fd, CMSG_DATA(c), sizeof(fd));
        return fd;
}

static void the_service_manager_gets_a_sealed_document(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("{\"a\": 1}"), *back = NULL;
        _cleanup_fd_ int manager = notify_socket(), fd = -1;
        char text[512];

        check_int(fdstore_put("account-one-2", s), 0);
        fd = receive(manager, text);
        check(strstr(text, "FDSTORE=1\n"));
        check(strstr(text, "FDNAME=account-one-2\n"));
        check(!strstr(text, "{\"a\""));
        check(fd >= 0);
        check_int(fcntl(fd, F_GET_SEALS), SEALS);
        check_int(secret_from_memfd(fd, &back), 0);
        check(secret_equal(back, s));

        check_int(fdstore_remove("account-one-2"), 0);
        check_int(receive(manager, text), -1);
        check(strstr(text, "FDSTOREREMOVE=1\n"));
        check(strstr(text, "FDNAME=account-one-2"));
        (void) unsetenv("NOTIFY_SOCKET");
}

static void without_a_service_manager_nothing_happens(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("{}");

        (void) unsetenv("NOTIFY_SOCKET");
        check_int(fdstore_put("name", s), 0);
        check_int(fdstore_remove("name"), 0);
}

static void a_service_manager_that_is_gone_is_an_error(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("{}");

        check_int(setenv("NOTIFY_SOCKET", "@yadisk-tokend-nobody-listens", 1), 0);
        check(fdstore_put("name", s) < 0);
        check(fdstore_remove("name") < 0);
        (void) unsetenv("NOTIFY_SOCKET");
}

/* Fills the queue of the manager; returns with how many messages. */
static unsigned fill(int manager) {
        _cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address;
        socklen_t length = sizeof(address);
        unsigned n = 0;

        check(fd >= 0);
        check_int(getsockname(manager, (struct sockaddr *) &address, &length), 0);
        while (sendto(fd, "X=1", 3, MSG_DONTWAIT, (struct sockaddr *) &address, length) == 3)
                n++;
        check_int(errno, EAGAIN);
        check(n > 0);
        return n;
}

/* In the child: a manager that is late. */
static _Noreturn void read_late(int manager, unsigned n) {
        char text[512];

        (void) usleep(LATE_US);
        while (n-- > 0)
                check_int(receive(manager, text), -1);
        _exit(EXIT_SUCCESS);
}

static void what_finds_no_room_is_not_lost(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("{}");
        _cleanup_fd_ int manager = notify_socket(), fd = -1;
        unsigned n = fill(manager);
        char text[512];
        int status;
        pid_t pid;

        pid = fork();
        check(pid >= 0);
        if (pid == 0)
                read_late(manager, n);
        check_int(fdstore_put("account-one-3", s), 0);
        check_int(fdstore_remove("account-one-2"), 0);
        check_int(waitpid(pid, &status, 0), pid);
        check_int(status, 0);

        fd = receive(manager, text);
        check(strstr(text, "FDNAME=account-one-3\n"));
        check(fd >= 0);
        check_int(receive(manager, text), -1);
        check_str(text, "FDSTOREREMOVE=1\nFDNAME=account-one-2");
        (void) unsetenv("NOTIFY_SOCKET");
}

static void on_document(const char *name, Secret *document, void *userdata) {
        printf("%s=%s\n", name, secret_string(document));
}

/* In the child: what the service manager passed. */
static int take(void) {
        check_int(fdstore_take(on_document, NULL), 0);
        check(!getenv("LISTEN_FDS")); /* nothing for children of ours */
        for (int fd = FIRST; fd < FIRST + 3; fd++)
                printf("%s\n", fcntl(fd, F_GETFD) < 0 ? "closed" : "open");
        check_int(fdstore_take(on_document, NULL), 0);
        return EXIT_SUCCESS;
}

static _Noreturn void run_child(int out) {
        int passed[] = { memfd("first"), open("/dev/null", O_RDONLY), memfd("third") };
        char pid[16];

        /* Out of the way first, then into place. */
        for (int i = 0; i < 3; i++)
                passed[i] = fcntl(passed[i], F_DUPFD, 100);
        (void) dup2(out, STDOUT_FILENO);
        for (int i = 0; i < 3; i++)
                (void) dup2(passed[i], FIRST + i);
        (void) snprintf(pid, sizeof(pid), "%i", (int) getpid());
        (void) setenv("LISTEN_PID", pid, 1);
        (void) setenv("LISTEN_FDS", "3", 1);
        (void) setenv("LISTEN_FDNAMES", "account-one-2:foreign:account-two-5", 1);
        (void) execl("/proc/self/exe", "test-fdstore", CHILD, NULL);
        _exit(127);
}

static void what_was_stored_comes_back_at_the_next_start(void) {
        char text[512] = "";
        int ends[2], status;
        size_t length = 0;
        ssize_t n;
        pid_t pid;

        check_int(pipe(ends), 0);
        pid = fork();
        check(pid >= 0);
        if (pid == 0)
                run_child(ends[1]);
        close(ends[1]);
        while ((n = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
                length += (size_t) n;
        close(ends[0]);
        check_int(waitpid(pid, &status, 0), pid);
        check_int(status, 0);
        check_str(text, "account-one-2=first\naccount-two-5=third\nclosed\nclosed\nclosed\n");
}

static void nothing_stored_is_nothing_taken(void) {
        (void) unsetenv("LISTEN_FDS");
        check_int(fdstore_take(on_document, NULL), 0);
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(the_service_manager_gets_a_sealed_document),
                TEST(without_a_service_manager_nothing_happens),
                TEST(a_service_manager_that_is_gone_is_an_error),
                TEST(what_finds_no_room_is_not_lost),
                TEST(what_was_stored_comes_back_at_the_next_start),
                TEST(nothing_stored_is_nothing_taken),
        };

        if (argc > 1 && streq(argv[1], CHILD))
                return take();
        return run_tests(argc, argv, tests, ELEMENTSOF(tests));
}
