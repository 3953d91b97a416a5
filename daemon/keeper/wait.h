/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Those who wait for the result of one refresh. A waiter is a handle: dropping it leaves the line, and
 * the callback will not run.
 */

#include <stdbool.h>
#include <sys/queue.h>

#include "common/util.h"
#include "model/grant.h"

typedef struct Wait Wait;
typedef TAILQ_HEAD(WaitList, Wait) WaitList;

/* From the loop, once. r = 0 with the grant, borrowed; or a Condition. May free anything, the account
 * included. The handle is to be freed there. */
typedef void (*WaitFn)(int r, Grant *grant, void *userdata);

/* lenient: a token that still lives will do where a new one cannot be had. 0 or -ENOMEM. */
int wait_new(WaitList *list, bool lenient, WaitFn fn, void *userdata, Wait **ret);

/* Takes NULL, returns NULL. */
Wait *wait_free(Wait *w);
DEFINE_CLEANUP(Wait *, wait_free)

/* Answers everybody in line: grant where r = 0, and to the lenient also where r != 0 and lenient_grant
 * is not NULL. Who joins the line meanwhile is left in it. */
void wait_list_answer(WaitList *list, int r, Grant *grant, Grant *lenient_grant);
