/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether something is to be logged: once a minute, however often it happens. */

#include <stdint.h>
#include <time.h>

#include "common/util.h"

/* *last is 0 at first, then the time when this last returned true. */
static inline bool seldom(uint64_t *last) {
        struct timespec now;
        uint64_t seconds;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        seconds = (uint64_t) now.tv_sec + 1;
        if (*last > 0 && seconds < *last + 60)
                return false;

        *last = seconds;
        return true;
}
