/* SPDX-License-Identifier: MIT */

/* Secrets in sealed memory files, and what the machine is. */

#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "memfd-rig.h"
#include "platform/machine.h"

#define UUID   36
#define NOBODY 65534

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

TEST_MAIN(TEST(a_memory_file_is_sealed_and_whole), TEST(what_is_no_document_is_not_read),
          TEST(a_device_is_a_user_of_a_machine), TEST(ids_are_random_and_hosts_have_names))
