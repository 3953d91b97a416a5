/* SPDX-License-Identifier: MIT */

#include "keeper/backoff.h"

#include "common/util.h"

#define HOUR (INT64_C(60) * 60)

#define FIRST INT64_C(30)
#define MAX   HOUR

#define CLOCK_TOLERANCE HOUR

/* The finaliser of SplitMix64: neighbouring inputs give unrelated outputs that are evenly
 * spread. */
static uint64_t backoff_mix(uint64_t x) {
        x += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

int64_t backoff_jitter(int64_t low, int64_t high, uint64_t seed, uint64_t event) {
        uint64_t span = (uint64_t) (high - low) + 1;

        return low + (int64_t) (backoff_mix(seed ^ backoff_mix(event)) % span);
}

bool backoff_is_from_future(int64_t at, int64_t now) {
        return at - CLOCK_TOLERANCE > now;
}

void backoff_reset(Backoff *b) {
        *b = (Backoff){};
}

int64_t backoff_fail(Backoff *b, int64_t now) {
        *b = (Backoff){
                .count = b->count + 1,
                .at = now,
                .retry_after = BACKOFF_NO_RETRY_AFTER,
        };
        return backoff_next(b, now, (uint64_t) now);
}

static int64_t backoff_ceiling(unsigned count) {
        int64_t ceiling = FIRST;

        while (--count > 0 && ceiling < MAX)
                ceiling *= 2;
        return MIN_OF(ceiling, MAX);
}

int64_t backoff_next(const Backoff *b, int64_t now, uint64_t seed) {
        int64_t at = backoff_is_from_future(b->at, now) ? now : b->at;
        uint64_t event = (uint64_t) b->at ^ b->count;
        int64_t named, spread, delay;

        if (b->daily)
                return at +
                       backoff_jitter(BACKOFF_DAILY_EARLIEST, BACKOFF_DAILY_LATEST, seed, event);

        delay = backoff_jitter(BACKOFF_SHORTEST, backoff_ceiling(b->count), seed, event);
        if (b->retry_after < 0)
                return at + delay;

        /* Every machine was told the same moment: spread from there, as widely as it was far
         * away. */
        named = MIN_OF(b->retry_after, BACKOFF_RETRY_AFTER_MAX);
        spread = MAX_OF(MIN_OF(named, MAX), FIRST);
        return at + MAX_OF(named + backoff_jitter(0, spread, seed, event), delay);
}
