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

typedef struct Planner Planner;

/* From the loop: something is due. Ask planner_is_due() what. */
typedef void (*PlannerFn)(void *userdata);

int planner_new(sd_event *event, const char *account_id, PlannerFn fn, void *userdata,
                Planner **ret);
Planner *planner_free(Planner *p);
DEFINE_CLEANUP(Planner *, planner_free)

/* The grant to plan for; forgets failures. end_moved: see schedule_may_extend(). */
void planner_set_grant(Planner *p, GrantTimes times, bool end_moved);

/* Plans nothing but the end of life: there is no way to refresh, or one is under way. */
void planner_pause(Planner *p);

/* Goes on planning. */
void planner_resume(Planner *p);

/* Notes that Yandex is asked now; implies planner_pause(). */
void planner_attempt(Planner *p);

/* The keyring cannot keep what a refresh would bring: nothing is planned until planner_hurry() or the last
 * call for the grant, see schedule_last_call(). condition: what the keyring is. */
void planner_hold(Planner *p, int condition);

/* Whether the last call for the grant has come. */
bool planner_is_last_call(const Planner *p);

/* Notes that it failed, and plans the next one. condition: why. */
void planner_fail(Planner *p, int condition, int64_t retry_after, bool daily);

/* Plans anew, by the clock as it is now. */
void planner_replan(Planner *p);

/* What failed may be tried again at once. */
void planner_hurry(Planner *p);

/* UTC seconds; 0: nothing is planned. */
int64_t planner_next(const Planner *p);
bool planner_is_due(const Planner *p);
bool planner_is_over(const Planner *p);

/* The failures since the last success; 0 and no condition where there were none. */
unsigned planner_failures(const Planner *p);
int planner_condition(const Planner *p);

/* After a failure, before it is time to try again: nobody goes to Yandex but who has a wish. */
bool planner_is_backing_off(const Planner *p);

/* Whether an explicit wish may be granted now. */
bool planner_may_wish(const Planner *p);

/* Whether the server named a time before which it will not be asked. */
bool planner_is_told_to_wait(const Planner *p);

/* See schedule_may_extend(). */
bool planner_may_extend(const Planner *p);
