/* SPDX-License-Identifier: MIT */
#pragma once

/* Small helpers: automatic cleanup, taking a pointer away, strings that may be NULL. */

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _nonnull_      __attribute__((returns_nonnull))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b)  ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)  ((a) > (b) ? (a) : (b))

/* Yields the value of the pointer, and leaves NULL behind: its owner is another one now. */
#define TAKE_PTR(p)                                                                                \
        ({                                                                                         \
                typeof(p) *_take_from = &(p);                                                      \
                typeof(p) _taken = *_take_from;                                                    \
                *_take_from = NULL;                                                                \
                _taken;                                                                            \
        })

#define TAKE_FD(fd)                                                                                \
        ({                                                                                         \
                int *_take_from = &(fd);                                                           \
                int _taken = *_take_from;                                                          \
                *_take_from = -EBADF;                                                              \
                _taken;                                                                            \
        })

/* Defines name##p(), for the _cleanup_ attribute of a local variable of that pointer type. */
#define DEFINE_CLEANUP(type, name)                                                                 \
        static inline void name##p(type *p) {                                                      \
                if (*p)                                                                            \
                        name(*p);                                                                  \
        }

static inline void freep(void *p) {
        free(*(void **) p);
}

static inline int fd_close(int fd) {
        if (fd >= 0)
                (void) close(fd);
        return -EBADF;
}

static inline void fd_closep(int *fd) {
        (void) fd_close(*fd);
}

#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_fd_   _cleanup_(fd_closep)

static inline bool streq(const char *a, const char *b) {
        return a && b && strcmp(a, b) == 0;
}

static inline bool str_has_prefix(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool str_has_suffix(const char *s, const char *suffix) {
        size_t length = strlen(s), n = strlen(suffix);

        return length >= n && streq(s + length - n, suffix);
}

static inline bool str_is_empty(const char *s) {
        return !s || s[0] == '\0';
}

static inline const char *str_or_empty(const char *s) {
        return s ?: "";
}

/* The value of a hexadecimal digit, or -1 if c is none. */
static inline int hex_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Replaces *p by a copy of s, or by NULL if s is NULL. Returns 0, or -ENOMEM, in which case *p
 * keeps its value. */
static inline int str_replace(char **p, const char *s) {
        char *copy = NULL;

        if (s) {
                copy = strdup(s);
                if (!copy)
                        return -ENOMEM;
        }

        free(*p);
        *p = copy;
        return 0;
}

/* asprintf(3), but *ret is untouched on failure. Returns 0, or -ENOMEM. The caller frees. */
_printf_(2, 3) static inline int str_format(char **ret, const char *template, ...) {
        va_list ap;
        char *s;
        int n;

        va_start(ap, template);
        n = vasprintf(&s, template, ap);
        va_end(ap);
        if (n < 0)
                return -ENOMEM;

        *ret = s;
        return 0;
}
