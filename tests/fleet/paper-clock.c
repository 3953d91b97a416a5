/* SPDX-License-Identifier: MIT */

#include "paper-clock.h"

#include <assert.h>

struct Alarm {
        AlarmFn fn;
        void *userdata;
        int64_t at; /* INT64_MAX: off */
};

static int64_t time_now;
static Alarm the_alarm = { .at = INT64_MAX };

void paper_clock_set(int64_t now) {
        time_now = now;
}

int64_t paper_clock_next(void) {
        return MAX_OF(the_alarm.at, time_now);
}

void paper_clock_ring(void) {
        assert(the_alarm.at < INT64_MAX);

        the_alarm.at = INT64_MAX;
        the_alarm.fn(the_alarm.userdata);
}

int64_t clock_now(void) {
        return time_now;
}

int alarm_new(sd_event *event, const char *description, AlarmFn fn, void *userdata, Alarm **ret) {
        assert(!the_alarm.fn);

        the_alarm = (Alarm){ .fn = fn, .userdata = userdata, .at = INT64_MAX };
        *ret = &the_alarm;
        return 0;
}

Alarm *alarm_free(Alarm *a) {
        if (a)
                *a = (Alarm){ .at = INT64_MAX };
        return NULL;
}

int alarm_set_at(Alarm *a, int64_t at) {
        a->at = at;
        return 0;
}

void alarm_off(Alarm *a) {
        a->at = INT64_MAX;
}
