/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An account: one Yandex user who is signed in through one application. It keeps its grant good,
 * hands out the access token from memory, and announces what changes.
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
 *      │          In sign-in-needed no refresh is tried, in app-refused one a day. Of a locked
 *    locked       account only its existence is known.
 */
typedef enum AccountState {
        ACCOUNT_ACTIVE,
        ACCOUNT_EXPIRED,        /* life over; a refresh is still being tried */
        ACCOUNT_SIGN_IN_NEEDED, /* Yandex refused the refresh token */
        ACCOUNT_APP_REFUSED,    /* Yandex refused the application; the tokens are kept */
        ACCOUNT_LOCKED,         /* the keyring is locked, or the item cannot be read */
        _ACCOUNT_STATE_MAX,
        _ACCOUNT_STATE_INVALID = -EINVAL,
} AccountState;

const char *account_state_to_string(AccountState state);

/* What changed, as a set. */
typedef enum AccountChange {
        ACCOUNT_CHANGED_LABEL = 1 << 0,
        ACCOUNT_CHANGED_IDENTITY = 1 << 1, /* login and scopes */
        ACCOUNT_CHANGED_STATE = 1 << 2,
        ACCOUNT_CHANGED_REFRESHING = 1 << 3,
        ACCOUNT_CHANGED_SAVED = 1 << 4,
        ACCOUNT_CHANGED_GRANT = 1 << 5, /* generation and times */
        ACCOUNT_CHANGED_NEXT_REFRESH = 1 << 6,
        ACCOUNT_CHANGED_LAST_ERROR = 1 << 7,
        ACCOUNT_CHANGED_ALLOWED = 1 << 8,
} AccountChange;

/* Runs on every change, possibly from within a call. Must not free the account. */
typedef void (*AccountFn)(Account *account, AccountChange changes, void *userdata);

/* Which token is asked for. */
typedef struct TokenQuery {
        bool has_min_valid;
        uint32_t min_valid; /* seconds that the token must still live */
        bool force;         /* the present token is of no use */
} TokenQuery;

/* In characters. */
#define LABEL_MAX 64

/* The label until Yandex has told whose account it is. */
#define LABEL_UNKNOWN "Yandex Disk"

/* Whether the text can be a label: at most LABEL_MAX characters, and one that can be seen; see also
 * utf8_is_text(). */
bool label_is_valid(const char *label);

/* Creates an account that takes over the record. The world must outlive it. Returns 0, or a
 * negative errno, in which case the caller keeps the record. */
int account_new(World *world, AccountRecord *record, AccountFn on_changed, void *userdata,
                Account **ret);

/* Creates a locked account, of which only the attributes are known. Returns 0 or a negative
 * errno. */
int account_new_locked(World *world, const char *id, const char *client_id, AccountFn on_changed,
                       void *userdata, Account **ret);

/* Answers those who wait with CONDITION_CANCELLED. What is not saved yet stays in the descriptor
 * store. */
Account *account_free(Account *a);
DEFINE_CLEANUP(Account *, account_free)

/* Plans the refreshes of an account that was read from the keyring. */
void account_start(Account *a);

/* Plans the refreshes of an account that was just signed in, and writes it. Those who ask for a
 * token wait until it is written. Returns 0, -ENOMEM or -E2BIG. */
int account_keep(Account *a);

/* Everything that is kept; while the account is locked only id and client_id are set. Valid until
 * the account changes. */
const AccountRecord *account_record(const Account *a);

/* What is announced. While a new grant is on its way to the keyring, that is the grant before
 * it. */
const char *account_id(const Account *a);
AccountState account_state(const Account *a);
bool account_is_refreshing(const Account *a);
bool account_is_saved(const Account *a);
Grant *account_grant(const Account *a);            /* borrowed; NULL while locked */
uint32_t account_generation(const Account *a);     /* 0 while locked */
GrantTimes account_times(const Account *a);        /* 0 while locked */
int64_t account_last_refresh_at(const Account *a); /* UTC seconds; 0: never */
int64_t account_next_refresh_at(const Account *a); /* UTC seconds; 0: none is planned */

/* A Condition or a negative errno, or 0 if there was no error. For a locked account: why it is
 * locked. */
int account_last_error(const Account *a);

/* Why the account has no token and cannot get one: 0 or a Condition. */
int account_refusal(const Account *a);

/* The client secret for a renewal, borrowed; NULL if the application has none. Without one that it
 * needs the application must not ask: Yandex takes a missing secret for a wrong one, and we would
 * take the application for refused. Returns 0 or the Condition because of which it is not known. */
