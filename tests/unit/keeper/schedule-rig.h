/* SPDX-License-Identifier: MIT */
#pragma once

/* Units of time, moments, and numbers that look random but are the same in every run. */

#include "check.h"
#include "keeper/renewal/schedule.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

/* 2026-01-01, 2038-01-19 03:14:08, 2106-02-07, 9999-12-31. */
#define IN_2026 INT64_C(1767225600)
#define IN_2038 INT64_C(2147483648)
#define IN_2106 INT64_C(4294967296)
#define IN_9999 INT64_C(253402214400)

/* xorshift64* */
static inline uint64_t next_random(uint64_t *state) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * UINT64_C(2685821657736338717);
}

/* All magnitudes are equally likely: numbers of one digit as well as of ten. */
static inline int64_t next_magnitude(uint64_t *state, unsigned bits) {
        uint64_t r = next_random(state);

        return (int64_t) (next_random(state) >> 1 >> (63 - r % (bits + 1)));
}

/* Makes a seed out of a number. Each way is one in which seeds could be poor. */
typedef enum SeedKind {
        SEED_RANDOM,
        SEED_SEQUENTIAL,
        SEED_STEPS_OF_256,
        SEED_HIGH_BITS,
        _SEED_KIND_MAX
} SeedKind;

static inline uint64_t make_seed(SeedKind kind, uint64_t n) {
        uint64_t state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

        switch (kind) {
        case SEED_RANDOM:
                return next_random(&state);
        case SEED_SEQUENTIAL:
                return n;
        case SEED_STEPS_OF_256:
                return n << 8;
        case SEED_HIGH_BITS:
                return n << 44;
        case _SEED_KIND_MAX:
                break;
        }
        abort();
}

#define BUCKETS 100
#define SAMPLES 100000

/* Whether the counts are what an even spread gives: chi-square with 99 degrees of freedom, which
 * chance brings above 160 once in ten thousand times (the seeds are fixed, so it is always or
 * never), and below 40, too even to be random, far more seldom. */
static inline void check_even(const unsigned buckets[BUCKETS]) {
        double expected = (double) SAMPLES / BUCKETS, chi_square = 0;

        for (unsigned i = 0; i < BUCKETS; i++) {
                double off = buckets[i] - expected;

                chi_square += off * off / expected;
        }
        check(chi_square < 160);
        check(chi_square > 40);
}

static inline void count_into(unsigned buckets[BUCKETS], int64_t value, int64_t low, int64_t high) {
        check_within(value, low, high);
        buckets[(value - low) * BUCKETS / (high - low + 1)]++;
}
