/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Facts, one a line; the first that does not hold ends the test and is named. They hold in release
 * builds too. A test is a function whose name says what it shows.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/util.h"

#define check(condition)                                                                           \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        fprintf(stderr, "%s:%i: %s: not so: %s\n", __FILE__, __LINE__, __func__,   \
                                #condition);                                                       \
                        abort();                                                                   \
                }                                                                                  \
        } while (false)

#define check_int(a, b)                                                                            \
        do {                                                                                       \
                int64_t _a = (int64_t) (a), _b = (int64_t) (b);                                    \
                                                                                                   \
                if (_a != _b) {                                                                    \
                        fprintf(stderr, "%s:%i: %s: %s is %" PRIi64 ", not %" PRIi64 "\n",         \
                                __FILE__, __LINE__, __func__, #a, _a, _b);                         \
                        abort();                                                                   \
                }                                                                                  \
        } while (false)

/* Between low and high, both included. */
#define check_within(a, low, high)                                                                 \
        do {                                                                                       \
                int64_t _a = (int64_t) (a), _low = (int64_t) (low), _high = (int64_t) (high);      \
                                                                                                   \
                if (_a < _low || _a > _high) {                                                     \
                        fprintf(stderr,                                                            \
                                "%s:%i: %s: %s is %" PRIi64 ", not within %" PRIi64                \
                                " and %" PRIi64 "\n",                                              \
                                __FILE__, __LINE__, __func__, #a, _a, _low, _high);                \
                        abort();                                                                   \
                }                                                                                  \
        } while (false)

#define check_str(a, b)                                                                            \
        do {                                                                                       \
                const char *_a = (a), *_b = (b);                                                   \
                                                                                                   \
                if (_a != _b && !streq(_a, _b)) {                                                  \
                        fprintf(stderr, "%s:%i: %s: %s is \"%s\", not \"%s\"\n", __FILE__,         \
                                __LINE__, __func__, #a, _a ?: "(null)", _b ?: "(null)");           \
                        abort();                                                                   \
                }                                                                                  \
        } while (false)

typedef struct Test {
        const char *name;
        void (*run)(void);
} Test;

#define TEST(function)                                                                             \
        { #function, function }

/* All of them, or those that are named on the command line; each name goes to stderr first. */
static inline int run_tests(int argc, char *argv[], const Test *tests, size_t n) {
        for (size_t i = 0; i < n; i++) {
                bool wanted = argc < 2;

                for (int j = 1; j < argc; j++)
                        wanted = wanted || streq(argv[j], tests[i].name);
                if (!wanted)
                        continue;

                fprintf(stderr, "%s\n", tests[i].name);
                tests[i].run();
        }
        return EXIT_SUCCESS;
}

#define TEST_MAIN(...)                                                                             \
        int main(int argc, char *argv[]) {                                                         \
                static const Test tests[] = { __VA_ARGS__ };                                       \
                                                                                                   \
                return run_tests(argc, argv, tests, ELEMENTSOF(tests));                            \
        }
