/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An account: one Yandex user signed in through one application. It keeps its grant good, hands out the
 * access token from memory, and tells whoever listens what changed.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "keeper/account/application.h"
#include "keeper/storage/answer-slot.h"
#include "keeper/storage/loader.h"
#include "keeper/wait.h"
#include "keeper/world.h"
#include "keyring/vault.h"
#include "model/record.h"
#include "yandex/oauth.h"

typedef struct Account Account;

/*
 *                         a new grant (refresh, sign-in)
 *        ┌──────────────────────┬───────────────┬──────────────────┐
 *        ▼                      │               │                  │
 *     active ──life over──▶ expired      sign-in-needed       app-refused
 *      ▲   │                    │               ▲                  ▲
 *      │   ├────────────────────┴─invalid_grant─┘                  │
 *      │   └─────────────────────invalid_client────────────────────┘
 *   unlocked
 *      │          In sign-in-needed nothing is tried; in app-refused once a day; in locked nothing is
 *    locked       known but that the account exists.
 */
typedef enum AccountState {
        ACCOUNT_ACTIVE,
        ACCOUNT_EXPIRED,        /* life over, refresh still being tried */
        ACCOUNT_SIGN_IN_NEEDED, /* Yandex refused the refresh token */
        ACCOUNT_APP_REFUSED,    /* Yandex refused the application; the tokens are kept */
        ACCOUNT_LOCKED,         /* in a keyring that is locked, or in an item that cannot be read */
        _ACCOUNT_STATE_MAX,
        _ACCOUNT_STATE_INVALID = -EINVAL,
} AccountState;

const char *account_state_to_string(AccountState state);

/* What changed, as a set. */
typedef enum AccountChange {
        ACCOUNT_CHANGED_LABEL = 1 << 0,
        ACCOUNT_CHANGED_IDENTITY = 1 << 1, /* login, scopes */
        ACCOUNT_CHANGED_STATE = 1 << 2,
        ACCOUNT_CHANGED_REFRESHING = 1 << 3,
        ACCOUNT_CHANGED_SAVED = 1 << 4,
        ACCOUNT_CHANGED_GRANT = 1 << 5,        /* generation and times */
        ACCOUNT_CHANGED_NEXT_REFRESH = 1 << 6, /* next refresh */
        ACCOUNT_CHANGED_LAST_ERROR = 1 << 7,
} AccountChange;

/* Runs on every change, possibly from within a call; must not free the account. */
typedef void (*AccountFn)(Account *account, AccountChange changes, void *userdata);

/* What a caller wants of the token. */
typedef struct TokenQuery {
        bool has_min_valid;
        uint32_t min_valid; /* seconds */
        bool force;         /* the token is of no use: get another */
} TokenQuery;

/* Nothing Yandex gives lives longer: 365 days, in seconds. */
#define MIN_VALID_MAX (UINT32_C(365) * 24 * 60 * 60)

#define LABEL_MAX 64

/* Until Yandex has told whose account it is. */
#define LABEL_UNKNOWN "Yandex Disk"

/* A text of at most LABEL_MAX bytes; see utf8_is_text(). */
bool label_is_valid(const char *label);

/* Takes over the record. The world must outlive the account. 0 or a negative errno, where the record
 * is still the caller's. */
int account_new(World *world, AccountRecord *record, AccountFn on_changed, void *userdata,
                Account **ret);

/* An account in the state locked, of which only the attributes are known. */
int account_new_locked(World *world, const char *id, const char *client_id, AccountFn on_changed,
                       void *userdata, Account **ret);

/* The item of a locked account was read, but is no record that we understand: it stays as it is, and the
 * account says why, CONDITION_RECORD_NEWER or _UNREADABLE, until the item can be read. */
void account_mark_unreadable(Account *a, int why);

/* The keyring is in another state than before, which is what a locked account says of itself. */
void account_keyring_changed(Account *a);

/* Whether unlocking the keyring would show more of it. */
bool account_is_hidden(const Account *a);

/* Being signed out. */
bool account_is_signing_out(const Account *a);

/* On trial it may yet go again as if it had never been: nobody is notified of its troubles. */
void account_set_on_trial(Account *a, bool on_trial);
bool account_is_on_trial(const Account *a);

/* The keyring was looked through and does not hold the account: writes it again. */
void account_rewrite(Account *a);

/* Waiters are answered CONDITION_CANCELLED. What is not saved yet stays in the descriptor store. */
Account *account_free(Account *a);
DEFINE_CLEANUP(Account *, account_free)

