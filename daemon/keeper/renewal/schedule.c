/* SPDX-License-Identifier: MIT */

#include "keeper/renewal/schedule.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define DUE_EARLIEST (75 * DAY)
#define DUE_LATEST   (90 * DAY)

/* How long a machine may be off without losing its sign-in, if the grant lives long enough. */
#define ABSENCE (60 * DAY)

#define LAST_CALL_MAX (30 * DAY)

#define MIN_VALID_DEFAULT MINUTE

static int64_t schedule_life(GrantTimes times) {
        return times.expires_at - times.obtained_at;
}

/* Returns the first and the last moment to renew a life, counted from its beginning. A long life
 * leaves room for a machine that is off for two months or, if it is too short for that, two thirds
 * of itself. */
static void schedule_window(int64_t whole, int64_t *ret_first, int64_t *ret_last) {
        int64_t first, last;

        if (whole >= ABSENCE) {
                last = MIN_OF(MAX_OF(whole - ABSENCE, whole / 3), DUE_LATEST);
                first = MIN_OF(last - last / 6, DUE_EARLIEST);
        } else {
                last = whole - whole / 12 - 1;
                first = whole - whole / 3;
        }

        *ret_last = MAX_OF(last, 0);
        *ret_first = MIN_OF(first, *ret_last);
}

int64_t schedule_due(GrantTimes times, int64_t now, uint64_t seed) {
        int64_t first = BACKOFF_DAILY_EARLIEST, last = BACKOFF_DAILY_LATEST;

        if (backoff_is_from_future(times.obtained_at, now))
                return now;

        if (times.expires_at != GRANT_END_UNKNOWN)
                schedule_window(MAX_OF(schedule_life(times), 0), &first, &last);

        return times.obtained_at + backoff_jitter(first, last, seed, (uint64_t) times.obtained_at);
}

int64_t schedule_next(GrantTimes times, const Backoff *backoff, int64_t now, uint64_t seed) {
        return backoff->count > 0 ? backoff_next(backoff, now, seed)
                                  : schedule_due(times, now, seed);
}

int64_t schedule_last_call(GrantTimes times) {
        if (times.expires_at == GRANT_END_UNKNOWN)
                return INT64_MAX;

        return times.expires_at -
               MAX_OF(MIN_OF(schedule_life(times) / 10, LAST_CALL_MAX), INT64_C(1));
}

int64_t schedule_shortest_pause(GrantTimes times) {
        if (times.expires_at == GRANT_END_UNKNOWN)
                return SCHEDULE_ATTEMPT_INTERVAL;

        return MAX_OF(MIN_OF(schedule_life(times) / 2, SCHEDULE_ATTEMPT_INTERVAL), INT64_C(1));
}

int64_t schedule_earliest_on_demand(const Backoff *backoff, int64_t last_attempt, int64_t now) {
        int64_t earliest = 0;

        /* An attempt in the future was dated by a wrong clock. */
        if (last_attempt > 0 && last_attempt <= now)
                earliest = last_attempt + SCHEDULE_ATTEMPT_INTERVAL;
        if (backoff->count > 0 && backoff->retry_after >= 0 && backoff->at <= now)
                earliest = MAX_OF(earliest, backoff->at + MIN_OF(backoff->retry_after,
                                                                 BACKOFF_RETRY_AFTER_MAX));
        return earliest;
}

int64_t schedule_default_min_valid(GrantTimes times) {
        if (times.expires_at == GRANT_END_UNKNOWN)
                return 0;

        return MAX_OF(MIN_OF(schedule_life(times) / 10, MIN_VALID_DEFAULT), 0);
}

bool schedule_is_good_for(GrantTimes times, int64_t now, int64_t min_valid) {
        if (times.expires_at == GRANT_END_UNKNOWN)
                return true;
        if (times.expires_at <= now)
                return false;
        if (times.expires_at - now >= min_valid)
                return true;

        return min_valid > schedule_life(times) && now >= times.obtained_at &&
               now - times.obtained_at <= schedule_life(times) / 10;
}

bool schedule_may_extend(GrantTimes times, bool end_moved, int64_t now) {
        if (end_moved || times.expires_at == GRANT_END_UNKNOWN)
                return true;

        return times.expires_at - now <= DAY || now - times.obtained_at >= DAY ||
               backoff_is_from_future(times.obtained_at, now);
}
