/* SPDX-License-Identifier: MIT */

/* Secrets in sealed memory files, what the machine is, and the descriptor store. */

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "check.h"
#include "platform/fdstore.h"
#include "platform/machine.h"
#include "platform/memfd.h"

#define SEALS  (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define UUID   36
#define NOBODY 65534
#define FIRST  3 /* of the descriptors that a service manager passes */
#define CHILD  "--take"

static Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

static int memfd(const char *text) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);
        int fd = -1;

        check_int(memfd_from_secret("test", s, &fd), 0);
        return fd;
}

static void a_memory_file_is_sealed_and_whole(void) {
        _cleanup_fd_ int fd = memfd("content");
        _cleanup_(secret_unrefp) Secret *back = NULL;
        char buffer[16] = "";

        check_int(fcntl(fd, F_GET_SEALS), SEALS);
        check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        check_int(read(fd, buffer, sizeof(buffer)), 7); /* the offset is at the start */
        check_str(buffer, "content");
        check(pwrite(fd, "x", 1, 0) < 0);
        check(ftruncate(fd, 1) < 0);
        check(ftruncate(fd, 100) < 0);
        check(mmap(NULL, 7, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
        check_int(memfd_to_secret(fd, &back), 0); /* wherever the offset is */
        check_str(secret_string(back), "content");
        check_int(secret_length(back), 7);
}

static void what_is_no_document_is_not_read(void) {
        _cleanup_fd_ int empty = memfd(""), large = memfd_create("large", MFD_CLOEXEC);
        _cleanup_(secret_unrefp) Secret *s = NULL;
        int ends[2];

        check_int(memfd_to_secret(empty, &s), -EBADMSG);
        check_int(ftruncate(large, 256 * 1024 + 1), 0);
        check_int(memfd_to_secret(large, &s), -EBADMSG);
        check_int(ftruncate(large, 256 * 1024), 0);
        check_int(memfd_to_secret(large, &s), 0);
        check_int(pipe(ends), 0);
        check(memfd_to_secret(ends[0], &s) < 0);
        check(memfd_to_secret(-1, &s) < 0);
        close(ends[0]);
        close(ends[1]);
}

/* The id as another user would have it; "" where it cannot be told. */
static void device_id_of(uid_t uid, char id[static UUID + 1]) {
        int ends[2], status;
        pid_t pid;

        check_int(pipe(ends), 0);
        pid = fork();
        check(pid >= 0);
        if (pid == 0) {
                char *text = NULL;

                if (setuid(uid) < 0 || machine_device_id(&text) < 0)
                        _exit(1);
                _exit(write(ends[1], text, UUID) == UUID ? 0 : 1);
        }
        close(ends[1]);
        memset(id, 0, UUID + 1);
        check(read(ends[0], id, UUID) >= 0);
        close(ends[0]);
        check_int(waitpid(pid, &status, 0), pid);
}

static void a_device_is_a_user_of_a_machine(void) {
        _cleanup_free_ char *id = NULL, *again = NULL;
        char other[UUID + 1];
        int r = machine_device_id(&id);

        if (r < 0) {
                fprintf(stderr, "(no machine-id here)\n");
                return;
        }

        check_int(strlen(id), UUID);
        for (size_t i = 0; i < UUID; i++)
                check(i == 8 || i == 13 || i == 18 || i == 23
                              ? id[i] == '-'
                              : strchr("0123456789abcdef", id[i]) != NULL);
        check_int(machine_device_id(&again), 0);
        check_str(again, id);

        device_id_of(getuid(), other);
        check_str(other, id);
        if (getuid() == 0) {
                device_id_of(NOBODY, other);
                check_int(strlen(other), UUID);
                check(!streq(other, id));
        }
}

static void ids_are_random_and_hosts_have_names(void) {
        _cleanup_free_ char *a = NULL, *b = NULL, *name = NULL;

        check_int(machine_random_id(&a), 0);
        check_int(machine_random_id(&b), 0);
        check_int(strlen(a), 32);
        check_int(strspn(a, "0123456789abcdef"), 32);
        check(!streq(a, b));
        check_int(machine_name(&name), 0);
        check(!str_is_empty(name));
}

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
        check_int(memfd_to_secret(fd, &back), 0);
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
        (void) execl("/proc/self/exe", "test-memfd", CHILD, NULL);
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
                TEST(a_memory_file_is_sealed_and_whole),
                TEST(what_is_no_document_is_not_read),
                TEST(a_device_is_a_user_of_a_machine),
                TEST(ids_are_random_and_hosts_have_names),
                TEST(the_service_manager_gets_a_sealed_document),
                TEST(without_a_service_manager_nothing_happens),
                TEST(a_service_manager_that_is_gone_is_an_error),
                TEST(what_was_stored_comes_back_at_the_next_start),
                TEST(nothing_stored_is_nothing_taken),
        };

        if (argc > 1 && streq(argv[1], CHILD))
                return take();
        return run_tests(argc, argv, tests, ELEMENTSOF(tests));
}
