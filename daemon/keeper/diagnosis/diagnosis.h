/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A diagnosis: asks Yandex about the network, an account or an application, and only looks.
 * Accounts keep their state, nothing is renewed, and nothing is kept; but once Yandex accepts the
 * new secret of an application, the one before it is forgotten.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct Diagnosis Diagnosis;

typedef enum Verdict {
        VERDICT_UNKNOWN, /* Yandex was not asked, or did not tell */
        VERDICT_ACCEPTED,
        VERDICT_REFUSED,
        _VERDICT_MAX,
        _VERDICT_INVALID = -EINVAL,
} Verdict;

/* Whether the three hosts of Yandex answer, prove who they are, and agree with our clock. */
typedef struct NetworkFindings {
        bool reachable;      /* all hosts are */
        bool trusted;        /* all hosts that were reached are */
        const char *reason;  /* what is wrong, a static clause; "" if nothing is */
        const char *host;    /* the address of the host with which it is wrong, or "" */
        int64_t server_time; /* UTC seconds; 0: no host told the time */
        int64_t local_time;  /* UTC seconds at the same moment */
} NetworkFindings;

/* What Yandex says of an account, and what would stop a renewal before it is asked. */
typedef struct AccountFindings {
        int secret; /* 0, or why the client secret of the application is not known */
        Verdict token;
        Verdict application; /* its client id; the client secret is not looked at */
        Verdict disk;        /* VERDICT_REFUSED: the user has no Disk */
        bool lacks_info;     /* the token lacks cloud_api:disk.info */
        bool lacks_read;     /* the token lacks cloud_api:disk.read and cloud_api:disk.app_folder */
        bool app_folder;     /* the token may read the folder of the application and nothing else */
        const char *reason;  /* why something was not found out, a static clause, or "" */
} AccountFindings;

/* What Yandex says of an application before an account is signed in through it. */
typedef struct ApplicationFindings {
        Verdict id;
        Verdict secret;
        Verdict scopes;              /* all of them */
        char *const *missing_scopes; /* the scopes that the application was not registered with */
} ApplicationFindings;

/* Valid during the callback; the part for which the diagnosis was started. */
typedef union Findings {
        NetworkFindings network;
        AccountFindings account;
        ApplicationFindings application;
} Findings;

/* Runs once, from the loop; may free the diagnosis. With r = 0 there are findings. Otherwise
 * findings is NULL, and r is a negative errno or, for an application only, CONDITION_OFFLINE,
 * CONDITION_RATE_LIMITED, CONDITION_SERVER_TROUBLE, CONDITION_APP_NOT_ALLOWED, or that of an
 * unknown refusal. */
typedef void (*DiagnosisFn)(int r, const Findings *findings, void *userdata);

/* Asks all hosts at once, without credentials. Takes at most 15 s. Returns 0 or a negative
 * errno. */
int diagnosis_of_network(World *w, DiagnosisFn fn, void *userdata, Diagnosis **ret);

/* Tells after at most 15 s what is found. Returns 0; the Condition because of which a locked
 * account is not known; or a negative errno. */
int diagnosis_of_account(World *w, Account *account, DiagnosisFn fn, void *userdata,
                         Diagnosis **ret);

/* Borrowed by diagnosis_of_application(). */
typedef struct ApplicationQuestion {
        const char *client_id;
        Secret *client_secret; /* NULL: not asked about */
        char *const *scopes;   /* not empty; NULL: not asked about */
} ApplicationQuestion;

/* Returns 0 or a negative errno. */
int diagnosis_of_application(World *w, const ApplicationQuestion *question, DiagnosisFn fn,
                             void *userdata, Diagnosis **ret);

/* Cancels. Takes NULL, returns NULL. */
Diagnosis *diagnosis_free(Diagnosis *d);
DEFINE_CLEANUP(Diagnosis *, diagnosis_free)
