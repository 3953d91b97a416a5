/* SPDX-License-Identifier: MIT */

#include "keeper/renewal/schedule.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define DUE_EARLIEST (75 * DAY)
#define DUE_LATEST   (90 * DAY)

/* How long a machine may be off without losing its sign-in, if the grant lives long enough. */
#define ABSENCE (60 * DAY)

#define DAILY_EARLIEST (20 * HOUR)
#define DAILY_LATEST   DAY

#define BACKOFF_FIRST   (30 * INT64_C(1))
#define BACKOFF_MAX     HOUR
#define RETRY_AFTER_MAX DAY

#define LAST_CALL_MAX (30 * DAY)

#define MIN_VALID_DEFAULT MINUTE

/* A small correction of the clock is no reason to ask Yandex. */
#define CLOCK_TOLERANCE HOUR

/* The finaliser of SplitMix64: neighbouring inputs give unrelated outputs that are evenly spread. */
static uint64_t schedule_mix(uint64_t x) {
        x += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

/* Returns a whole number in [low, high] that depends on both seeds. */
static int64_t schedule_pick(int64_t low, int64_t high, uint64_t seed, uint64_t event) {
        uint64_t span = (uint64_t) (high - low) + 1;

        return low + (int64_t) (schedule_mix(seed ^ schedule_mix(event)) % span);
}

static int64_t schedule_life(GrantTimes times) {
        return times.expires_at - times.obtained_at;
}

static bool schedule_is_from_future(int64_t at, int64_t now) {
        return at - CLOCK_TOLERANCE > now;
}

/* Returns the first and the last moment to renew a life, counted from its beginning. A long life leaves room for a
 * machine that is off for two months or, if it is too short for that, two thirds of itself. */
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
        int64_t first = DAILY_EARLIEST, last = DAILY_LATEST;

        if (schedule_is_from_future(times.obtained_at, now))
                return now;

        if (times.expires_at != GRANT_END_UNKNOWN)
                schedule_window(MAX_OF(schedule_life(times), 0), &first, &last);

        return times.obtained_at + schedule_pick(first, last, seed, (uint64_t) times.obtained_at);
}

static int64_t schedule_backoff_ceiling(unsigned count) {
        int64_t ceiling = BACKOFF_FIRST;

        while (--count > 0 && ceiling < BACKOFF_MAX)
                ceiling *= 2;
        return MIN_OF(ceiling, BACKOFF_MAX);
}

int64_t schedule_retry(const ScheduleFailure *failure, int64_t now, uint64_t seed) {
        int64_t at = schedule_is_from_future(failure->at, now) ? now : failure->at;
        uint64_t event = (uint64_t) failure->at ^ failure->count;
        int64_t named, spread, delay;

        if (failure->daily)
                return at + schedule_pick(DAILY_EARLIEST, DAILY_LATEST, seed, event);

        delay = schedule_pick(SCHEDULE_ATTEMPT_INTERVAL, schedule_backoff_ceiling(failure->count),
                              seed, event);
        if (failure->retry_after < 0)
                return at + delay;

        /* The server may have named the same moment to every client, so spread from there, as widely as it is away. */
        named = MIN_OF(failure->retry_after, RETRY_AFTER_MAX);
        spread = MAX_OF(MIN_OF(named, BACKOFF_MAX), BACKOFF_FIRST);
        return at + MAX_OF(named + schedule_pick(0, spread, seed, event), delay);
}

int64_t schedule_next(GrantTimes times, const ScheduleFailure *failure, int64_t now,
                      uint64_t seed) {
        return failure->count > 0 ? schedule_retry(failure, now, seed)
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

int64_t schedule_earliest_on_demand(const ScheduleFailure *failure, int64_t last_attempt,
                                    int64_t now) {
        int64_t earliest = 0;

        /* An attempt in the future was dated by a wrong clock. */
        if (last_attempt > 0 && last_attempt <= now)
                earliest = last_attempt + SCHEDULE_ATTEMPT_INTERVAL;
        if (failure->count > 0 && failure->retry_after >= 0 && failure->at <= now)
                earliest = MAX_OF(earliest,
                                  failure->at + MIN_OF(failure->retry_after, RETRY_AFTER_MAX));
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
               schedule_is_from_future(times.obtained_at, now);
}
