/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One refresh: finds out whether the keyring could keep the answer, asks Yandex, asks once more if
 * the answer was lost on the way or if Yandex refuses a client secret that is new and, if Yandex
 * refuses the refresh token, looks for a newer one in the keyring before it believes that.
 */

#include "keyring/vault.h"
#include "model/record.h"
#include "yandex/oauth.h"

typedef struct Refresh Refresh;

/* Valid during the callback. */
typedef struct RefreshResult {
        int r;                      /* 0, a Condition, or a negative errno */
        bool asked;                 /* whether Yandex was asked at all */
        Grant *grant;               /* the grant that was to be renewed */
        const char *reason;         /* a static clause for the log, or NULL */
        int64_t retry_after;        /* seconds, or HTTP_NO_RETRY_AFTER */
        const OauthToken *token;    /* if r = 0: what Yandex gave, or else NULL … */
        const AccountRecord *newer; /* … and the record that the keyring holds */

        Secret *accepted_secret; /* the client secret that Yandex accepted, or NULL … */
        Secret *refused_secret;  /* … and the one that it refused before, or NULL */
} RefreshResult;

typedef struct RefreshEvents {
        /* Yandex is asked now. Runs from the loop, or within refresh_start() if the request is
         * urgent. Must not free the refresh. */
        void (*on_asking)(void *userdata);

        /* Runs once, from the loop, as the last thing. May free the refresh. */
        void (*on_end)(const RefreshResult *result, void *userdata);
} RefreshEvents;

/* Copied and referenced by refresh_start(). */
typedef struct RefreshRequest {
        Oauth *oauth;
        Vault *vault;
        VaultKey key;            /* where the account is kept */
        Secret *client_secret;   /* NULL: none is sent */
        Secret *previous_secret; /* is tried if Yandex refuses that, or NULL */
        Grant *grant;            /* has a refresh token */
        Grant *previous;         /* the grant before it, or NULL */
        /* The grant is about to die: asks even if the keyring cannot keep the answer. */
        bool urgent;
        bool due; /* the schedule wants it: goes before what programs want of Yandex */
} RefreshRequest;

/* The events must outlive the refresh. Returns 0 or a negative errno. */
int refresh_start(const RefreshRequest *request, const RefreshEvents *events, void *userdata,
                  Refresh **ret);

/* Whether Yandex may have been asked. Until then nothing is lost if the refresh is cancelled. */
bool refresh_has_asked(const Refresh *f);

/* Cancels the refresh. Takes NULL, returns NULL. */
Refresh *refresh_free(Refresh *f);
DEFINE_CLEANUP(Refresh *, refresh_free)
