/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The time, alarms, and steps of the wall clock. Tests replace this file by a clock of their own.
 *
 * Times are UTC seconds. An alarm set for a time rings when the wall clock shows it, or at the
 * resume if the machine slept at that time; a delay runs on the monotonic clock.
 */

#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Alarm Alarm;
typedef struct ClockWatch ClockWatch;

/* Runs from the loop; the alarm is already off. */
typedef void (*AlarmFn)(void *userdata);

int64_t clock_now(void);

/* Milliseconds of the monotonic clock, to tell how long ago something was. */
int64_t clock_monotonic_ms(void);

/* The alarm is off at first. description: a static string, for debugging. Returns 0, or -ENOMEM. */
int alarm_new(sd_event *event, const char *description, AlarmFn fn, void *userdata, Alarm **ret);
Alarm *alarm_free(Alarm *a);
DEFINE_CLEANUP(Alarm *, alarm_free)

/* Arms the alarm, or arms it anew: for a time, where a past one means at once, or after a delay.
 * Returns 0, or a negative errno. */
int alarm_set_at(Alarm *a, int64_t at);
int alarm_set_after(Alarm *a, uint64_t delay_ms);
void alarm_off(Alarm *a);

/* fn runs from the loop after the wall clock was set and after the machine resumed. Returns 0, or a
 * negative errno. */
int clock_watch_new(sd_event *event, void (*fn)(void *userdata), void *userdata, ClockWatch **ret);
ClockWatch *clock_watch_free(ClockWatch *w);
DEFINE_CLEANUP(ClockWatch *, clock_watch_free)
