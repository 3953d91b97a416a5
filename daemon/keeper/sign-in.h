/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One sign-in by device code: make sure that what it brings can be kept, ask Yandex for a code, show it,
 * poll until the user has confirmed it, find out who that was, keep the grant.
 */

#include "keeper/keeper.h"

typedef struct SignIn SignIn;

/* Borrowed by sign_in_start(). */
typedef struct SignInOptions {
        const char *client_id;
        Secret *client_secret;  /* NULL: the application is known */
        char *const *scopes;    /* NULL: all that the application has */
        const char *label;      /* NULL: the login */
        const char *account_id; /* sign in again into this account; NULL: whoever signs in */
} SignInOptions;

/* What the user is shown. */
typedef struct SignInPrompt {
        const char *verification_url;
        const char *user_code;
        int64_t expires_at; /* UTC seconds */
        int64_t interval;   /* seconds between two polls of ours */
} SignInPrompt;

/* How it ended. Valid during the callback. */
typedef struct SignInResult {
        int r; /* 0, a Condition, or a negative errno */
        const char *
                sentence; /* static; says more than that of the Condition; NULL: there is no more to say */
        Account *account; /* where r = 0 */
} SignInResult;

/* From the loop. on_prompt at most once; on_end exactly once, last. Both may free the sign-in. */
typedef struct SignInEvents {
        void (*on_prompt)(void *userdata);
        void (*on_end)(const SignInResult *result, void *userdata);
} SignInEvents;

/* 0; CONDITION_INVALID_ARGS where the secret of the application is neither given nor kept; a negative
 * errno. */
int sign_in_start(Keeper *k, const SignInOptions *options, const SignInEvents *events,
                  void *userdata, SignIn **ret);

/* Cancels; polling stops. Takes NULL, returns NULL. */
SignIn *sign_in_free(SignIn *s);
DEFINE_CLEANUP(SignIn *, sign_in_free)

/* NULL until there is one. */
const SignInPrompt *sign_in_prompt(const SignIn *s);
