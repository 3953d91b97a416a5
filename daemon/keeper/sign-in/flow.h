/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the flows through Yandex's pages have in common: each shows the user something, and ends with
 * tokens, or without.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

/* What the user is shown. What the flow does not have is NULL or 0. */
typedef struct SignInPrompt {
        const char *verification_url;  /* device code: the page … */
        const char *user_code;         /* … and what to enter there */
        const char *authorization_url; /* authorization code: the page that ends with a code */
        int64_t expires_at;            /* UTC seconds */
        int64_t interval;              /* seconds between two polls of ours */
} SignInPrompt;

/* What is asked for. Borrowed during the start of a flow. */
typedef struct FlowRequest {
        World *world;
        const char *client_id;
        Secret *client_secret;  /* NULL: not known */
        char *const *scopes;    /* NULL: all that the application has */
        const char *login_hint; /* whom the page offers first; NULL: nobody */
} FlowRequest;

/* How it ended. Valid during the callback. */
typedef struct FlowEnd {
        int r;                   /* 0, a Condition, or a negative errno */
        const char *reason;      /* static, for the log; NULL where there is nothing to say */
        const char *sentence;    /* static, for the user; NULL: that of the Condition */
        const OauthToken *token; /* where r = 0 */
} FlowEnd;

/* From the loop. on_end exactly once, last. Both may free the flow. */
typedef struct FlowEvents {
        void (*on_prompt)(void *userdata);
        void (*on_end)(const FlowEnd *end, void *userdata);
} FlowEvents;

/* The end that an answer of Yandex which brought no tokens means. */
FlowEnd flow_end_by_answer(const OauthAnswer *answer);
