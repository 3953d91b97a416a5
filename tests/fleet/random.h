/* SPDX-License-Identifier: MIT */
#pragma once

/* Chance that can be repeated: SplitMix64. Each machine has a stream of its own. */

#include <math.h>
#include <stdint.h>

typedef struct Random {
        uint64_t state;
} Random;

static inline uint64_t random_bits(Random *r) {
        uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);

        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

static inline Random random_stream(uint64_t seed, uint64_t number) {
        Random r = { .state = seed };

        r.state = random_bits(&r) ^ number;
        return (Random){ .state = random_bits(&r) };
}

/* A whole number in [low, high]. */
static inline int64_t random_between(Random *r, int64_t low, int64_t high) {
        return low + (int64_t) (random_bits(r) % ((uint64_t) (high - low) + 1));
}

/* A waiting time without memory. */
static inline int64_t random_wait(Random *r, int64_t mean) {
        double uniform = ((double) (random_bits(r) >> 11) + 0.5) * 0x1p-53;

        return (int64_t) (-log(uniform) * (double) mean);
}
