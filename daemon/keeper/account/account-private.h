/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The inside of an account, shared by the four files it is made of: account.c (its life, and what is kept),
 * account-state.c (its state, and what is told of it), account-refresh.c (how the grant is renewed) and
 * account-ask.c (how it is served). One struct, since what must hold between them holds in one place.
 *
 * What always holds: the grant in the record is the newest one known; it is on its way to the keyring
 * before anybody is told of it; one refresh at a time, whose result all waiters share.
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
        bool unreadable;  /* locked, for a reason that unlocking does not cure: see last_error */
        bool publishing;  /* a new grant is on its way to the keyring, nobody was told yet */
        bool signing_out; /* being signed out: nothing of it is asked for or written any more */
        bool on_trial;    /* being imported */
        bool told_saved;  /* what was announced last */
        int64_t told_refresh_at;
        int64_t reported_at_ms;

        RefreshTimer *timer;
        Save *save;
        Refresh *refresh;
        TokenProbe *probe;
        OauthCall *identity;
        WaitList waits;
        WaitList
                lenient_waits; /* for whom a token that still lives will do if a new one cannot be had */
        WaitList askers;       /* for the identity */
};

/* The one place where the state changes; announces it. */
void account_set_state(Account *a, AccountState state);
void account_set_last_error(Account *a, int r);
void account_announce(Account *a, AccountChange changes);
void account_announce_saved(Account *a); /* where that changed */

/* The state that follows from the record and the clock. */
AccountState account_state_by_record(const Account *a);
void account_follow_record(Account *a);

/* Plans the next refresh, where there is a way to it. */
void account_resume_timer(Account *a);

/* Puts the grant of the record into force. */
void account_use_grant(Account *a);

/* Writes the record; into_store: with a grant that nobody else holds yet. 0, -ENOMEM, -E2BIG. */
int account_save(Account *a, bool into_store);

/* The new grant is in the keyring, or has waited long enough: tells everybody, and one of them may free
 * the account. */
void account_publish_grant(Account *a);

/* Those who wait get what there is; of a refresh token alone that is what comes of it. One of them may free
 * the account. */
void account_answer_waiters(Account *a);

/* The planner rang: a RefreshTimerFn. */
void account_on_refresh_timer(void *userdata);

/* Begins a refresh. 0, a Condition, or a negative errno; the caller then says account_fail(). */
int account_start_refresh(Account *a);
void account_fail(Account *a, int r);

/* A new grant: saved before anybody is told. refresh_token: where the answer has none. 0 or -ENOMEM. */
int account_take_token(Account *a, const OauthToken *token, Secret *refresh_token);

/* Makes up for a sign-in during which Yandex did not tell whose account it was. */
void account_learn_identity(Account *a);
