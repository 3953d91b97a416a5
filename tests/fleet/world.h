/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What all machines of the fleet have in common: the time that is simulated, Yandex and its
 * outages.
 *
 * Times are UTC seconds; for simplicity, and as the worst case, everybody lives in one time zone,
 * UTC.
 */

#include <stdbool.h>
#include <stdint.h>

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define YEAR   (365 * DAY)

/* Two years from Monday, 4 January 2027; who signed in, did so in the year before. */
#define WORLD_START    INT64_C(1799020800)
#define WORLD_DURATION (2 * YEAR)
#define WORLD_END      (WORLD_START + WORLD_DURATION)

/* The first outage is on a Wednesday of the fourteenth month. */
#define OUTAGE_DAY    (WORLD_START + 401 * DAY)
#define OUTAGE_LENGTH HOUR

#define RETRY_AFTER_NONE   INT64_C(-1)
#define RETRY_AFTER_OUTAGE INT64_C(-2) /* names the end of the outage */

typedef struct World {
        int64_t n_machines;
        uint64_t seed;
        bool same_day;           /* all sign in on the last day before the start */
        bool always_on;          /* no machine is ever off */
        int64_t life;            /* of a new grant, seconds */
        int64_t end_moves_below; /* Yandex moves the end when less than this is left, seconds */
        int64_t n_outages;       /* one a week, from OUTAGE_DAY on */
        int64_t outage_hour;     /* 0 to 22 */
        int64_t retry_after;     /* seconds, or RETRY_AFTER_* */
} World;

static inline int64_t world_outage_day(int64_t i) {
        return OUTAGE_DAY + i * WEEK;
}

/* How long the outage still lasts at that time; 0: there is none. */
static inline int64_t world_outage_left(const World *w, int64_t at) {
        int64_t since = at - OUTAGE_DAY - w->outage_hour * HOUR;

        if (since < 0 || since / WEEK >= w->n_outages || since % WEEK >= OUTAGE_LENGTH)
                return 0;
        return OUTAGE_LENGTH - since % WEEK;
}
