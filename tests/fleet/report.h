/* SPDX-License-Identifier: MIT */
#pragma once

/* What came of it, as tables, and whether it is good enough. */

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "traffic.h"
#include "world.h"

/* Whoever was on once in every such time must never lose a sign-in. */
#define OFF_MAX (60 * DAY)

/* The hour after an outage, to the mean of its day. */
#define PEAK_MAX 2.0

typedef struct Tally {
        int64_t n_machines;
        int64_t n_often; /* of them, those which were on at least once in every OFF_MAX */
        int64_t n_renewed;
        int64_t n_failed;
        int64_t n_hasty;
        int64_t n_died;
        int64_t n_died_often;
} Tally;

typedef struct Report {
        World world;
        Traffic *traffic;
        Tally tallies[_HABIT_MAX];
} Report;

void report_add(Report *r, const MachineLife *life);

/* Requests per second at that time of an outage's day, the mean of all outages. */
double report_outage_rate(const Report *r, int64_t since_midnight, int64_t length);

/* To stdout. */
void report_print(const Report *r);

/* Prints the bounds. Returns whether all hold. */
bool report_judge(const Report *r);
