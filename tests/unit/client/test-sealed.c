/* SPDX-License-Identifier: MIT */

/* Reading a token out of a memfd. */

#include "shared/sealed.h"

#include "check.h"

#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static int memfd_of(const char *data, size_t size, int seals) {
        int fd = memfd_create("token", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        CHECK(fd >= 0);
        CHECK(write(fd, data, size) == (ssize_t) size);
        CHECK(fcntl(fd, F_ADD_SEALS, seals) == 0);
        return fd;
}

static void check_reads(const char *data, const char *prefix, const char *expected) {
        _cleanup_fd_ int fd = memfd_of(data, strlen(data), ALL_SEALS);

        for (int i = 0; i < 2; i++) { /* wherever the offset is */
                _cleanup_(secret_freep) char *s = NULL;

                CHECK_INT(sealed_read(fd, prefix, &s), 0);
                CHECK_STR(s, expected);
                CHECK(lseek(fd, 0, SEEK_SET) == 0);
        }
}

static void check_refuses(const char *data, size_t size, int seals, int expected) {
        _cleanup_fd_ int fd = memfd_of(data, size, seals);
        char *s = NULL;

        CHECK_INT(sealed_read(fd, "", &s), expected);
        CHECK(!s);
}

static void tokens_are_read(void) {
        check_reads("y0_Ab-c", "", "y0_Ab-c");
        check_reads("y0_Ab-c", "Authorization: OAuth ", "Authorization: OAuth y0_Ab-c");
        check_reads("x", "", "x");
}

static void what_can_still_change_is_not(void) {
        check_refuses("abc", 3, 0, -EPERM);
        check_refuses("abc", 3, F_SEAL_SEAL, -EPERM);
        check_refuses("abc", 3, F_SEAL_WRITE | F_SEAL_GROW, -EPERM);
        check_refuses("abc", 3, F_SEAL_WRITE | F_SEAL_SHRINK, -EPERM);
        check_refuses("abc", 3, F_SEAL_GROW | F_SEAL_SHRINK, -EPERM);
}

static void what_would_break_a_header_is_not(void) {
        check_refuses("", 0, ALL_SEALS, -EBADMSG);
        check_refuses("a\r\nX: y", 7, ALL_SEALS, -EBADMSG);
        check_refuses("abc\n", 4, ALL_SEALS, -EBADMSG);
        check_refuses("a b", 3, ALL_SEALS, -EBADMSG);
        check_refuses("a\0b", 3, ALL_SEALS, -EBADMSG);
        check_refuses("\xd0\xb4", 2, ALL_SEALS, -EBADMSG);
}

static void the_longest_is_limited(void) {
        static char data[SEALED_MAX_BYTES + 2];

        memset(data, 'a', SEALED_MAX_BYTES);
        check_reads(data, "", data);
        data[SEALED_MAX_BYTES] = 'a';
        check_refuses(data, SEALED_MAX_BYTES + 1, ALL_SEALS, -EBADMSG);
}

static void other_files_are_not_taken(void) {
        _cleanup_fd_ int null = open("/dev/null", O_RDONLY);
        int fds[2];
        char *s = NULL;

        CHECK(pipe(fds) == 0);
        CHECK_INT(sealed_read(null, "", &s), -EPERM);
        CHECK_INT(sealed_read(fds[0], "", &s), -EPERM);
        CHECK_INT(sealed_read(-1, "", &s), -EBADF);
        CHECK(!s);
        close(fds[0]);
        close(fds[1]);
}

int main(void) {
        tokens_are_read();
        what_can_still_change_is_not();
        what_would_break_a_header_is_not();
        the_longest_is_limited();
        other_files_are_not_taken();
        return EXIT_SUCCESS;
}
