/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What Yandex says of an account right now: of its token, of its application, and of the Disk. It is only
 * looked at: the account keeps its state, and nothing is renewed.
 */

#include "keeper/account/accounts.h"
#include "keeper/diagnosis/verdict.h"
#include "keeper/world.h"

typedef struct AccountDiagnosis AccountDiagnosis;

/* Valid during the callback. */
typedef struct AccountFindings {
        Verdict token;
        Verdict application; /* its client id; the secret is not looked at */
        Verdict disk;        /* REFUSED: the user has no Disk */
        bool lacks_info;     /* the Disk refused for want of cloud_api:disk.info */
        bool lacks_read; /* … of cloud_api:disk.read, nor may the folder of the application be read */
        bool app_folder;    /* the folder of the application is all that may be read */
        const char *reason; /* what kept something from being found out, a static clause; or "" */
} AccountFindings;

/* From the loop, once; may free the diagnosis. findings only where r = 0; else r is a negative errno. */
typedef void (*AccountDiagnosisFn)(int r, const AccountFindings *findings, void *userdata);

/* 0; why a locked account is not known; or a negative errno. After 15 s it tells what it has found. */
int account_diagnosis_start(World *w, Account *account, AccountDiagnosisFn fn, void *userdata,
                            AccountDiagnosis **ret);

/* Cancels. Takes NULL, returns NULL. */
AccountDiagnosis *account_diagnosis_free(AccountDiagnosis *d);
DEFINE_CLEANUP(AccountDiagnosis *, account_diagnosis_free)
