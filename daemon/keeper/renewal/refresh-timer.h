/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The refresh timer of one account: remembers what the schedule needs to know (the grant's times,
 * the failures, the last attempt) and rings when it is time to refresh, or when the grant's life is
 * over.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "keeper/renewal/schedule.h"
#include "platform/clock.h"

typedef struct RefreshTimer RefreshTimer;

/* Runs from the loop when the timer rings. refresh_timer_is_due() tells whether it is time to
 * refresh. */
typedef void (*RefreshTimerFn)(void *userdata);

/* Creates a timer that is paused. Returns 0 or a negative errno. */
int refresh_timer_new(sd_event *event, const char *account_id, RefreshTimerFn fn, void *userdata,
                      RefreshTimer **ret);
RefreshTimer *refresh_timer_free(RefreshTimer *t);
DEFINE_CLEANUP(RefreshTimer *, refresh_timer_free)

/* Plans for this grant, and forgets the failures. end_moved: see schedule_may_extend(). */
void refresh_timer_set_grant(RefreshTimer *t, GrantTimes times, bool end_moved);

/* While the timer is paused it rings for the end of life only: the grant cannot be refreshed, or it
 * is being refreshed. */
void refresh_timer_pause(RefreshTimer *t);
void refresh_timer_resume(RefreshTimer *t);

/* Yandex is asked now. Pauses the timer. */
void refresh_timer_attempt(RefreshTimer *t);

/* The keyring cannot keep a new grant: plans no attempt until refresh_timer_retry_now() or the last
 * call for the grant; see schedule_last_call(). condition: what is wrong with the keyring. */
void refresh_timer_hold(RefreshTimer *t, int condition);

/* Whether the last call for the grant has come. */
bool refresh_timer_is_last_call(const RefreshTimer *t);

/* The attempt failed: plans the next one. condition: why it failed. retry_after: seconds that the
 * server named, or BACKOFF_NO_RETRY_AFTER. daily: another attempt a day is enough. */
void refresh_timer_fail(RefreshTimer *t, int condition, int64_t retry_after, bool daily);

/* Plans anew from the present time. */
void refresh_timer_rearm(RefreshTimer *t);

/* Something changed that may make an attempt succeed after one has failed: plans one as soon as it
 * is allowed. */
void refresh_timer_retry_now(RefreshTimer *t);

/* When the next attempt is planned, in UTC seconds; 0: none is. */
int64_t refresh_timer_next(const RefreshTimer *t);

/* Whether that time has come. */
bool refresh_timer_is_due(const RefreshTimer *t);

/* Whether the grant's life is over. */
bool refresh_timer_is_over(const RefreshTimer *t);

/* The number of failures since the last success, and why the last attempt failed; 0 if there were
 * none. */
unsigned refresh_timer_failures(const RefreshTimer *t);
int refresh_timer_condition(const RefreshTimer *t);

/* Whether an attempt has failed and the next one is not due yet. Then only an explicit request
 * makes another. */
bool refresh_timer_is_backing_off(const RefreshTimer *t);

/* Whether an explicit request may make an attempt now. */
bool refresh_timer_may_run_on_demand(const RefreshTimer *t);

/* Whether the server named a time, still to come, before which it must not be asked. */
bool refresh_timer_is_told_to_wait(const RefreshTimer *t);

/* See schedule_may_extend(). */
bool refresh_timer_may_extend(const RefreshTimer *t);
