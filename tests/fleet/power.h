/* SPDX-License-Identifier: MIT */
#pragma once

/* When a machine is on, by the habits of its owner. */

#include <stdbool.h>
#include <stdint.h>

#include "random.h"

typedef enum Habit {
        HABIT_ALWAYS,    /* a server */
        HABIT_OFFICE,    /* Monday to Friday, from about nine to about six */
        HABIT_SOMETIMES, /* some hours once in some days */
        HABIT_WEEKS,     /* off for a week to 60 days */
        HABIT_GLIMPSES,  /* on for a few minutes only, off for a day to 60 days */
        HABIT_MONTHS,    /* off for up to 500 days */
        _HABIT_MAX,
        _HABIT_INVALID = -22,
} Habit;

const char *habit_to_string(Habit habit);

/* The habit of this one in a mixed fleet. */
Habit habit_choose(Random *random);

/* On in [on, off), one period at a time. */
typedef struct Power {
        Habit habit;
        int64_t on;
        int64_t off;
        Random random;
        int64_t comes; /* office: seconds after midnight */
        int64_t goes;
} Power;

/* A machine that has just been switched on. */
Power power_new(Habit habit, Random random, int64_t now);

/* Goes on to the next period. */
void power_cycle(Power *p);
