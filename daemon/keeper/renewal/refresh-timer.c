/* SPDX-License-Identifier: MIT */

#include "keeper/renewal/refresh-timer.h"

#include "common/condition.h"

struct RefreshTimer {
        RefreshTimerFn fn;
        void *userdata;
        uint64_t seed;

        GrantTimes times;
        bool end_moved;
        Backoff backoff;
        int condition;        /* why the last attempt failed; 0: it did not */
        int64_t last_attempt; /* UTC seconds; 0: never */

        bool paused;
        bool held; /* until the keyring can keep a new grant */
        bool on_demand;
        int64_t next; /* UTC seconds; 0: none */
        Alarm *alarm;
};

/* FNV-1a. Ids are random already and only have to become a number. */
static uint64_t refresh_timer_seed(const char *id) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (; *id; id++)
                hash = (hash ^ (unsigned char) *id) * UINT64_C(0x100000001b3);
        return hash;
}

static void refresh_timer_on_alarm(void *userdata) {
        RefreshTimer *t = userdata;

        t->fn(t->userdata);
}

int refresh_timer_new(sd_event *event, const char *account_id, RefreshTimerFn fn, void *userdata,
                      RefreshTimer **ret) {
        _cleanup_(refresh_timer_freep) RefreshTimer *t = NULL;
        int r;

        t = malloc(sizeof(RefreshTimer));
        if (!t)
                return -ENOMEM;

        *t = (RefreshTimer){
                .fn = fn,
                .userdata = userdata,
                .seed = refresh_timer_seed(account_id),
                .paused = true,
        };

        r = alarm_new(event, "refresh-timer", refresh_timer_on_alarm, t, &t->alarm);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t);
        return 0;
}

RefreshTimer *refresh_timer_free(RefreshTimer *t) {
        if (!t)
                return NULL;

        alarm_free(t->alarm);
        free(t);
        return NULL;
}

static int64_t refresh_timer_next_attempt(const RefreshTimer *t, int64_t now) {
        int64_t last_call = schedule_last_call(t->times), next;

        next = t->held ? MAX_OF(now, last_call)
                       : schedule_next(t->times, &t->backoff, now, t->seed);

        /* Whatever is wrong with the keyring, the last call must not be missed. */
        if (condition_is_of_keyring(t->condition) && now < last_call)
                next = MIN_OF(next, last_call);

        if (t->on_demand)
                next = MIN_OF(next, MAX_OF(now, schedule_earliest_on_demand(&t->backoff,
                                                                            t->last_attempt, now)));

        /* Even a server whose tokens expire at once is not asked without a pause. */
        if (t->last_attempt > 0 && t->last_attempt <= now)
                next = MAX_OF(next, t->last_attempt + schedule_shortest_pause(t->times));
        return next;
}

/* One alarm rings for the next attempt and for the end of life, whichever comes first. */
void refresh_timer_rearm(RefreshTimer *t) {
        int64_t now = clock_now(), at = INT64_MAX;

        t->next = t->paused ? 0 : refresh_timer_next_attempt(t, now);
        if (t->next == INT64_MAX)
                t->next = 0;
        if (t->next > 0)
                at = t->next;
        if (t->times.expires_at > now)
                at = MIN_OF(at, t->times.expires_at);

        if (at < INT64_MAX)
                (void) alarm_set_at(t->alarm, at);
        else
                alarm_off(t->alarm);
}

void refresh_timer_set_grant(RefreshTimer *t, GrantTimes times, bool end_moved) {
        t->times = times;
        t->end_moved = end_moved;
        backoff_reset(&t->backoff);
        t->condition = 0;
        t->on_demand = false;
        t->held = false;
        t->paused = false;
        refresh_timer_rearm(t);
}

void refresh_timer_pause(RefreshTimer *t) {
        t->paused = true;
        refresh_timer_rearm(t);
}

void refresh_timer_resume(RefreshTimer *t) {
        t->paused = false;
        refresh_timer_rearm(t);
}

void refresh_timer_attempt(RefreshTimer *t) {
        t->last_attempt = clock_now();
        t->on_demand = false;
        t->held = false;
        refresh_timer_pause(t);
}

bool refresh_timer_is_last_call(const RefreshTimer *t) {
        return clock_now() >= schedule_last_call(t->times);
}

void refresh_timer_fail(RefreshTimer *t, int condition, int64_t retry_after, bool daily) {
        (void) backoff_fail(&t->backoff, clock_now());
        t->backoff.retry_after = retry_after;
        t->backoff.daily = daily;
        t->condition = condition;
        /* An attempt that could not even be begun counts as well. */
        t->on_demand = false;
        t->held = false;
        t->paused = false;
        refresh_timer_rearm(t);
}

/* Counts as one failure, so that the present token is served and only an explicit request makes
 * another attempt. It never counts as more, since Yandex did not fail. */
void refresh_timer_hold(RefreshTimer *t, int condition) {
        backoff_reset(&t->backoff);
        refresh_timer_fail(t, condition, BACKOFF_NO_RETRY_AFTER, false);
        t->held = true;
        refresh_timer_rearm(t);
}

void refresh_timer_retry_now(RefreshTimer *t) {
        if (t->paused || t->backoff.count == 0 || t->backoff.daily)
                return;

        t->on_demand = true;
        refresh_timer_rearm(t);
}

int64_t refresh_timer_next(const RefreshTimer *t) {
        return t->next;
}

bool refresh_timer_is_due(const RefreshTimer *t) {
        return t->next > 0 && clock_now() >= t->next;
}

bool refresh_timer_is_over(const RefreshTimer *t) {
        return t->times.expires_at != GRANT_END_UNKNOWN && clock_now() >= t->times.expires_at;
}

unsigned refresh_timer_failures(const RefreshTimer *t) {
        return t->backoff.count;
}

int refresh_timer_condition(const RefreshTimer *t) {
        return t->condition;
}

bool refresh_timer_is_backing_off(const RefreshTimer *t) {
        return t->backoff.count > 0 && !refresh_timer_is_due(t);
}

bool refresh_timer_may_run_on_demand(const RefreshTimer *t) {
        int64_t now = clock_now();

        return now >= schedule_earliest_on_demand(&t->backoff, t->last_attempt, now);
}

bool refresh_timer_is_told_to_wait(const RefreshTimer *t) {
        int64_t now = clock_now();

        return now < schedule_earliest_on_demand(&t->backoff, 0, now);
}

bool refresh_timer_may_extend(const RefreshTimer *t) {
        return schedule_may_extend(t->times, t->end_moved, clock_now());
}
