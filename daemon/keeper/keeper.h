/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The keeper: the set of accounts and applications of one user, and what all of them share: the keyring,
 * the network, the clock.
 */

#include <systemd/sd-event.h>

#include "keeper/account/account.h"
#include "keeper/account/application.h"
#include "keeper/storage/loader.h"
#include "yandex/oauth.h"

typedef struct Keeper Keeper;
typedef struct Trials Trials;
typedef struct Completions Completions;

typedef enum KeeperChange {
        KEEPER_CHANGED_KEYRING = 1 << 0,
        KEEPER_CHANGED_ONLINE = 1 << 1,
        KEEPER_CHANGED_DEFAULT = 1 << 2,
} KeeperChange;

/* Who wants to know. All run from the loop or from within a call, and must not free anything of ours. */
typedef struct KeeperObserver {
        void (*on_loaded)(void *userdata); /* once: the keyring was asked, whatever it said */
        void (*on_account_added)(Account *account, void *userdata);
        void (*on_account_changed)(Account *account, AccountChange changes, void *userdata);
        void (*on_account_removed)(Account *account, void *userdata); /* while it is still there */
        void (*on_changed)(KeeperChange changes, void *userdata);
        void *userdata;
} KeeperObserver;

/* oauth and observer must outlive the keeper. Takes in what the descriptor store holds. */
int keeper_new(sd_event *event, Oauth *oauth, Keeper **ret);
Keeper *keeper_free(Keeper *k);
DEFINE_CLEANUP(Keeper *, keeper_free)

/* Begins to work: reads the keyring, then keeps the grants good. */
void keeper_start(Keeper *k, const KeeperObserver *observer);

/* The observer goes: it is told nothing any more. */
void keeper_unobserve(Keeper *k);

/* Begins nothing new, tries once more to save what is not saved, and runs fn, from the loop, once no answer
 * of Yandex is awaited and no write is under way and nobody holds, or after 18 s. What is not saved by then
 * is named in the log. */
void keeper_stop(Keeper *k, void (*fn)(void *userdata), void *userdata);

/* Between the two something is in memory alone, or on its way there, that must not be lost. The first
 * returns the keeper, the second takes NULL and returns NULL. */
Keeper *keeper_hold(Keeper *k);
Keeper *keeper_release(Keeper *held);

sd_event *keeper_event(const Keeper *k);
Oauth *keeper_oauth(const Keeper *k);
Vault *keeper_vault(const Keeper *k);
Loader *keeper_loader(const Keeper *k);
Applications *keeper_applications(const Keeper *k);
Trials *keeper_trials(const Keeper *k);
Completions *keeper_arrivals(const Keeper *k);

VaultState keeper_keyring_state(const Keeper *k);
bool keeper_is_online(const Keeper *k);

/* Whether the keyring was read while it was unlocked, so that nothing in it can have been hidden. */
bool keeper_has_seen_all(const Keeper *k);

/* The accounts, in the order of their sign-in. */
size_t keeper_n_accounts(const Keeper *k);
Account *keeper_account(const Keeper *k, size_t i);

Account *keeper_account_by_id(const Keeper *k, const char *id);

/* By label, login or id; "" is the default account. 0; CONDITION_NO_SUCH_ACCOUNT, _AMBIGUOUS,
 * _NOT_SIGNED_IN; or the reason why the accounts are not known. */
int keeper_find(const Keeper *k, const char *name, Account **ret);

/* The one chosen last, else the oldest; NULL where there is none. */
Account *keeper_default(const Keeper *k);
int keeper_set_default(Keeper *k, Account *account);

/* Adds one of which only that is known. 0 or a negative errno. */
int keeper_add_locked(Keeper *k, const char *id, const char *client_id, Account **ret);

/* Adds one, which takes over the record; whoever adds it starts it. 0, or a negative errno, where the
 * caller still has to clean up the record, which may be empty by then. */
int keeper_add(Keeper *k, AccountRecord *record, Account **ret);

/* Whether an account is signed in through the application. */
bool keeper_uses_application(const Keeper *k, const char *client_id);

/* The answer r of applications_erase() is in; whether an account is signed in through the application by
 * now: then it stays, and is written again. */
bool keeper_end_erasure(Keeper *k, const char *client_id, int r);

/* The application has another secret: accounts that Yandex refused for its sake try again. */
void accounts_retry_refused(Keeper *k, const char *client_id);

/* Forgets an account that is out of the keyring, and frees it. */
void keeper_remove(Keeper *k, Account *account);

/* Yandex was reached, or could not be. */
void keeper_reached(Keeper *k, bool reached);
