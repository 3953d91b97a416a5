/* SPDX-License-Identifier: MIT */

/* Does what the keeper does with an account: asks when the timer's alarm rings, and tells it how
 * the request ended. The timer and the schedule are the real ones. */

#include "machine.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/condition.h"
#include "keeper/renewal/refresh-timer.h"
#include "paper-clock.h"

#define ID_MAX 33

/* From request to answer. */
#define ANSWER_TIME INT64_C(1)

typedef struct Machine {
        const World *world;
        Traffic *traffic;
        MachineLife life;

        char id[ID_MAX];
        bool sleeps; /* it is suspended, not shut down: the daemon remembers what failed */
        Power power;

        RefreshTimer *timer;
        GrantTimes times;
        bool end_moved;
} Machine;

/* What Yandex says to a request that it can answer. */
static GrantTimes renew(const World *w, GrantTimes times, int64_t now) {
        int64_t left = times.expires_at - now;

        return grant_times(now, left < w->end_moves_below ? w->life : left);
}

static int64_t retry_after(const World *w, int64_t outage_left) {
        if (w->retry_after == RETRY_AFTER_NONE)
                return BACKOFF_NO_RETRY_AFTER;
        if (w->retry_after == RETRY_AFTER_OUTAGE)
                return outage_left;
        return w->retry_after;
}

static void take_grant(Machine *m, GrantTimes times, bool end_moved) {
        m->times = times;
        m->end_moved = end_moved;
        refresh_timer_set_grant(m->timer, times, end_moved);
}

static bool is_hasty(const Machine *m, int64_t now) {
        return !m->end_moved && refresh_timer_failures(m->timer) == 0 &&
               now - m->times.obtained_at < DAY && m->times.expires_at - now > DAY;
}

static void request(Machine *m) {
        int64_t now = clock_now(), outage_left = world_outage_left(m->world, now);
        bool counts = now >= WORLD_START && now < WORLD_END;
        GrantTimes times;

        m->life.n_hasty += is_hasty(m, now);
        traffic_add(m->traffic, now);
        refresh_timer_attempt(m->timer);
        paper_clock_set(now + ANSWER_TIME);

        if (outage_left > 0) {
                m->life.n_failed += counts;
                return refresh_timer_fail(m->timer, CONDITION_SERVER_TROUBLE,
                                          retry_after(m->world, outage_left), false);
        }
        if (now >= m->times.expires_at) {
                m->life.died = true;
                return;
        }

        m->life.n_renewed += counts;
        times = renew(m->world, m->times, now + ANSWER_TIME);
        take_grant(m, times, times.expires_at > m->times.expires_at + MINUTE);
}

static void on_planned(void *userdata) {
        Machine *m = userdata;

        if (!refresh_timer_is_due(m->timer))
                return refresh_timer_rearm(m->timer);
        request(m);
}

static int start_daemon(Machine *m) {
        int r;

        m->timer = refresh_timer_free(m->timer);
        r = refresh_timer_new(NULL, m->id, on_planned, m, &m->timer);
        if (r < 0)
                return r;

        refresh_timer_set_grant(m->timer, m->times, m->end_moved);
        return 0;
}

static int switch_on(Machine *m) {
        paper_clock_set(m->power.on);

        /* Where nothing failed, a daemon that was started knows what one that slept does. */
        if (!m->sleeps && refresh_timer_failures(m->timer) > 0)
                return start_daemon(m);

        refresh_timer_rearm(m->timer);
        refresh_timer_retry_now(m->timer);
        return 0;
}

/* To the next period in which the alarm rings, or something failed is to be hurried. */
static int be_off(Machine *m) {
        do {
                int64_t off = m->power.off, gap;

                power_cycle(&m->power);
                gap = MIN_OF(m->power.on, WORLD_END) - MIN_OF(off, WORLD_END);
                m->life.longest_off = MAX_OF(m->life.longest_off, gap);
        } while (refresh_timer_failures(m->timer) == 0 && paper_clock_next() >= m->power.off &&
                 m->power.on < WORLD_END);

        return switch_on(m);
}

static int live(Machine *m) {
        int r = start_daemon(m);

        while (r >= 0 && !m->life.died) {
                int64_t next = paper_clock_next();

                if (MIN_OF(next, m->power.off) >= WORLD_END)
                        break;

                if (next >= m->power.off) {
                        r = be_off(m);
                } else {
                        paper_clock_set(next);
                        paper_clock_ring();
                }
        }
        return r;
}

static Machine machine_new(const World *world, uint64_t number, Traffic *traffic) {
        Random random = random_stream(world->seed, number);
        int64_t sign_in = WORLD_START - random_between(&random, 1, world->same_day ? DAY : YEAR);
        Habit habit = world->always_on ? HABIT_ALWAYS : habit_choose(&random);
        Machine m = {
                .world = world,
                .traffic = traffic,
                .life.habit = habit,
                .sleeps = random_bits(&random) & 1,
                .times = grant_times(sign_in, world->life),
                .end_moved = true,
        };

        for (size_t i = 0; i + 1 < sizeof(m.id); i += 16)
                (void) snprintf(m.id + i, sizeof(m.id) - i, "%016" PRIx64, random_bits(&random));
        m.power = power_new(habit, random, sign_in);
        return m;
}

int machine_live(const World *world, uint64_t number, Traffic *traffic, MachineLife *ret) {
        Machine m = machine_new(world, number, traffic);
        int r;

        paper_clock_set(m.times.obtained_at);
        r = live(&m);
        m.timer = refresh_timer_free(m.timer);
        if (r < 0)
                return r;

        m.life.died |= m.times.expires_at < WORLD_END;
        *ret = m.life;
        return 0;
}
