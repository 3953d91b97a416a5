/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One refresh: a look whether the keyring could keep the answer, the request, a second one if the answer
 * was lost on the way, and, if Yandex refuses the refresh token, another look at the keyring before that
 * is believed.
 */

#include "keyring/vault.h"
#include "model/record.h"
#include "yandex/oauth.h"

typedef struct Refresh Refresh;

/* Valid during the callback. */
typedef struct RefreshResult {
        int r;                      /* 0, a Condition, or a negative errno */
        bool asked;                 /* whether Yandex was asked at all */
        Grant *grant;               /* the one that was to be renewed */
        const char *reason;         /* static, for the log, or NULL */
        int64_t retry_after;        /* seconds, or HTTP_NO_RETRY_AFTER */
        const OauthToken *token;    /* r = 0: what Yandex gave … */
        const AccountRecord *newer; /* … or what the keyring holds and we did not know */
} RefreshResult;

/* on_asking: Yandex is asked now, since the keyring can keep the answer or the refresh is urgent, then
 * already from within refresh_start(); must not free the refresh. on_end: from the loop, once, last; may
 * free the refresh. */
typedef struct RefreshEvents {
        void (*on_asking)(void *userdata);
        void (*on_end)(const RefreshResult *result, void *userdata);
} RefreshEvents;

/* Whom to ask, for what. Copied and referenced by refresh_start(). */
typedef struct RefreshRequest {
        Oauth *oauth;
        Vault *vault;
        VaultKey key;          /* where the account is kept */
        Secret *client_secret; /* NULL: none is sent */
        Grant *grant;          /* has a refresh token */
        Grant *previous;       /* the one before it, or NULL */
        bool urgent;           /* the grant is about to die: asks whatever the keyring says */
} RefreshRequest;

/* events: outlives the refresh. 0 or a negative errno. */
int refresh_start(const RefreshRequest *request, const RefreshEvents *events, void *userdata,
                  Refresh **ret);

/* Whether Yandex was asked. Until then nothing is lost by giving it up. */
bool refresh_has_asked(const Refresh *f);

/* Cancels. Takes NULL, returns NULL. */
Refresh *refresh_free(Refresh *f);
DEFINE_CLEANUP(Refresh *, refresh_free)
