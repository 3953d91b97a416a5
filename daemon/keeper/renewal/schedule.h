/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * When to refresh: pure functions of times. No I/O, no state; the same arguments give the same
 * answer, so that after a step of the clock or a restart everybody can simply ask again.
 *
 * All times are UTC seconds, all durations seconds. The seed tells accounts apart, so that a million
 * machines do not ask at once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/grant.h"

#define SCHEDULE_NO_RETRY_AFTER INT64_C(-1)

/* Not more often than this for one account, whoever asks. */
#define SCHEDULE_ATTEMPT_INTERVAL INT64_C(10)

/* What went wrong since the last success. count 0: nothing. */
typedef struct ScheduleFailure {
        unsigned count;      /* failures in a row */
        int64_t at;          /* when the last one happened */
        int64_t retry_after; /* what the server named then, or SCHEDULE_NO_RETRY_AFTER */
        bool daily;          /* not passing: ask once a day, the tokens being kept */
} ScheduleFailure;

/* When this grant is to be refreshed: always before its end. One of 60 days and more is refreshed by day
 * 90, and two months before its end or in the first third of its life; a year's between day 75 and day 90
 * (Yandex ID docs, refresh page: every three months). A shorter one at 2/3 to 11/12 of its life; without
 * a known end: daily. A grant from the future was dated by a wrong clock, and is due now. May lie in the
 * past. */
int64_t schedule_due(GrantTimes times, int64_t now, uint64_t seed);

/* When to try again: from 30 s, doubling, full jitter, at most an hour, not before
 * SCHEDULE_ATTEMPT_INTERVAL. Where the server named a time: from there on, spread over as long again, at
 * most an hour. */
int64_t schedule_retry(const ScheduleFailure *failure, int64_t now, uint64_t seed);

/* The two together: the next time to go to Yandex. */
int64_t schedule_next(GrantTimes times, const ScheduleFailure *failure, int64_t now, uint64_t seed);

/* From when on a refresh beats losing the sign-in, whether or not the keyring can keep what it brings: the
 * last tenth of the life, at most 30 days. INT64_MAX if the end is not known. */
int64_t schedule_last_call(GrantTimes times);

/* What lies at least between two attempts, whatever is planned: SCHEDULE_ATTEMPT_INTERVAL, or half the
 * grant's life where that is less, but a second. */
int64_t schedule_shortest_pause(GrantTimes times);

/* The earliest time at which an explicit wish (Refresh, force, the network came back, the machine
 * resumed) may go to Yandex again, where the last attempt began at last_attempt (0: never). */
int64_t schedule_earliest_on_demand(const ScheduleFailure *failure, int64_t last_attempt,
                                    int64_t now);

/* How long a token must still live where the caller does not say: 60 s, or a tenth of the grant's
 * life where that is less. */
int64_t schedule_default_min_valid(GrantTimes times);

/* Whether the grant can be served as it is to a caller who needs it for min_valid seconds. Where even a
 * fresh one could not live that long, a fresh one (in the first tenth of its life) will do. */
bool schedule_is_good_for(GrantTimes times, int64_t now, int64_t min_valid);

/* Whether a refresh that nobody asked for by name may be tried: after one that did not move the end
 * date, one a day is enough while more than a day is left. */
bool schedule_may_extend(GrantTimes times, bool end_moved, int64_t now);
