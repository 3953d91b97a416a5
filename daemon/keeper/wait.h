/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A list of those who wait for one event, such as the end of a refresh or a look at the keyring. A
 * waiter is a handle: freeing it leaves the list, and the callback will not run.
 */

#include <sys/queue.h>

#include "common/util.h"
#include "model/grant.h"

typedef struct Wait Wait;
typedef TAILQ_HEAD(WaitList, Wait) WaitList;

/* Runs once, from the loop or from within a call that ends the wait. r is 0, a Condition or a
 * negative errno. The callback frees the handle, and may free anything else, the owner of the list
 * included. */
typedef void (*WaitFn)(int r, void *userdata);

/* Joins the list. Returns 0 or -ENOMEM. */
int wait_new(WaitList *list, WaitFn fn, void *userdata, Wait **ret);

/* Takes NULL, returns NULL. */
Wait *wait_free(Wait *w);
DEFINE_CLEANUP(Wait *, wait_free)

/* What wait_list_serve() brought, borrowed until the handle is freed; otherwise NULL. */
Grant *wait_grant(const Wait *w);

/* Answers all in the list. A waiter that joins the list meanwhile stays in it. */
void wait_list_answer(WaitList *list, int r);

/* The same with r = 0 and a grant. */
void wait_list_serve(WaitList *list, Grant *grant);

/* Appends all of one list to another. */
void wait_list_move(WaitList *from, WaitList *to);
