/* SPDX-License-Identifier: MIT */
#pragma once

/* The set of accounts: which there are, which one a name means, and which one is the default. */

#include "keeper/account/account.h"
#include "keeper/world.h"

typedef struct Accounts Accounts;

/* Who is told. The callbacks run from the loop or from within a call, and must not free an
 * account. */
typedef struct AccountsEvents {
        void (*on_added)(Account *account, void *userdata);
        void (*on_changed)(Account *account, AccountChange changes, void *userdata);
        void (*on_removed)(Account *account, void *userdata); /* while it is still there */
        void (*on_default_changed)(void *userdata);
} AccountsEvents;

/* The world and the events must outlive the set. Returns 0 or -ENOMEM. */
int accounts_new(World *world, const AccountsEvents *events, void *userdata, Accounts **ret);
Accounts *accounts_free(Accounts *set);
DEFINE_CLEANUP(Accounts *, accounts_free)

/* The accounts, in the order of their sign-in. */
size_t accounts_count(const Accounts *set);
Account *accounts_at(const Accounts *set, size_t i);

/* Returns NULL if there is none. */
Account *accounts_by_id(const Accounts *set, const char *id);
Account *accounts_by_user(const Accounts *set, const char *client_id, const char *uid);

/* Finds an account by its label, login or id; "" means the default account. Returns 0;
 * CONDITION_NO_SUCH_ACCOUNT, CONDITION_AMBIGUOUS, CONDITION_NOT_SIGNED_IN; or the reason why the
 * accounts are not known. */
int accounts_find(const Accounts *set, const char *name, Account **ret);

/* Whether another account than this one has that label or id. Then the name, as a label, would mean
 * both, or the other one. */
bool accounts_has_name(const Accounts *set, const char *name, const Account *except);

/* The account that was chosen last, or else the oldest; NULL if there is none. */
Account *accounts_default(const Accounts *set);
int accounts_set_default(Accounts *set, Account *account);

/* Tells of the default account if it is another one by now. */
void accounts_announce_default(Accounts *set);

/* Adds an account that takes over the record; the caller starts it. Returns 0, or a negative errno,
 * in which case the caller still frees the record, which may be empty by then. */
int accounts_add(Accounts *set, AccountRecord *record, Account **ret);

/* Adds an account of which only this is known. Returns 0 or a negative errno. */
int accounts_add_locked(Accounts *set, const char *id, const char *client_id, Account **ret);

/* Forgets an account that is no longer in the keyring, and frees it. */
void accounts_remove(Accounts *set, Account *account);

/* Whether an account is signed in through the application. */
bool accounts_use_application(const Accounts *set, const char *client_id);

/* Whether the application may get this secret, which may be wrong, unless the user wants to replace
 * the one it has. Returns 0; CONDITION_SECRET_IN_USE if it has another one that an account uses and
 * Yandex has not refused; or CONDITION_KEYRING_ITEMS_LOCKED if it is not known which it has. */
int accounts_check_secret(const Accounts *set, const char *client_id, const Secret *client_secret,
                          bool replace);

/* The keyring has answered applications_erase() with r. Returns whether an account is signed in
 * through the application by now: then it stays, and is written again. */
bool accounts_end_erasure(Accounts *set, const char *client_id, int r);

/* The application has another secret: accounts that Yandex refused because of it try again. */
void accounts_retry_refused(Accounts *set, const char *client_id);