int account_find_client_secret(const Account *a, Secret **ret);

/* Asks for a token. Returns 0 with *ret_wait NULL if account_grant() will do as it is. Returns 0
 * with *ret_wait if fn will run: with r = 0 and the grant in wait_grant(), or with the reason why
 * there is none. fn must not remove the account. Otherwise returns a Condition or a negative errno:
 * a token cannot be had now. */
int account_get_token(Account *a, const TokenQuery *query, WaitFn fn, void *userdata,
                      Wait **ret_wait);

/* Refreshes on demand, and returns as account_get_token() does. If the last attempt is less than
 * SCHEDULE_ATTEMPT_INTERVAL ago, its result stands. */
int account_refresh(Account *a, WaitFn fn, void *userdata, Wait **ret_wait);

/* A service answered 401 to the token of this generation. Finds out whether the token is dead, at
 * most once a minute, and refreshes if it is. */
void account_report_refused(Account *a, uint32_t generation);

/* Replaces the grant by the one that a sign-in brought at obtained_at (UTC seconds), unless Yandex
 * has given another one since. Returns 0 or -ENOMEM. */
int account_take_sign_in(Account *a, const OauthToken *token, const OauthIdentity *identity,
                         char *const *scopes, int64_t obtained_at);

/* The keyring holds this record. Takes it over if its generation is newer, or if the account was
 * locked; frees it otherwise. */
void account_learn(Account *a, AccountRecord *record);

/* The item of a locked account was read but cannot be understood. It stays as it is, and until it
 * can be read the account says why: CONDITION_RECORD_NEWER or CONDITION_RECORD_UNREADABLE. */
void account_mark_unreadable(Account *a, int why);

/* An earlier run left this record in the descriptor store, under this name. Does as
 * account_learn(), and writes the record to the keyring. Returns 0 or a negative errno. */
int account_restore(Account *a, AccountRecord *record, const char *store_name);

/* An earlier run left an answer of Yandex in the descriptor store. Returns whether it is dealt
 * with; if not, nothing can be said of it yet. */
bool account_take_pending_answer(Account *a, const PendingAnswer *pending);

/* The keyring was read and does not hold the account: writes it again. */
void account_rewrite(Account *a);

/* Each returns 0, -ENOMEM, -E2BIG, or the Condition because of which the record is not known. */
int account_set_label(Account *a, const char *label);
int account_make_default(Account *a);

/* Which sandboxed apps may have the tokens of the account. An app that is allowed already, or that
 * is not allowed, stays so. account_allow() returns CONDITION_LIMITS_EXCEEDED if ALLOWED_APPS_MAX
 * are allowed. The name must be valid. */
int account_allow(Account *a, const char *app);
int account_deny(Account *a, const char *app);

/* False while the account is locked, since it is not known then. */
bool account_allows(const Account *a, const char *app);

/* Valid until the account changes. */
char *const *account_allowed(const Account *a);

/* The clock stepped: plans anew. */
void account_reschedule(Account *a);

/* The network came back, or the machine resumed: tries again what failed. */
void account_retry_now(Account *a);

/* The keyring is there and unlocked: writes what is not saved. */
void account_retry_save(Account *a);

/* The application has another secret: refreshes at once if it failed for want of the right one. */
void account_retry_refused(Account *a);

/* The state of the keyring changed, which is the last error of a locked account. */
void account_keyring_changed(Account *a);

/* Whether unlocking the keyring would show more of the account. */
bool account_is_hidden(const Account *a);

/* Whether there is something to read from the keyring, to write to it, or to renew once it is
 * unlocked. */
bool account_awaits_keyring(const Account *a);

/* Whether an answer of Yandex is awaited, or a grant is on its way to the keyring: then the daemon
 * must not stop. */
bool account_is_busy(const Account *a);

/* The account is being signed out: asks and writes no more, and empties the descriptor store of
 * it. */
void account_begin_sign_out(Account *a);
bool account_is_signing_out(const Account *a);

/* The account was not signed out after all: goes on, and writes again what was forgotten. If its
 * grant was revoked, it needs another sign-in. Answers those who waited for what was broken off. */
void account_cancel_sign_out(Account *a, bool revoked);

/* The daemon stops: gives up a refresh for which Yandex was not asked yet, and writes once more
 * what is not saved. */
void account_stop(Account *a);

/* The daemon ends: warns in the log if the keyring does not hold the newest grant. */
void account_log_unsaved(Account *a);
