/* SPDX-License-Identifier: MIT */

/* A client secret as it comes in. */

#include "yadiskctl/terminal/terminal.h"

#include <signal.h>
#include <sys/wait.h>

#include "check.h"

static int read_through_pipe(const char *data, size_t size, char **ret) {
        int fds[2], r;

        CHECK(pipe(fds) == 0);
        CHECK(write(fds[1], data, size) == (ssize_t) size);
        close(fds[1]);
        r = secret_read(fds[0], ret);
        close(fds[0]);
        return r;
}

static int read_from_file(const char *data, size_t size, char **ret) {
        char path[] = "/tmp/test-secret-XXXXXX";
        int fd = mkstemp(path), r;

        CHECK(fd >= 0);
        CHECK(write(fd, data, size) == (ssize_t) size);
        close(fd);
        r = secret_read_file(path, ret);
        unlink(path);
        return r;
}

/* Both ways, and straight from memory. */
static void check_gives(const char *data, size_t size, int expected, const char *secret) {
        int (*const ways[])(const char *, size_t, char **) = {
                secret_parse,
                read_through_pipe,
                read_from_file,
        };

        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                _cleanup_(secret_freep) char *s = NULL;

                CHECK_INT(ways[i](data, size, &s), expected);
                if (secret)
                        CHECK_STR(s, secret);
                else
                        CHECK(!s);
        }
}

#define GIVES(data, secret) check_gives(data, sizeof(data) - 1, 0, secret)
#define REFUSES(data, r)    check_gives(data, sizeof(data) - 1, r, NULL)

static void the_first_line_counts(void) {
        GIVES("abc", "abc");
        GIVES("abc\n", "abc");
        GIVES("abc\r\n", "abc");
        GIVES("abc\ndef\n", "abc");
        GIVES("abc\n\xff\0\n", "abc");
}

static void white_space_around_it_does_not(void) {
        GIVES("  abc\t \n", "abc");
        GIVES("\tabc", "abc");
        GIVES("\ufeffabc\r\n", "abc"); /* what Notepad writes first */
        GIVES("\u00a0abc\u00a0\u200b\n", "abc");
}

static void nothing_is_refused(void) {
        REFUSES("", -ENODATA);
        REFUSES("\n", -ENODATA);
        REFUSES(" \t\r\n", -ENODATA);
        REFUSES("\nabc\n", -ENODATA);
        REFUSES("\ufeff\u00a0\n", -ENODATA);
}

static void what_no_secret_holds_is_refused(void) {
        REFUSES("a b\n", -EBADMSG);
        REFUSES("a\0b\n", -EBADMSG);
        REFUSES("\0", -EBADMSG);
        REFUSES("caf\xc3\xa9\n", -EBADMSG);
        REFUSES("\033[A\n", -EBADMSG);
        REFUSES("a\u00a0b\n", -EBADMSG);
}

static void the_longest_has_a_kibibyte(void) {
        char data[4096], longest[SECRET_MAX_BYTES + 1] = {};

        memset(data, 'a', sizeof(data));
        memset(longest, 'a', SECRET_MAX_BYTES);
        check_gives(data, SECRET_MAX_BYTES, 0, longest);
        check_gives(data, SECRET_MAX_BYTES + 1, -EMSGSIZE, NULL);
        check_gives(data, sizeof(data), -EMSGSIZE, NULL);

        data[SECRET_MAX_BYTES] = '\n';
        check_gives(data, sizeof(data), 0, longest);
}

/* A pipe gives what it has: a line may come in pieces. */
static void pieces_are_put_together(void) {
        _cleanup_(secret_freep) char *s = NULL;
        int fds[2];
        pid_t pid;

        CHECK(pipe(fds) == 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
                for (const char *p = "  abcdef\n"; *p; p++) {
                        CHECK(write(fds[1], p, 1) == 1);
                        usleep(1000);
                }
                pause(); /* the end of line is enough */
        }
        close(fds[1]);
        CHECK_INT(secret_read(fds[0], &s), 0);
        CHECK_STR(s, "abcdef");
        close(fds[0]);
        CHECK(kill(pid, SIGKILL) == 0);
        CHECK(waitpid(pid, NULL, 0) == pid);
}

static void check_line(const char *data, size_t size, int expected, const char *line) {
        _cleanup_(secret_freep) char *s = NULL;
        int fds[2];

        CHECK(pipe(fds) == 0);
        CHECK(write(fds[1], data, size) == (ssize_t) size);
        close(fds[1]);
        CHECK_INT(secret_read_line(fds[0], &s), expected);
        close(fds[0]);
        if (line)
                CHECK_STR(s, line);
        else
                CHECK(!s);
}

#define LINE(data, line)      check_line(data, sizeof(data) - 1, 0, line)
#define REFUSES_LINE(data, r) check_line(data, sizeof(data) - 1, r, NULL)

static void a_typed_line_may_hold_anything(void) {
        LINE("abc\n", "abc");
        LINE("abc", "abc");
        LINE("\n", "");
        LINE(" \t \n", "");
        LINE("  a b\t\r\n", "a b");
        LINE("Мой диск\n", "Мой диск");
        LINE("a\033[A\n", "a\033[A");
        LINE("a\xff\n", "a\xff");
        LINE("\xc2\xa0\xe2\x80\x8b"
             "abc\xe2\x80\xaf\xef\xbb\xbf\n",
             "abc");
        LINE("a\xe2\x80\x8b"
             "b\n",
             "a\xe2\x80\x8b"
             "b");
        REFUSES_LINE("", -ECANCELED);
        REFUSES_LINE("a\0b\n", -EBADMSG);
}

static void a_typed_line_has_an_end(void) {
        char data[SECRET_MAX_BYTES + 2];

        memset(data, 'a', sizeof(data));
        check_line(data, SECRET_MAX_BYTES + 1, -EMSGSIZE, NULL);
        check_line(data, sizeof(data), -EMSGSIZE, NULL);
}

static void unreadable_files_say_why(void) {
        char *s = NULL;

        CHECK_INT(secret_read_file("/nonexistent/secret", &s), -ENOENT);
        CHECK_INT(secret_read_file("/", &s), -EISDIR);
        CHECK_INT(secret_read_file("/dev/null", &s), -ENODATA);
        CHECK_INT(secret_read_file("/dev/zero", &s), -EMSGSIZE);
        CHECK_INT(secret_read(-1, &s), -EBADF);
        CHECK(!s);
}

int main(void) {
        the_first_line_counts();
        white_space_around_it_does_not();
        nothing_is_refused();
        what_no_secret_holds_is_refused();
        the_longest_has_a_kibibyte();
        pieces_are_put_together();
        a_typed_line_may_hold_anything();
        a_typed_line_has_an_end();
        unreadable_files_say_why();
        return EXIT_SUCCESS;
}
