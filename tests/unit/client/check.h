/* SPDX-License-Identifier: MIT */
#pragma once

/* Facts, one a line; the first that does not hold ends the test and is named. They hold in release
 * builds too. And a way to see what is said on stdout and stderr. */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHECK(fact)                                                                                \
        do {                                                                                       \
                if (!(fact))                                                                       \
                        check_failed(__FILE__, __LINE__, #fact, "");                               \
        } while (0)

#define CHECK_STR(a, b)                                                                            \
        do {                                                                                       \
                const char *_a = (a), *_b = (b);                                                   \
                if (!_a || strcmp(_a, _b) != 0)                                                    \
                        check_failed(__FILE__, __LINE__, #a " is " #b, _a ? _a : "(null)");        \
        } while (0)

#define CHECK_INT(a, b)                                                                            \
        do {                                                                                       \
                long long _a = (a), _b = (b);                                                      \
                char _is[32];                                                                      \
                (void) snprintf(_is, sizeof(_is), "%lld", _a);                                     \
                if (_a != _b)                                                                      \
                        check_failed(__FILE__, __LINE__, #a " is " #b, _is);                       \
        } while (0)

/* The last stdout and stderr before the test took them away. */
extern int check_stderr;

static inline _Noreturn void check_failed(const char *file, int line, const char *fact,
                                          const char *is) {
        dprintf(check_stderr, "%s:%i: not so: %s (%s)\n", file, line, fact, is);
        _exit(EXIT_FAILURE);
}

/* What stream fd (1 or 2) receives until captured() is from now on kept. */
typedef struct Capture {
        int fd, saved, memory;
        char text[16384];
} Capture;

static inline Capture *capture(int fd) {
        static Capture captures[3];
        Capture *c = &captures[fd];

        fflush(NULL);
        *c = (Capture){ .fd = fd, .saved = dup(fd), .memory = memfd_create("said", 0) };
        CHECK(c->saved >= 0 && c->memory >= 0);
        CHECK(dup2(c->memory, fd) == fd);
        if (fd == STDERR_FILENO)
                check_stderr = c->saved;
        return c;
}

/* Ends it. The text stays until the next capture of that stream. */
static inline const char *captured(Capture *c) {
        ssize_t n;

        fflush(NULL);
        n = pread(c->memory, c->text, sizeof(c->text) - 1, 0);
        CHECK(n >= 0);
        c->text[n] = '\0';
        CHECK(dup2(c->saved, c->fd) == c->fd);
        if (c->fd == STDERR_FILENO)
                check_stderr = STDERR_FILENO;
        close(c->saved);
        close(c->memory);
        return c->text;
}
