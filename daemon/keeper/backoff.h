/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * When to try again what has failed: a pure value, without a clock or an alarm. The same arguments
 * give the same answer, so after a step of the clock or a restart the caller simply asks again.
 *
 * All times are in UTC seconds and all durations in seconds. The seed differs between accounts, so
 * that a million machines do not ask Yandex at once.
 */

#include <stdbool.h>
#include <stdint.h>

/* As HTTP_NO_RETRY_AFTER. */
#define BACKOFF_NO_RETRY_AFTER INT64_C(-1)

/* The shortest time between two attempts. */
#define BACKOFF_SHORTEST INT64_C(10)

/* A time that the server names counts up to this. */
#define BACKOFF_RETRY_AFTER_MAX (INT64_C(24) * 60 * 60)

#define BACKOFF_DAILY_EARLIEST (INT64_C(20) * 60 * 60)
#define BACKOFF_DAILY_LATEST   (INT64_C(24) * 60 * 60)

/* The failures since the last success; none if count is 0. */
typedef struct Backoff {
        unsigned count;      /* failures in a row */
        int64_t at;          /* when the last one happened */
        int64_t retry_after; /* seconds that the server named then, or BACKOFF_NO_RETRY_AFTER */
        bool daily;          /* a refusal that hardly passes, so once a day is enough */
} Backoff;

/* Forgets all failures. */
void backoff_reset(Backoff *b);

/* Counts a failure that happened now, for which no server named a time. Returns when to try again,
 * with the moment as the seed. */
int64_t backoff_fail(Backoff *b, int64_t now);

/* Returns when to try again: after at least BACKOFF_SHORTEST and at most 30 s, which doubles with
 * each failure up to an hour, with full jitter. If the server named a time, after that, spread over
 * as long again, but at most over an hour. */
int64_t backoff_next(const Backoff *b, int64_t now, uint64_t seed);

/* Returns a whole number in [low, high] that depends on both seeds. */
int64_t backoff_jitter(int64_t low, int64_t high, uint64_t seed, uint64_t event);

/* Whether the time was taken from a clock that was wrong. A small correction of the clock does not
 * count. */
bool backoff_is_from_future(int64_t at, int64_t now);
