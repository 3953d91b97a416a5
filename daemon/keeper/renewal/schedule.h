/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * When to refresh: pure functions of times. The same arguments give the same answer, so after a
 * step of the clock or a restart the caller simply asks again.
 *
 * All times are in UTC seconds and all durations in seconds. The seed differs between accounts, so
 * that a million machines do not ask Yandex at once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "keeper/backoff.h"
#include "model/grant.h"

/* The shortest time between two attempts for one account. */
#define SCHEDULE_ATTEMPT_INTERVAL BACKOFF_SHORTEST

/* Returns when the grant is due, which is always before its end and may lie in the past. A grant of
 * 60 days and more is due by day 90, and two months before its end or in the first third of its
 * life; a grant of one year is due between day 75 and day 90 (Yandex ID docs, refresh page: every
 * three months). A shorter grant is due at 2/3 to 11/12 of its life, and a grant without a known
 * end every day. A grant from the future was dated by a wrong clock and is due now. */
int64_t schedule_due(GrantTimes times, int64_t now, uint64_t seed);

/* Returns when to ask Yandex next: backoff_next() after a failure, otherwise schedule_due(). */
int64_t schedule_next(GrantTimes times, const Backoff *backoff, int64_t now, uint64_t seed);

/* Returns from when on a refresh is better than losing the sign-in, even if the keyring cannot keep
 * the new grant: the last tenth of the life, at most 30 days. Returns INT64_MAX if the end is not
 * known. */
int64_t schedule_last_call(GrantTimes times);

/* Returns the shortest time between two planned attempts: SCHEDULE_ATTEMPT_INTERVAL, or half the
 * grant's life if that is less, but at least a second. */
int64_t schedule_shortest_pause(GrantTimes times);

/* Returns the earliest time at which Yandex may be asked on demand (Refresh, force, the network
 * came back, the machine resumed). last_attempt: when the last attempt began; 0: never. */
int64_t schedule_earliest_on_demand(const Backoff *backoff, int64_t last_attempt, int64_t now);

/* Returns how long a token must still live if the caller does not say: 60 s, or a tenth of the
 * grant's life if that is less. */
int64_t schedule_default_min_valid(GrantTimes times);

/* Whether the grant can be served as it is to a caller who needs it for min_valid seconds. If even
 * a fresh grant could not live that long, one in the first tenth of its life will do. */
bool schedule_is_good_for(GrantTimes times, int64_t now, int64_t min_valid);

/* Whether a refresh may be tried without an explicit request. end_moved: whether the last refresh
 * moved the end of life; if it did not, one refresh a day is enough while more than a day is
 * left. */
bool schedule_may_extend(GrantTimes times, bool end_moved, int64_t now);
