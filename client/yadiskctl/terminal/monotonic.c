/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/monotonic.h"

#include <time.h>

uint64_t monotonic_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * USEC_PER_SEC + (uint64_t) t.tv_nsec / 1000;
}