/* Everything that is kept; while the account is locked only id and client_id are set. Valid until the
 * account changes. */
const AccountRecord *account_record(const Account *a);

const char *account_id(const Account *a);
AccountState account_state(const Account *a);
bool account_is_refreshing(const Account *a);
bool account_awaits_yandex(const Account *a); /* has asked for a grant, and has no answer yet */
bool account_awaits_keyring(
        const Account *a); /* there is something to read, to write or to renew */
bool account_is_saved(const Account *a);
uint32_t account_generation(const Account *a); /* 0 while locked, like the times */
GrantTimes account_times(const Account *a);
int64_t account_last_refresh_at(const Account *a); /* 0: never */
int64_t account_next_refresh_at(const Account *a); /* 0: none is planned */
int account_last_error(const Account *a);          /* a Condition or a negative errno; 0: none;
                                                    * of a locked account: why it is locked */

/* Goes to work: plans. */
void account_start(Account *a);

/* As account_start(), for one that was just signed in: writes it, and lets those who ask wait until that
 * is done. 0, -ENOMEM, -E2BIG. */
int account_keep(Account *a);

/* Why it has no token, and none can be had for it: 0 or a Condition. */
int account_refusal(const Account *a);

/* Asks for a token. Returns 0 with *ret_wait NULL if account_grant() will do as it is. Returns 0 with *ret_wait if fn
 * will run: with r = 0 and the grant in wait_grant(), or with the reason why there is none. Otherwise returns a
 * Condition or a negative errno: a token cannot be had now. */
int account_get_token(Account *a, const TokenQuery *query, WaitFn fn, void *userdata,
                      Wait **ret_wait);

/* Refreshes on demand, and returns as account_get_token() does. If the last attempt is less than
 * SCHEDULE_ATTEMPT_INTERVAL ago, its result stands. */
int account_refresh(Account *a, WaitFn fn, void *userdata, Wait **ret_wait);

/* The grant that is handed out: not yet the one that is on its way to the keyring. Borrowed; NULL while locked. */
Grant *account_grant(const Account *a);

/* A service answered 401 to this generation: finds out whether that is so, and refreshes if it is. */
void account_report_refused(Account *a, uint32_t generation);

/* Puts what a sign-in brought in place of the grant there was. 0 or -ENOMEM. */
int account_renew(Account *a, const OauthToken *token, const OauthIdentity *identity,
                  char *const *scopes);

/* Asks Yandex whose account it is, where that is not known. 0 with *ret_wait: fn will run once it has
 * answered; else it cannot be asked now. */
int account_identify(Account *a, WaitFn fn, void *userdata, Wait **ret_wait);

/* The keyring holds another record than we knew. Takes it over where its generation is newer, or where
 * the account was locked; frees it otherwise. */
void account_learn(Account *a, AccountRecord *record);

/* The descriptor store of an earlier run held this record, by that name. */
int account_restore(Account *a, AccountRecord *record, const char *store_name);

/* An answer of Yandex outlived an earlier run. Whether it is done with: false while nothing can be said
 * of it yet. */
bool account_take_pending_answer(Account *a, const PendingAnswer *pending);

/* 0, a Condition where the record is not known, or -ENOMEM. */
int account_set_label(Account *a, const char *label);
int account_make_default(Account *a);

/* The clock stepped: plans anew. */
void account_reschedule(Account *a);

/* The network came back, or the machine resumed: what failed is tried again. */
void account_retry_now(Account *a);

/* The keyring is there and unlocked: what is not saved is tried again. */
void account_retry_save(Account *a);

/* The application has another secret: if Yandex refused it, or it was missing, asks again at once. */
void account_retry_refused(Account *a);

/* The daemon stops: what Yandex was not asked yet is given up, what is not saved is tried once more. */
void account_stop(Account *a);

/* The daemon ends: names in the log what the keyring does not hold. */
void account_log_unsaved(Account *a);

/* Whether an answer of Yandex is awaited, or anything is on its way to the keyring: not a moment to
 * stop at. */
bool account_is_busy(const Account *a);

/* Being signed out: asks and writes no more, and forgets what the descriptor store holds. */
void account_begin_sign_out(Account *a);

/* It was not signed out after all: goes on, and writes again what was forgotten. Those who waited for what was
 * broken off are answered, and one of them may free the account. */
void account_cancel_sign_out(Account *a);
