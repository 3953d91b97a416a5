/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a sign-in brought, on its way into an account: find out who it was, then keep the grant. Where
 * somebody else signed in than the account belongs to, it stays here until somebody decides.
 *
 * It outlives its owner: what Yandex gave is kept, also if whoever began the sign-in has left meanwhile, as
 * the programs of a user do at the end of a session.
 */

#include "keeper/sign-in/adoption.h"

typedef struct Completion Completion;

/* How it ended. Valid during the callback. */
typedef struct CompletionResult {
        int r;                /* 0, a Condition, or a negative errno */
        const char *reason;   /* static, for the log; or NULL */
        const char *sentence; /* static, for the user; NULL: that of the Condition */
        Account *account;     /* where it went to: r = 0; or where somebody else has one already */
        const char *login;    /* who somebody else is; completion_keep_as_new() may be called */
} CompletionResult;

/* From the loop, once. May free the arrival. */
typedef void (*CompletionFn)(const CompletionResult *end, void *userdata);

/* The identity is left out. The keeper is held until it has ended. 0 or a negative errno. */
int completion_start(World *w, const Adoption *what, CompletionFn fn, void *userdata,
                     Completion **ret);

/* Leaves it: the callback will not run, and it goes on to its end unless it has come there. Takes NULL,
 * returns NULL. */
Completion *completion_free(Completion *a);
DEFINE_CLEANUP(Completion *, completion_free)

/* What somebody else was granted becomes an account of its own, or is one already; once. 0;
 * CONDITION_INVALID_ARGS where there is nothing to keep, CONDITION_NO_SUCH_ACCOUNT where the account
 * has gone; a negative errno. */
int completion_keep_as_new(Completion *a, Account **ret);

/* Those that were left; the keeper's. */
int completions_new(Completions **ret);

/* Stops them where they are. Returns NULL. */
Completions *completions_free(Completions *arrivals);
