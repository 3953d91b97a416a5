/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The vault: our items in the Secret Service (libsecret), asynchronous, with a deadline on each
 * call. Items are found by their attributes each time, in every collection; new ones go to the
 * default collection. The service may lock, unlock, restart or be replaced at any time.
 *
 * Every call follows one contract: it never calls back before it returned; *ret_call is the handle
 * and belongs to the caller, whose callback must take or free it first; freeing it cancels, and the
 * callback will not run. A callback may start new calls and free the vault's users, not the vault.
 *
 * Results r of callbacks:
 *   0                               done
 *   CONDITION_KEYRING_LOCKED        locked, and no prompt was allowed, or the user dismissed it
 *   CONDITION_KEYRING_ITEMS_LOCKED  the default collection is open, items of ours in it are locked
 *   CONDITION_KEYRING_MISSING       there is no default collection, and none could be created
 *   CONDITION_KEYRING_UNAVAILABLE   nobody owns org.freedesktop.secrets, nor can be started
 *   CONDITION_KEYRING_DISMISSED     the service asked the user before it wrote or deleted, who refused
 *   CONDITION_KEYRING_FAILED        an error of the service, or the deadline passed
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/secret.h"

typedef struct Vault Vault;
typedef struct VaultCall VaultCall;

/* Attributes of an item, the same for its whole life; nothing secret. Schema
 * io.github.yadiskctl.Tokens1. */
typedef enum VaultKind {
        VAULT_ACCOUNT,     /* kind=account, id, client_id */
        VAULT_APPLICATION, /* kind=application, id = client_id, client_id */
        _VAULT_KIND_MAX,
        _VAULT_KIND_INVALID = -EINVAL,
} VaultKind;

typedef enum VaultState {
        VAULT_UNLOCKED,
        VAULT_LOCKED,
        VAULT_ITEMS_LOCKED, /* KeePassXC shows an item to a program only when the user allows it */
        VAULT_MISSING,      /* there is a service, but no default collection */
        VAULT_SILENT,       /* there is a service, which does not answer as it should */
        VAULT_ABSENT,
        _VAULT_STATE_MAX,
        _VAULT_STATE_INVALID = -EINVAL,
} VaultState;

/* Names one item. Borrowed strings. */
typedef struct VaultKey {
        VaultKind kind;
        const char *id;
        const char *client_id;
} VaultKey;

/* One item found. Belongs to the vault, valid during the callback. */
typedef struct VaultItem {
        VaultKey key;
        bool locked;
        Secret *document; /* NULL while locked, and where it cannot be read; reference it to keep it */
        uint64_t modified; /* UTC seconds, as the service says; 0 where it does not */
} VaultItem;

/* Whether a call may raise a prompt to unlock, or to create a collection. Only for a caller who allowed
 * interaction; prompt.c decides. */
typedef enum VaultPrompt {
        VAULT_NO_PROMPT,
        VAULT_MAY_PROMPT,
} VaultPrompt;

/* Whom the vault tells. All from the loop. */
typedef struct VaultEvents {
        /* On each change of state; first when the state is known for the first time. */
        void (*on_state)(VaultState state, void *userdata);
        /* Some item was deleted, by whomever, which may have been one of ours. */
        void (*on_deleted)(void *userdata);
} VaultEvents;

typedef void (*VaultFoundFn)(int r, const VaultItem *items, size_t n_items, void *userdata);
typedef void (*VaultDoneFn)(int r, void *userdata);

/* Connects in the background, in GLib's default context. events: outlives the vault. 0 or a negative
 * errno. */
int vault_new(const VaultEvents *events, void *userdata, Vault **ret);

/* Outstanding calls must have been freed. Returns NULL. */
Vault *vault_free(Vault *v);
DEFINE_CLEANUP(Vault *, vault_free)

/* The state as last seen; VAULT_ABSENT before the first look. Signals are hints, and some services send
 * none: before anybody is told that the keyring is locked, vault_unlock() should have looked again. */
VaultState vault_state(const Vault *v);

/* What the state means to a caller: 0 or a CONDITION_KEYRING_… */
int vault_condition(const Vault *v);

/* Grows at each change of state: what a look finds that began since is what that state shows. */
uint64_t vault_changes(const Vault *v);

/* Grows whenever a write of ours begins or ends: what was found by a look during which it grew may no
 * longer be so. */
uint64_t vault_writes(const Vault *v);

/* Finds items of ours: all of them, or with a key those of that kind and id. Several items may answer
 * to one key (a user may have copied one); the caller decides. Locked ones come without document, and
 * without id and client_id ("") where the service hides these and they were not asked for, which
 * gnome-keyring does until the collection was unlocked once; other services hide the whole item.
 * Finding nothing is r = 0 with n_items = 0. Never prompts, nor makes the service show a window. An item
 * whose document KWallet never came to write is removed on the way. */
int vault_find(Vault *v, const VaultKey *key, VaultFoundFn fn, void *userdata,
               VaultCall **ret_call);

/* Writes the document of that item in one step: replaces it, or creates it in the default collection.
 * label is what a keyring browser shows. If several items answer to the key, the newest is replaced and
 * the others are left. Success means that the service has written it to the disk: of one that answers
 * before it writes (KWallet) it has then lived on for as long as it needs. */
int vault_store(Vault *v, const VaultKey *key, const char *label, Secret *document,
                VaultPrompt prompt, VaultDoneFn fn, void *userdata, VaultCall **ret_call);

/* Deletes all items that answer to the key, or none if one of them is locked. Each is overwritten first,
 * since some services keep what was deleted. Finding none is success, unless the default collection is
 * locked and may hide them. */
int vault_erase(Vault *v, const VaultKey *key, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                VaultCall **ret_call);

/* Unlocks the default collection and our items in it, or only finds out whether they are there and
 * unlocked; what opens without a prompt is opened. Called before a sign-in and before a refresh, so that
 * no token is fetched that cannot be kept. r = 0 means that a store would work now. */
int vault_unlock(Vault *v, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                 VaultCall **ret_call);

/* Whether the service has answered a write, and it is only waited for until it has written it to the
 * disk. False for NULL. */
bool vault_call_is_settling(const VaultCall *c);

/* Whether the service may still have something to write that it has answered: a stop should wait. */
bool vault_is_writing(const Vault *v);

/* Cancels: the callback will not run. Takes NULL, returns NULL. */
VaultCall *vault_call_free(VaultCall *c);
DEFINE_CLEANUP(VaultCall *, vault_call_free)
