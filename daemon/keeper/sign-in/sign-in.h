/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One sign-in: make sure that what it brings can be kept, send the user through one of the flows, find
 * out who that was, keep the grant.
 */

#include "keeper/sign-in/flow.h"

typedef struct SignIn SignIn;

typedef enum SignInFlow {
        SIGN_IN_DEVICE,
        SIGN_IN_CODE,
        SIGN_IN_IMPORT, /* of tokens that another program has: asks nothing of the user */
        _SIGN_IN_FLOW_MAX,
        _SIGN_IN_FLOW_INVALID = -EINVAL,
} SignInFlow;

/* By its name on the bus, or _SIGN_IN_FLOW_INVALID. */
SignInFlow sign_in_flow_from_string(const char *s);

/* Whether the flow cannot do without the secret of the application. Where PKCE proves who asks, it is not
 * needed (known from public clients). */
bool sign_in_flow_needs_secret(SignInFlow flow);

/* Borrowed by sign_in_start(). */
typedef struct SignInOptions {
        SignInFlow flow;
        const char *client_id;
        Secret *client_secret;  /* NULL: the application is known */
        char *const *scopes;    /* NULL: all that the application has */
        const char *label;      /* NULL: the login */
        const char *account_id; /* sign in again into this account; NULL: whoever signs in */

        /* To import. */
        Secret *refresh_token;
        Secret *access_token; /* NULL: there is none */
        int64_t expires_at;   /* its end, UTC seconds; 0: not known */
} SignInOptions;

/* How it ended. Valid during the callback. */
typedef struct SignInResult {
        int r; /* 0, a Condition, or a negative errno */
        const char *
                sentence; /* static; says more than that of the Condition; NULL: there is no more to say */
        Account *account; /* where r = 0; else that of whoever signed in instead, or NULL */
        const char
                *login; /* CONDITION_ACCESS_DENIED: who signed in instead of the account's user, if
                            * anybody: then the sign-in may be kept and asked for sign_in_keep_as_new() */
} SignInResult;

/* From the loop. on_prompt at most once; on_end exactly once, last. Both may free the sign-in. */
typedef struct SignInEvents {
        void (*on_prompt)(void *userdata);
        void (*on_end)(const SignInResult *result, void *userdata);
} SignInEvents;

/* 0; CONDITION_INVALID_ARGS where the flow needs a secret that is neither given nor kept; a negative
 * errno. */
int sign_in_start(World *w, const SignInOptions *options, const SignInEvents *events,
                  void *userdata, SignIn **ret);

/* Cancels; polling stops. Takes NULL, returns NULL. */
SignIn *sign_in_free(SignIn *s);
DEFINE_CLEANUP(SignIn *, sign_in_free)

/* NULL until there is one. */
const SignInPrompt *sign_in_prompt(const SignIn *s);

/* Takes the code or address that the user brought back; how that ends comes with on_end. 0; or, where the
 * sign-in goes on waiting, CONDITION_INVALID_ARGS or _ACCESS_DENIED with a static sentence, or a negative
 * errno. */
int sign_in_submit(SignIn *s, const char *text, const char **ret_sentence);

/* After the end: what somebody else was granted becomes an account of its own, or is one already; once.
 * It may still be on its way to the keyring. 0; CONDITION_INVALID_ARGS where there is nothing to keep,
 * CONDITION_NO_SUCH_ACCOUNT where the account has gone; a negative errno. */
int sign_in_keep_as_new(SignIn *s, Account **ret);
