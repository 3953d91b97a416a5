/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The inside of an account, shared by account.c (its life, its state, and what is kept of it) and
 * account-renew.c (how its token is served and its grant renewed).
 *
 * What always holds: the grant in the record is the newest one known; a new grant is on its way to
 * the keyring before it is announced; there is one refresh at a time, and all who wait share its
 * result.
 */

#include "keeper/account/account.h"
#include "keeper/account/token-probe.h"
#include "keeper/renewal/refresh-timer.h"
#include "keeper/renewal/refresh.h"
#include "keeper/storage/save.h"

struct Account {
        World *world;
        AccountFn on_changed;
        void *userdata;
        AccountRecord record; /* while locked: id and client_id only */
        AccountState state;
        int last_error;
        bool unreadable;  /* locked for a reason that unlocking does not cure; see last_error */
        bool publishing;  /* a new grant is on its way to the keyring and is not announced yet */
        bool signing_out; /* nothing is asked for or written any more */
        bool announced_saved;
        int64_t announced_refresh_at;
        int64_t reported_at_ms; /* when a service last refused the token */

        RefreshTimer *timer;
        Save *save;
        Refresh *refresh;
        TokenProbe *probe;
        OauthCall *identity;
        WaitList waits;
        WaitList lenient_waits; /* content with a token that still lives if there is no new one */
};

void account_announce(Account *a, AccountChange changes);
void account_announce_saved(Account *a); /* if that changed */
void account_set_last_error(Account *a, int r);

/* Sets the state that follows from the record and the clock. */
void account_follow_record(Account *a);

/* Puts the grant of the record into force. */
void account_use_grant(Account *a);

/* Plans the next refresh if there can be one. */
void account_resume_timer(Account *a);

/* Writes the record. into_store: by way of the descriptor store, since it has a grant that is kept
 * nowhere else yet. Returns 0, -ENOMEM or -E2BIG. */
int account_save(Account *a, bool into_store);

/* The new grant is in the keyring, or has waited long enough: announces it, and answers those who
 * wait. */
void account_publish_grant(Account *a);

/* Answers those who wait with the grant of the record. If that has a refresh token alone, it is
 * refreshed first. */
void account_serve_waiters(Account *a);

/* Answers those who wait with r. serve_lenient: those who take what there is get the grant of the
 * record. */
void account_refuse_waiters(Account *a, int r, bool serve_lenient);

/* A RefreshTimerFn. */
void account_on_timer(void *userdata);

/* Replaces the grant by the one that Yandex gave, and saves it before it is announced.
 * refresh_token: used if the answer has none. obtained_at: UTC seconds. Returns 0 or -ENOMEM. */
int account_take_token(Account *a, const OauthToken *token, Secret *refresh_token,
                       int64_t obtained_at);

/* The grant was revoked: it is over, and cannot be renewed. */
void account_lose_grant(Account *a);

/* Asks Yandex whose account it is, if that is not known. */
void account_learn_identity(Account *a);
