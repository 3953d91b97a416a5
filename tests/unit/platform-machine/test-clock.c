/* SPDX-License-Identifier: MIT */

/* The real clock: alarms that ring, once, and no earlier than they should. */

#include "check.h"
#include "platform/clock.h"

#define USEC_PER_MSEC 1000

/* Where nothing should happen, that long; where something should, at most so long. */
#define QUIET_MS  300
#define GIVE_UP_S 20

static sd_event *event;
static unsigned rings[2];
static int64_t rang_at_ms;
static Alarm *to_rearm;

static void begin(void) {
        check_int(sd_event_new(&event), 0);
        memset(rings, 0, sizeof(rings));
}

static void end(void) {
        event = sd_event_unref(event);
}

static void on_ring(void *userdata) {
        unsigned *n = userdata;

        ++*n;
        rang_at_ms = clock_monotonic_ms();
}

static void on_ring_and_rearm(void *userdata) {
        on_ring(userdata);
        if (rings[0] < 3)
                check_int(alarm_set_after(to_rearm, 20), 0);
}

static Alarm *new_alarm(unsigned *n) {
        Alarm *a = NULL;

        check_int(alarm_new(event, "test", on_ring, n, &a), 0);
        return a;
}

static void run_for(int64_t ms) {
        int64_t until = clock_monotonic_ms() + ms;

        for (int64_t left; (left = until - clock_monotonic_ms()) > 0;)
                check(sd_event_run(event, (uint64_t) left * USEC_PER_MSEC) >= 0);
}

static void run_until_rings(unsigned n) {
        int64_t until = clock_monotonic_ms() + GIVE_UP_S * 1000;

        while (rings[0] < n) {
                check(clock_monotonic_ms() < until);
                check(sd_event_run(event, 100 * USEC_PER_MSEC) >= 0);
        }
}

static void an_alarm_is_off_until_it_is_set(void) {
        _cleanup_(alarm_freep) Alarm *a = NULL;

        begin();
        a = new_alarm(&rings[0]);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        a = alarm_free(a);
        end();
}

static void a_delay_rings_once(void) {
        int64_t begun;
        Alarm *a;

        begin();
        a = new_alarm(&rings[0]);
        begun = clock_monotonic_ms();
        check_int(alarm_set_after(a, 100), 0);
        check_int(rings[0], 0);
        run_until_rings(1);
        check(rang_at_ms - begun >= 99);
        run_for(QUIET_MS);
        check_int(rings[0], 1);
        alarm_free(a);
        end();
}

static void a_past_time_rings_at_once_but_from_the_loop(void) {
        static const int64_t past[] = { 0, -1, INT64_MIN, 1000 };

        for (size_t i = 0; i < ELEMENTSOF(past); i++) {
                Alarm *a;

                begin();
                a = new_alarm(&rings[0]);
                check_int(alarm_set_at(a, past[i]), 0);
                check_int(rings[0], 0);
                run_until_rings(1);
                alarm_free(a);
                end();
        }
}

static void a_time_is_not_rung_before(void) {
        int64_t at;
        Alarm *a;

        begin();
        a = new_alarm(&rings[0]);
        at = clock_now() + 2;
        check_int(alarm_set_at(a, at), 0);
        run_until_rings(1);
        check_within(clock_now(), at, at + GIVE_UP_S);
        alarm_free(a);
        end();
}

static void a_time_far_ahead_does_not_ring(void) {
        static const int64_t far[] = {
                INT64_C(1) << 31, INT64_C(1) << 32,       INT64_C(1) << 40, INT64_C(1) << 53,
                INT64_MAX,        INT64_C(18446744073710) /* wraps around in microseconds */
        };

        for (size_t i = 0; i < ELEMENTSOF(far); i++) {
                Alarm *a;

                begin();
                a = new_alarm(&rings[0]);
                check_int(alarm_set_at(a, far[i]), 0);
                run_for(50);
                check_int(rings[0], 0);
                alarm_free(a);
                end();
        }
}

static void the_last_setting_counts(void) {
        Alarm *a;

        begin();
        a = new_alarm(&rings[0]);
        check_int(alarm_set_after(a, 10), 0);
        check_int(alarm_set_at(a, clock_now() + 3600), 0);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        check_int(alarm_set_at(a, 0), 0);
        check_int(alarm_set_after(a, 3600 * 1000), 0);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        check_int(alarm_set_at(a, 0), 0);
        run_until_rings(1);
        run_for(QUIET_MS);
        check_int(rings[0], 1);
        alarm_free(a);
        end();
}

static void an_alarm_can_be_turned_off(void) {
        Alarm *a;

        begin();
        a = new_alarm(&rings[0]);
        alarm_off(a);
        check_int(alarm_set_after(a, 10), 0);
        alarm_off(a);
        check_int(alarm_set_at(a, 0), 0);
        alarm_off(a);
        alarm_off(a);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        check_int(alarm_set_after(a, 10), 0);
        a = alarm_free(a);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        check(!alarm_free(NULL));
        end();
}

static void an_alarm_can_be_set_from_its_own_ring(void) {
        begin();
        check_int(alarm_new(event, "test", on_ring_and_rearm, &rings[0], &to_rearm), 0);
        check_int(alarm_set_after(to_rearm, 20), 0);
        run_until_rings(3);
        run_for(QUIET_MS);
        check_int(rings[0], 3);
        to_rearm = alarm_free(to_rearm);
        end();
}

static void alarms_do_not_know_each_other(void) {
        Alarm *a, *b;

        begin();
        a = new_alarm(&rings[0]);
        b = new_alarm(&rings[1]);
        check_int(alarm_set_after(a, 10), 0);
        check_int(alarm_set_after(b, 20), 0);
        alarm_off(b);
        run_until_rings(1);
        run_for(QUIET_MS);
        check_int(rings[1], 0);
        alarm_free(a);
        alarm_free(b);
        end();
}

static void the_clocks_go_on(void) {
        int64_t monotonic = clock_monotonic_ms();
        time_t before = time(NULL);
        struct timespec wait = { .tv_nsec = 20 * 1000 * 1000 };

        check_within(clock_now(), before, before + GIVE_UP_S);
        check_int(nanosleep(&wait, NULL), 0);
        check_within(clock_monotonic_ms() - monotonic, 19, GIVE_UP_S * 1000);
}

static void a_clock_nobody_sets_is_not_reported(void) {
        ClockWatch *w = NULL;

        begin();
        check_int(clock_watch_new(event, (void (*)(void *)) on_ring, &rings[0], &w), 0);
        run_for(QUIET_MS);
        check_int(rings[0], 0);
        check(!clock_watch_free(w));
        check(!clock_watch_free(NULL));
        end();
}

TEST_MAIN(TEST(an_alarm_is_off_until_it_is_set), TEST(a_delay_rings_once),
          TEST(a_past_time_rings_at_once_but_from_the_loop), TEST(a_time_is_not_rung_before),
          TEST(a_time_far_ahead_does_not_ring), TEST(the_last_setting_counts),
          TEST(an_alarm_can_be_turned_off), TEST(an_alarm_can_be_set_from_its_own_ring),
          TEST(alarms_do_not_know_each_other), TEST(the_clocks_go_on),
          TEST(a_clock_nobody_sets_is_not_reported))
