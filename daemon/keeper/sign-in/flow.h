/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the ways to tokens have in common. A flow asks Yandex for tokens, once or until the user has
 * confirmed; its answer arrives where it outlives the process, and the daemon does not stop while
 * one is awaited.
 */

#include "keeper/sign-in/details.h"
#include "keeper/world.h"

/* What the user is shown. What a flow does not have is NULL or 0. */
typedef struct SignInPrompt {
        const char *verification_url;  /* device code: the page, and ... */
        const char *user_code;         /* ... the code to enter there */
        const char *authorization_url; /* authorization code: the page that ends with a code */
        int64_t expires_at;            /* UTC seconds */
        int64_t interval;              /* seconds between two polls of ours */
} SignInPrompt;

/* How a flow ended. Valid during the callback. If r = 0, the details have the tokens. */
typedef struct FlowResult {
        int r;                /* 0, a Condition, or a negative errno */
        const char *reason;   /* static, for the log; NULL if there is nothing to say */
        const char *sentence; /* static, for the user; NULL: that of the Condition */
} FlowResult;

/* Both run from the loop and may free the flow. on_end runs exactly once, last. */
typedef struct FlowEvents {
        void (*on_prompt)(void *userdata);
        void (*on_end)(const FlowResult *result, void *userdata);
} FlowEvents;

/* If Yandex has refused a client secret that is new, and there is one before it: uses that from now
 * on, and returns true; then the flow asks again. */
bool flow_turns_to_previous_secret(World *w, SignInDetails *details, const OauthAnswer *answer);

/* For a code that may be used up although no tokens came. */
const char *flow_lost_code_sentence(void);

/* The result of an answer of Yandex: takes its tokens into the details, or says why there are
 * none. */
FlowResult flow_take_answer(SignInDetails *details, const OauthAnswer *answer);
