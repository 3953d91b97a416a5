/* SPDX-License-Identifier: MIT */

#include "power.h"

#include "common/util.h"
#include "world.h"

/* The length of the first period, in which the owner signs in. */
#define FIRST_PERIOD HOUR

/* Nobody comes to the office at the same second every day. */
#define OFFICE_TOLERANCE (10 * MINUTE)

static const struct {
        const char *name;
        int64_t per_cent;
} habits[_HABIT_MAX] = {
        /* clang-format off */
        [HABIT_ALWAYS]    = { "always on",          25 },
        [HABIT_OFFICE]    = { "office hours",       38 },
        [HABIT_SOMETIMES] = { "once in some days",  22 },
        [HABIT_WEEKS]     = { "off 7 to 60 days",    8 },
        [HABIT_GLIMPSES]  = { "on for minutes",      4 },
        [HABIT_MONTHS]    = { "off up to 500 days",  3 },
        /* clang-format on */
};

const char *habit_to_string(Habit habit) {
        return habits[habit].name;
}

Habit habit_choose(Random *random) {
        int64_t left = random_between(random, 0, 99);
        Habit habit = 0;

        while (left >= habits[habit].per_cent)
                left -= habits[habit++].per_cent;
        return habit;
}

static void next_office_day(Power *p) {
        int64_t midnight = p->off - p->off % DAY;

        /* WORLD_START is a Monday. */
        do
                midnight += DAY;
        while (((midnight - WORLD_START) / DAY % 7 + 7) % 7 >= 5);

        p->on = midnight + p->comes +
                random_between(&p->random, -OFFICE_TOLERANCE, OFFICE_TOLERANCE);
        p->off = midnight + p->goes +
                 random_between(&p->random, -OFFICE_TOLERANCE, OFFICE_TOLERANCE);
}

static void be_off_and_on(Power *p, int64_t off_for, int64_t on_min, int64_t on_max) {
        p->on = p->off + off_for;
        p->off = p->on + random_between(&p->random, on_min, on_max);
}

Power power_new(Habit habit, Random random, int64_t now) {
        Power p = {
                .habit = habit,
                .on = now,
                .off = habit == HABIT_ALWAYS ? INT64_MAX : now + FIRST_PERIOD,
        };

        p.comes = random_between(&random, 8 * HOUR, 10 * HOUR);
        p.goes = random_between(&random, 17 * HOUR, 20 * HOUR);
        p.random = random;
        return p;
}

void power_cycle(Power *p) {
        int64_t off_for;

        switch (p->habit) {
        case HABIT_OFFICE:
                return next_office_day(p);
        case HABIT_SOMETIMES:
                off_for = random_wait(&p->random, 3 * DAY);
                return be_off_and_on(p, MIN_OF(off_for, 60 * DAY), HOUR / 2, 6 * HOUR);
        case HABIT_WEEKS:
                off_for = random_between(&p->random, 7 * DAY, 60 * DAY);
                return be_off_and_on(p, off_for, 10 * MINUTE, 4 * HOUR);
        case HABIT_GLIMPSES:
                off_for = random_between(&p->random, DAY, 60 * DAY);
                return be_off_and_on(p, off_for, MINUTE, 10 * MINUTE);
        case HABIT_MONTHS:
                off_for = random_between(&p->random, 7 * DAY, 500 * DAY);
                return be_off_and_on(p, off_for, 10 * MINUTE, 4 * HOUR);
        case HABIT_ALWAYS:
        case _HABIT_MAX:
        case _HABIT_INVALID:
                break;
        }
}
