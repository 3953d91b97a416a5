/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One refresh: the request, a second one where the answer was lost on the way, and, where Yandex
 * refuses the refresh token, another look at the keyring before that is believed.
 */

#include "keyring/vault.h"
#include "model/record.h"
#include "yandex/oauth.h"

typedef struct Refresh Refresh;

/* Valid during the callback. */
typedef struct RefreshResult {
        int r;                      /* 0, a Condition, or a negative errno */
        Grant *grant;               /* the one that was to be renewed */
        const char *reason;         /* static, for the log, or NULL */
        int64_t retry_after;        /* seconds, or HTTP_NO_RETRY_AFTER */
        const OauthToken *token;    /* r = 0: what Yandex gave … */
        const AccountRecord *newer; /* … or what the keyring holds and we did not know */
} RefreshResult;

/* From the loop, once. May free the refresh. */
typedef void (*RefreshFn)(const RefreshResult *result, void *userdata);

/* Whom to ask, for what. Copied and referenced by refresh_start(). */
typedef struct RefreshRequest {
        Oauth *oauth;
        Vault *vault;
        VaultKey key;          /* where the account is kept */
        Secret *client_secret; /* NULL: none is sent */
        Grant *grant;          /* has a refresh token */
        Grant *previous;       /* the one before it, or NULL */
} RefreshRequest;

/* 0 or a negative errno. */
int refresh_start(const RefreshRequest *request, RefreshFn fn, void *userdata, Refresh **ret);

/* Cancels. Takes NULL, returns NULL. */
Refresh *refresh_free(Refresh *f);
DEFINE_CLEANUP(Refresh *, refresh_free)
