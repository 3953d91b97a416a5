/* SPDX-License-Identifier: MIT */

/* Secrets in sealed memory files. */

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "memfd-rig.h"

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
        check_int(secret_from_memfd(fd, &back), 0); /* wherever the offset is */
        check_str(secret_string(back), "content");
        check_int(secret_length(back), 7);
}

static void what_is_no_document_is_not_read(void) {
        _cleanup_fd_ int empty = memfd(""), large = memfd_create("large", MFD_CLOEXEC);
        _cleanup_(secret_unrefp) Secret *s = NULL;
        int ends[2];

        check_int(secret_from_memfd(empty, &s), -EBADMSG);
        check_int(ftruncate(large, 256 * 1024 + 1), 0);
        check_int(secret_from_memfd(large, &s), -EBADMSG);
        check_int(ftruncate(large, 256 * 1024), 0);
        check_int(secret_from_memfd(large, &s), 0);
        check_int(pipe(ends), 0);
        check(secret_from_memfd(ends[0], &s) < 0);
        check(secret_from_memfd(-1, &s) < 0);
        close(ends[0]);
        close(ends[1]);
}

static void a_descriptor_that_cannot_be_had_or_mapped_is_told(void) {
        _cleanup_fd_ int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_(secret_unrefp) Secret *content = NULL, *s = NULL;
        struct rlimit before, none;
        int fd = -1;

        check(folder >= 0);
        check(secret_from_memfd(folder, &s) < 0);

        check_int(secret_new_from("x", 1, &content), 0);
        check_int(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
        check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
        check_int(secret_to_memfd(content, "x", &fd), -EMFILE);
        check_int(setrlimit(RLIMIT_NOFILE, &before), 0);
        check_int(fd, -1);
}

/* As the next run finds it in the descriptor store. */
static void a_shared_secret_is_read_as_it_is_now(void) {
        _cleanup_fd_ int fd = memfd_create("shared", MFD_CLOEXEC);
        _cleanup_(secret_unrefp) Secret *s = NULL, *before = NULL, *after = NULL;

        check_int(secret_new_shared(fd, 64, &s), 0);
        check_int(secret_append_string(s, "a long answer"), 0);
        check_int(secret_from_memfd(fd, &before), 0);
        check_str(secret_string(before), "a long answer");

        secret_clear(s);
        check_int(secret_length(s), 0);
        check_int(secret_append_string(s, "short"), 0);
        check_int(secret_from_memfd(fd, &after), 0);
        check_str(secret_string(after), "short");
}

static void it_is_erased_there_with_its_last_reference(void) {
        _cleanup_fd_ int fd = memfd_create("shared", MFD_CLOEXEC);
        _cleanup_(secret_unrefp) Secret *s = NULL, *after = NULL;

        check(secret_new_shared(-1, 64, &s) < 0);
        check_int(secret_new_shared(fd, 64, &s), 0);
        check_int(secret_append_string(s, "gone"), 0);
        s = secret_unref(s);
        check_int(secret_from_memfd(fd, &after), 0);
        check_str(secret_string(after), "");
}

TEST_MAIN(TEST(a_memory_file_is_sealed_and_whole), TEST(what_is_no_document_is_not_read),
          TEST(a_descriptor_that_cannot_be_had_or_mapped_is_told),
          TEST(a_shared_secret_is_read_as_it_is_now),
          TEST(it_is_erased_there_with_its_last_reference))
