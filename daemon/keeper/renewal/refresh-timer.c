/* SPDX-License-Identifier: MIT */

#include "keeper/renewal/refresh-timer.h"

#include "common/condition.h"

struct Planner {
        PlannerFn fn;
        void *userdata;
        uint64_t seed;

        GrantTimes times;
        bool end_moved;
        ScheduleFailure failure;
        int condition;
        int64_t last_attempt; /* UTC seconds; 0: never */

        bool paused;
        bool held; /* by the keyring */
        bool hurried;
        int64_t next; /* UTC seconds; 0: none */
        Alarm *alarm;
};

/* FNV-1a: ids are random already, they only have to become a number. */
static uint64_t seed_from_id(const char *id) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (; *id; id++)
                hash = (hash ^ (unsigned char) *id) * UINT64_C(0x100000001b3);
        return hash;
}

static void on_alarm(void *userdata) {
        Planner *p = userdata;

        p->fn(p->userdata);
}

int planner_new(sd_event *event, const char *account_id, PlannerFn fn, void *userdata,
                Planner **ret) {
        _cleanup_(planner_freep) Planner *p = NULL;
        int r;

        p = malloc(sizeof(Planner));
        if (!p)
                return -ENOMEM;

        *p = (Planner){
                .fn = fn,
                .userdata = userdata,
                .seed = seed_from_id(account_id),
                .paused = true,
        };

        r = alarm_new(event, "account-plan", on_alarm, p, &p->alarm);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Planner *planner_free(Planner *p) {
        if (!p)
                return NULL;

        alarm_free(p->alarm);
        free(p);
        return NULL;
}

static int64_t next_attempt(const Planner *p, int64_t now) {
        int64_t last_call = schedule_last_call(p->times), next;

        next = p->held ? MAX_OF(now, last_call)
                       : schedule_next(p->times, &p->failure, now, p->seed);

        /* Whatever is wrong with the keyring, the last call is not to be missed. */
        if (condition_is_of_keyring(p->condition) && now < last_call)
                next = MIN_OF(next, last_call);

        if (p->hurried)
                next = MIN_OF(next, MAX_OF(now, schedule_earliest_wish(&p->failure, p->last_attempt,
                                                                       now)));

        /* A server whose tokens end at once is not to be asked without end. */
        if (p->last_attempt > 0 && p->last_attempt <= now)
                next = MAX_OF(next, p->last_attempt + schedule_shortest_pause(p->times));
        return next;
}

/* One alarm rings for both: the next attempt, and the end of life while that lies ahead. */
static void arm(Planner *p) {
        int64_t now = clock_now(), at = INT64_MAX;

        p->next = p->paused ? 0 : next_attempt(p, now);
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

void planner_set_grant(Planner *p, GrantTimes times, bool end_moved) {
        p->times = times;
        p->end_moved = end_moved;
        p->failure = (ScheduleFailure){};
        p->condition = 0;
        p->hurried = false;
        p->held = false;
        p->paused = false;
        arm(p);
}

void planner_pause(Planner *p) {
        p->paused = true;
        arm(p);
}

void planner_resume(Planner *p) {
        p->paused = false;
        arm(p);
}

void planner_attempt(Planner *p) {
        p->last_attempt = clock_now();
        p->hurried = false;
        p->held = false;
        planner_pause(p);
}

/* As one failure, so that what is there is served and nobody asks again by himself; but Yandex is not to
 * blame for it, so there are never more of them. */
void planner_hold(Planner *p, int condition) {
        p->held = true;
        p->hurried = false;
        p->failure = (ScheduleFailure){};
        planner_fail(p, condition, SCHEDULE_NO_RETRY_AFTER, false);
}

bool planner_is_last_call(const Planner *p) {
        return clock_now() >= schedule_last_call(p->times);
}

void planner_fail(Planner *p, int condition, int64_t retry_after, bool daily) {
        p->failure = (ScheduleFailure){
                .count = p->failure.count + 1,
                .at = clock_now(),
                .retry_after = retry_after,
                .daily = daily,
        };
        p->condition = condition;
        p->paused = false;
        arm(p);
}

void planner_replan(Planner *p) {
        arm(p);
}

void planner_hurry(Planner *p) {
        if (p->paused || p->failure.count == 0 || p->failure.daily)
                return;

        p->hurried = true;
        arm(p);
}

int64_t planner_next(const Planner *p) {
        return p->next;
}

bool planner_is_due(const Planner *p) {
        return p->next > 0 && clock_now() >= p->next;
}

bool planner_is_over(const Planner *p) {
        return p->times.expires_at != GRANT_END_UNKNOWN && clock_now() >= p->times.expires_at;
}

unsigned planner_failures(const Planner *p) {
        return p->failure.count;
}

int planner_condition(const Planner *p) {
        return p->condition;
}

bool planner_is_backing_off(const Planner *p) {
        return p->failure.count > 0 && !planner_is_due(p);
}

bool planner_may_wish(const Planner *p) {
        int64_t now = clock_now();

        return now >= schedule_earliest_wish(&p->failure, p->last_attempt, now);
}

bool planner_is_told_to_wait(const Planner *p) {
        int64_t now = clock_now();

        return now < schedule_earliest_wish(&p->failure, 0, now);
}

bool planner_may_extend(const Planner *p) {
        return schedule_may_extend(p->times, p->end_moved, clock_now());
}
