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
        RefreshTimer *p = userdata;

        p->fn(p->userdata);
}

int refresh_timer_new(sd_event *event, const char *account_id, RefreshTimerFn fn, void *userdata,
                      RefreshTimer **ret) {
        _cleanup_(refresh_timer_freep) RefreshTimer *p = NULL;
        int r;

        p = malloc(sizeof(RefreshTimer));
        if (!p)
                return -ENOMEM;

        *p = (RefreshTimer){
                .fn = fn,
                .userdata = userdata,
                .seed = refresh_timer_seed(account_id),
                .paused = true,
        };

        r = alarm_new(event, "refresh-timer", refresh_timer_on_alarm, p, &p->alarm);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

RefreshTimer *refresh_timer_free(RefreshTimer *p) {
        if (!p)
                return NULL;

        alarm_free(p->alarm);
        free(p);
        return NULL;
}

static int64_t refresh_timer_next_attempt(const RefreshTimer *p, int64_t now) {
        int64_t last_call = schedule_last_call(p->times), next;

        next = p->held ? MAX_OF(now, last_call)
                       : schedule_next(p->times, &p->backoff, now, p->seed);

        /* Whatever is wrong with the keyring, the last call must not be missed. */
        if (condition_is_of_keyring(p->condition) && now < last_call)
                next = MIN_OF(next, last_call);

        if (p->on_demand)
                next = MIN_OF(next, MAX_OF(now, schedule_earliest_on_demand(&p->backoff,
                                                                            p->last_attempt, now)));

        /* Even a server whose tokens expire at once is not asked without a pause. */
        if (p->last_attempt > 0 && p->last_attempt <= now)
                next = MAX_OF(next, p->last_attempt + schedule_shortest_pause(p->times));
        return next;
}

/* One alarm rings for the next attempt and for the end of life, whichever comes first. */
void refresh_timer_rearm(RefreshTimer *p) {
        int64_t now = clock_now(), at = INT64_MAX;

        p->next = p->paused ? 0 : refresh_timer_next_attempt(p, now);
        if (p->next == INT64_MAX)
                p->next = 0;
        if (p->next > 0)
                at = p->next;
        if (p->times.expires_at > now)
                at = MIN_OF(at, p->times.expires_at);

        if (at < INT64_MAX)
                (void) alarm_set_at(p->alarm, at);
        else
                alarm_off(p->alarm);
}

void refresh_timer_set_grant(RefreshTimer *p, GrantTimes times, bool end_moved) {
        p->times = times;
        p->end_moved = end_moved;
        backoff_reset(&p->backoff);
        p->condition = 0;
        p->on_demand = false;
        p->held = false;
        p->paused = false;
        refresh_timer_rearm(p);
}

void refresh_timer_pause(RefreshTimer *p) {
        p->paused = true;
        refresh_timer_rearm(p);
}

void refresh_timer_resume(RefreshTimer *p) {
        p->paused = false;
        refresh_timer_rearm(p);
}

void refresh_timer_attempt(RefreshTimer *p) {
        p->last_attempt = clock_now();
        p->on_demand = false;
        p->held = false;
        refresh_timer_pause(p);
}

bool refresh_timer_is_last_call(const RefreshTimer *p) {
        return clock_now() >= schedule_last_call(p->times);
}

void refresh_timer_fail(RefreshTimer *p, int condition, int64_t retry_after, bool daily) {
        (void) backoff_fail(&p->backoff, clock_now());
        p->backoff.retry_after = retry_after;
        p->backoff.daily = daily;
        p->condition = condition;
        /* An attempt that could not even be begun counts as well. */
        p->on_demand = false;
        p->held = false;
        p->paused = false;
        refresh_timer_rearm(p);
}

/* Counts as one failure, so that the present token is served and only an explicit request makes
 * another attempt. It never counts as more, since Yandex did not fail. */
void refresh_timer_hold(RefreshTimer *p, int condition) {
        backoff_reset(&p->backoff);
        refresh_timer_fail(p, condition, BACKOFF_NO_RETRY_AFTER, false);
        p->held = true;
        refresh_timer_rearm(p);
}

void refresh_timer_retry_now(RefreshTimer *p) {
        if (p->paused || p->backoff.count == 0 || p->backoff.daily)
                return;

        p->on_demand = true;
        refresh_timer_rearm(p);
}

int64_t refresh_timer_next(const RefreshTimer *p) {
        return p->next;
}

bool refresh_timer_is_due(const RefreshTimer *p) {
        return p->next > 0 && clock_now() >= p->next;
}

bool refresh_timer_is_over(const RefreshTimer *p) {
        return p->times.expires_at != GRANT_END_UNKNOWN && clock_now() >= p->times.expires_at;
}

unsigned refresh_timer_failures(const RefreshTimer *p) {
        return p->backoff.count;
}

int refresh_timer_condition(const RefreshTimer *p) {
        return p->condition;
}

bool refresh_timer_is_backing_off(const RefreshTimer *p) {
        return p->backoff.count > 0 && !refresh_timer_is_due(p);
}

bool refresh_timer_may_run_on_demand(const RefreshTimer *p) {
        int64_t now = clock_now();

        return now >= schedule_earliest_on_demand(&p->backoff, p->last_attempt, now);
}

bool refresh_timer_is_told_to_wait(const RefreshTimer *p) {
        int64_t now = clock_now();

        return now < schedule_earliest_on_demand(&p->backoff, 0, now);
}

bool refresh_timer_may_extend(const RefreshTimer *p) {
        return schedule_may_extend(p->times, p->end_moved, clock_now());
}
