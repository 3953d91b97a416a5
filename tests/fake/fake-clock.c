/* SPDX-License-Identifier: MIT */

#include "fake-clock.h"

#include <stdio.h>
#include <sys/queue.h>

/* So many rings or events without time passing are a loop without end. */
#define RINGS_MAX  10000
#define EVENTS_MAX 1000000

/* Further ahead than this, in seconds, nobody lets time pass. */
#define FAR_AHEAD INT64_C(1000000000000)

struct Alarm {
        LIST_ENTRY(Alarm) entry;
        AlarmFn fn;
        void *userdata;
        enum {
                OFF,
                WALL,
                DELAY,
        } mode;
        int64_t due_ms; /* by that clock */
        uint64_t order; /* in which they were set */
};

struct ClockWatch {
        LIST_ENTRY(ClockWatch) entry;
        void (*fn)(void *userdata);
        void *userdata;
        bool told;
};

static LIST_HEAD(, Alarm) alarms = LIST_HEAD_INITIALIZER(alarms);
static LIST_HEAD(, ClockWatch) watches = LIST_HEAD_INITIALIZER(watches);
static int64_t monotonic_ms = 1000, wall_offset_ms;
static uint64_t n_set;

static void insist(bool so, const char *what) {
        if (so)
                return;

        fprintf(stderr, "fake-clock: %s\n", what);
        abort();
}

static int64_t due_monotonic_ms(const Alarm *a) {
        return a->mode == WALL ? a->due_ms - wall_offset_ms : a->due_ms;
}

static Alarm *find_next(void) {
        Alarm *a, *next = NULL;

        LIST_FOREACH(a, &alarms, entry) {
                if (a->mode == OFF)
                        continue;
                if (!next || due_monotonic_ms(a) < due_monotonic_ms(next) ||
                    (due_monotonic_ms(a) == due_monotonic_ms(next) && a->order < next->order))
                        next = a;
        }
        return next;
}

static void run_loop(sd_event *event) {
        unsigned n = 0;

        while (sd_event_run(event, 0) > 0)
                insist(++n < EVENTS_MAX, "the loop does not come to rest");
}

static bool tell_watches(sd_event *event) {
        ClockWatch *w;

        LIST_FOREACH(w, &watches, entry)
                if (!w->told) {
                        w->told = true;
                        w->fn(w->userdata);
                        run_loop(event);
                        return true;
                }
        return false;
}

/* Until nothing is due at that moment any more. */
static void settle(sd_event *event) {
        unsigned n = 0;
        Alarm *a;

        run_loop(event);
        for (;;) {
                insist(++n < RINGS_MAX, "an alarm rings without end");
                if (tell_watches(event))
                        continue;

                a = find_next();
                if (!a || due_monotonic_ms(a) > monotonic_ms)
                        return;

                a->mode = OFF;
                a->fn(a->userdata);
                run_loop(event);
        }
}

void fake_clock_reset(int64_t now) {
        insist(LIST_EMPTY(&alarms), "an alarm is left");
        insist(LIST_EMPTY(&watches), "a watch is left");
        wall_offset_ms = now * 1000 - monotonic_ms;
}

void fake_clock_run(sd_event *event) {
        settle(event);
}

void fake_clock_pass_ms(sd_event *event, int64_t ms) {
        int64_t end = monotonic_ms + ms;

        settle(event);
        for (Alarm *a; (a = find_next()) && due_monotonic_ms(a) <= end;) {
                monotonic_ms = due_monotonic_ms(a);
                settle(event);
        }
        monotonic_ms = end;
        settle(event);
}

void fake_clock_pass(sd_event *event, int64_t seconds) {
        fake_clock_pass_ms(event, seconds * 1000);
}

void fake_clock_pass_unseen_ms(int64_t ms) {
        monotonic_ms += ms;
}

void fake_clock_step(int64_t seconds) {
        ClockWatch *w;

        wall_offset_ms += seconds * 1000;
        LIST_FOREACH(w, &watches, entry)
                w->told = false;
}

unsigned fake_clock_n_armed(void) {
        unsigned n = 0;
        Alarm *a;

        LIST_FOREACH(a, &alarms, entry)
                n += a->mode != OFF;
        return n;
}

int64_t clock_now(void) {
        int64_t ms = monotonic_ms + wall_offset_ms;

        return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

int64_t clock_monotonic_ms(void) {
        return monotonic_ms;
}

int alarm_new(sd_event *event, const char *description, AlarmFn fn, void *userdata, Alarm **ret) {
        Alarm *a = calloc(1, sizeof(Alarm));

        if (!a)
                return -ENOMEM;

        *a = (Alarm){ .fn = fn, .userdata = userdata };
        LIST_INSERT_HEAD(&alarms, a, entry);
        *ret = a;
        return 0;
}

Alarm *alarm_free(Alarm *a) {
        if (!a)
                return NULL;

        LIST_REMOVE(a, entry);
        free(a);
        return NULL;
}

int alarm_set_at(Alarm *a, int64_t at) {
        a->mode = WALL;
        a->due_ms = MAX_OF(MIN_OF(at, FAR_AHEAD), 0) * 1000;
        a->order = ++n_set;
        return 0;
}

int alarm_set_after(Alarm *a, uint64_t delay_ms) {
        insist(delay_ms < (uint64_t) FAR_AHEAD, "a delay is absurd");
        a->mode = DELAY;
        a->due_ms = monotonic_ms + (int64_t) delay_ms;
        a->order = ++n_set;
        return 0;
}

void alarm_off(Alarm *a) {
        a->mode = OFF;
}

int clock_watch_new(sd_event *event, void (*fn)(void *userdata), void *userdata, ClockWatch **ret) {
        ClockWatch *w = calloc(1, sizeof(ClockWatch));

        if (!w)
                return -ENOMEM;

        *w = (ClockWatch){ .fn = fn, .userdata = userdata, .told = true };
        LIST_INSERT_HEAD(&watches, w, entry);
        *ret = w;
        return 0;
}

ClockWatch *clock_watch_free(ClockWatch *w) {
        if (!w)
                return NULL;

        LIST_REMOVE(w, entry);
        free(w);
        return NULL;
}
