/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Asking Yandex what it thinks of an application before anybody signs in through it: whether it knows the
 * client id, accepts the secret, and has registered it with the scopes. Nothing is kept, here or there.
 */

#include "keeper/account/accounts.h"
#include "keeper/diagnosis/verdict.h"
#include "keeper/world.h"

typedef struct ApplicationCheck ApplicationCheck;

/* Borrowed by application_check_start(). */
typedef struct ApplicationQuestion {
        const char *client_id;
        Secret *client_secret; /* NULL: not asked about */
        char *const *scopes;   /* the same; never empty */
} ApplicationQuestion;

/* Valid during the callback. */
typedef struct ApplicationFindings {
        int r; /* 0; CONDITION_OFFLINE, _RATE_LIMITED, _SERVER_TROUBLE; or a negative errno */
        Verdict id;
        Verdict secret;
        Verdict scopes;              /* all of them */
        char *const *missing_scopes; /* those it was not registered with */
} ApplicationFindings;

/* From the loop, once; may free the check. */
typedef void (*ApplicationCheckFn)(const ApplicationFindings *findings, void *userdata);

/* 0 or a negative errno. */
int application_check_start(World *w, const ApplicationQuestion *question, ApplicationCheckFn fn,
                            void *userdata, ApplicationCheck **ret);

/* Cancels. Takes NULL, returns NULL. */
ApplicationCheck *application_check_free(ApplicationCheck *c);
DEFINE_CLEANUP(ApplicationCheck *, application_check_free)
