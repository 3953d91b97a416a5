/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The planner of one account: remembers what the schedule needs to know (the grant's times, failures, the
 * last attempt) and rings when it is time to refresh, or when the grant's life is over.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "keeper/renewal/schedule.h"
#include "platform/clock.h"

typedef struct RefreshTimer RefreshTimer;

/* From the loop: something is due. Ask refresh_timer_is_due() what. */
typedef void (*RefreshTimerFn)(void *userdata);

int refresh_timer_new(sd_event *event, const char *account_id, RefreshTimerFn fn, void *userdata,
                      RefreshTimer **ret);
RefreshTimer *refresh_timer_free(RefreshTimer *p);
DEFINE_CLEANUP(RefreshTimer *, refresh_timer_free)

/* The grant to plan for; forgets failures. end_moved: see schedule_may_extend(). */
void refresh_timer_set_grant(RefreshTimer *p, GrantTimes times, bool end_moved);

/* Plans nothing but the end of life: there is no way to refresh, or one is under way. */
void refresh_timer_pause(RefreshTimer *p);

/* Goes on planning. */
void refresh_timer_resume(RefreshTimer *p);

/* Notes that Yandex is asked now; implies refresh_timer_pause(). */
void refresh_timer_attempt(RefreshTimer *p);

/* The keyring cannot keep what a refresh would bring: nothing is planned until refresh_timer_retry_now() or the last
 * call for the grant, see schedule_last_call(). condition: what the keyring is. */
void refresh_timer_hold(RefreshTimer *p, int condition);

/* Whether the last call for the grant has come. */
bool refresh_timer_is_last_call(const RefreshTimer *p);

/* Notes that it failed, and plans the next one. condition: why. */
void refresh_timer_fail(RefreshTimer *p, int condition, int64_t retry_after, bool daily);

/* Plans anew, by the clock as it is now. */
void refresh_timer_rearm(RefreshTimer *p);

/* What failed may be tried again at once. */
void refresh_timer_retry_now(RefreshTimer *p);

/* UTC seconds; 0: nothing is planned. */
int64_t refresh_timer_next(const RefreshTimer *p);
bool refresh_timer_is_due(const RefreshTimer *p);
bool refresh_timer_is_over(const RefreshTimer *p);

/* The failures since the last success; 0 and no condition where there were none. */
unsigned refresh_timer_failures(const RefreshTimer *p);
int refresh_timer_condition(const RefreshTimer *p);

/* After a failure, before it is time to try again: nobody goes to Yandex but who has a wish. */
bool refresh_timer_is_backing_off(const RefreshTimer *p);

/* Whether an explicit wish may be granted now. */
bool refresh_timer_may_run_on_demand(const RefreshTimer *p);

/* Whether the server named a time before which it will not be asked. */
bool refresh_timer_is_told_to_wait(const RefreshTimer *p);

/* See schedule_may_extend(). */
bool refresh_timer_may_extend(const RefreshTimer *p);
