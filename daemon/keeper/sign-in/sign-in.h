/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One sign-in: makes sure that what it brings can be kept, sends the user through one of the flows,
 * and takes what that brings into an account.
 *
 *     unlock -> device flow, code flow or import flow -> completion
 *
 * A sign-in that has brought tokens comes to its end even if its owner drops it, because the user's
 * programs are killed at the end of a session; and even if the daemon dies, because the next one
 * takes it from the descriptor store.
 */

#include "keeper/account/accounts.h"
#include "keeper/sign-in/flow.h"

typedef struct SignIn SignIn;
typedef struct SignIns SignIns;

/* Reads the name that a flow has on the bus; returns _SIGN_IN_FLOW_INVALID if there is none. */
SignInFlow sign_in_flow_from_string(const char *s);

/* Whether the flow needs the secret of the application. PKCE proves who asks, so there it does not
 * (known from public clients). */
bool sign_in_flow_needs_secret(SignInFlow flow);

/* How it ended. Valid during the callback. */
typedef struct SignInResult {
        int r;                /* 0, a Condition, or a negative errno */
        const char *sentence; /* for the user, in English; NULL: that of the Condition */
        /* If r = 0; or the other user's, if r = CONDITION_ACCESS_DENIED because another user signed
         * in than the account belongs to. */
        Account *account;
} SignInResult;

/* Both run from the loop and may free the sign-in. on_prompt runs at most once, on_end exactly
 * once, last. */
typedef struct SignInEvents {
        void (*on_prompt)(void *userdata);
        void (*on_end)(const SignInResult *result, void *userdata);
} SignInEvents;

/* Returns 0; CONDITION_INVALID_ARGS if the flow needs a secret that is neither given nor known; a
 * negative errno. */
int sign_in_start(World *world, SignInDetails *details, const SignInEvents *events, void *userdata,
                  SignIn **ret);

/* Drops it: the callbacks will not run. Cancels it, unless it has brought tokens or is an import
 * for which Yandex was asked. Accepts NULL, returns NULL. */
SignIn *sign_in_free(SignIn *s);
DEFINE_CLEANUP(SignIn *, sign_in_free)

/* NULL until there is one. */
const SignInPrompt *sign_in_prompt(const SignIn *s);

/* Takes the code or the address that the user brought back; on_end tells how that ends. Returns 0;
 * or CONDITION_INVALID_ARGS or CONDITION_ACCESS_DENIED with a static sentence, or a negative errno,
 * in which cases the sign-in goes on waiting. */
int sign_in_submit(SignIn *s, const char *text, const char **ret_sentence);

/* The sign-ins that go on without an owner. */
int sign_ins_new(World *world, SignIns **ret);

/* Takes an entry of the descriptor store that an earlier run left, if it is of a sign-in. Returns
 * whether it is. */
bool sign_ins_take_stored(SignIns *set, const char *store_name, Secret *document);

/* Whether there are some that are to be completed once the keyring was read. */
bool sign_ins_await_keyring(const SignIns *set);

/* Completes the sign-ins that were taken. All accounts must be known, or one could be made
 * twice. */
void sign_ins_complete_stored(SignIns *set);

/* Stops them where they are, and leaves what they brought to the next run. Returns NULL. */
SignIns *sign_ins_free(SignIns *set);
DEFINE_CLEANUP(SignIns *, sign_ins_free)
