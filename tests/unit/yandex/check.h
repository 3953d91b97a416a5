/* SPDX-License-Identifier: MIT */
#pragma once

/* Assertions that stay in every build. */

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
                int64_t _a = (a), _b = (b);                                                        \
                                                                                                   \
                if (_a != _b) {                                                                    \
                        fprintf(stderr, "%s:%i: %s: %s is %" PRIi64 ", not %" PRIi64 "\n",         \
                                __FILE__, __LINE__, __func__, #a, _a, _b);                         \
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
