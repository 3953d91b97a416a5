/* SPDX-License-Identifier: MIT */
#pragma once

/* What the measuring programs have in common: the raw clock, and what many numbers come to. */

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline int64_t now_nsec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC_RAW, &now);
        return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Who is the next in a round of n: another one begins each round, since to be the first is not the
 * same as to be the last. */
static inline int turn_of(int i, size_t round, int n) {
        return (int) (((size_t) i + round) % (size_t) n);
}

static inline int64_t *samples_new(size_t n) {
        int64_t *samples = calloc(n, sizeof(int64_t));

        if (!samples)
                err(EXIT_FAILURE, "no memory");
        return samples;
}

static inline int samples_compare(const void *a, const void *b) {
        int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

        return (x > y) - (x < y);
}

/* Sorts them, and returns the one below which so many of a hundred are. */
static inline int64_t samples_percentile(int64_t *samples, size_t n, size_t percent) {
        qsort(samples, n, sizeof(int64_t), samples_compare);
        return samples[n * percent / 100];
}

/* How long something takes that is long enough to be disturbed more often than not, if the machine
 * has other things to do: these only ever make it longer. */
static inline int64_t samples_undisturbed(int64_t *samples, size_t n) {
        return samples_percentile(samples, n, 10);
}
