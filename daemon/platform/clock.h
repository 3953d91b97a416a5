/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Time, as everything above sees it: now, alarms, and steps of the wall clock. Tests put a clock of
 * their own in this place.
 *
 * Times are UTC seconds. Wall alarms are due at a point of time, also when the machine slept across
 * it; delays run on the monotonic clock.
 */

#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Alarm Alarm;
typedef struct ClockWatch ClockWatch;

/* From the loop; the alarm is already off. */
typedef void (*AlarmFn)(void *userdata);

int64_t clock_now(void);

/* Milliseconds that only ever grow; for "not more often than". */
int64_t clock_monotonic_ms(void);

/* An alarm that is off. description: static string, for debugging. */
int alarm_new(sd_event *event, const char *description, AlarmFn fn, void *userdata, Alarm **ret);
Alarm *alarm_free(Alarm *a);
DEFINE_CLEANUP(Alarm *, alarm_free)

/* Arms, re-arms: at a time (a past one means at once), or after a delay. 0 or a negative errno. */
int alarm_set_at(Alarm *a, int64_t at);
int alarm_set_after(Alarm *a, uint64_t delay_ms);
void alarm_off(Alarm *a);

/* Runs fn, from the loop, after the wall clock was set and after the machine resumed. */
int clock_watch_new(sd_event *event, void (*fn)(void *userdata), void *userdata, ClockWatch **ret);
ClockWatch *clock_watch_free(ClockWatch *w);
DEFINE_CLEANUP(ClockWatch *, clock_watch_free)
