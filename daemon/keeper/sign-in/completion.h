/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The way of new tokens into an account: finds out whose they are, takes them into the account of
 * that user or makes one, and waits until the keyring has them.
 *
 * If another user signed in than the account belongs to, that user's account is made or renewed all
 * the same, since this sign-in may have ended the grant it had; and the completion fails.
 */

#include "keeper/account/accounts.h"
#include "keeper/sign-in/details.h"
#include "keeper/world.h"

typedef struct Completion Completion;

/* Valid during the callback. */
typedef struct CompletionResult {
        int r;              /* 0, a Condition, or a negative errno */
        const char *reason; /* static, for the log; or NULL */
        Account *account;   /* if r = 0; or the other user's, if r = CONDITION_ACCESS_DENIED */
} CompletionResult;

/* Runs from the loop, once. May free the completion. */
typedef void (*CompletionFn)(const CompletionResult *result, void *userdata);

/* The details have tokens. The world is held until the end. Returns 0 or a negative errno. */
int completion_start(World *world, SignInDetails *details, CompletionFn fn, void *userdata,
                     Completion **ret);

/* Cancels. Accepts NULL, returns NULL. */
Completion *completion_free(Completion *c);
DEFINE_CLEANUP(Completion *, completion_free)
