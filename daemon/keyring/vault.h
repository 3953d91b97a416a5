/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The vault: our items in the Secret Service (libsecret), asynchronous, with a deadline on each
 * call. Items are found by their attributes each time, in every collection; new items go to the
 * default collection. The service may lock, unlock, restart or be replaced at any time.
 *
 * Every call follows one contract: it never calls back before it returned; *ret_call is the handle
 * and belongs to the caller, whose callback must take or free it first; freeing it cancels, and
 * the callback will not run. A callback may start new calls and free the vault's users, not the
 * vault.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/secret.h"

typedef struct Vault Vault;
typedef struct VaultCall VaultCall;

/* The kinds of items, and the attributes that an item of each has, the same for its whole life. No
 * attribute is secret. The schema is io.github.yadiskctl.Tokens1. */
typedef enum VaultKind {
        VAULT_ACCOUNT,     /* kind=account, id, client_id */
        VAULT_APPLICATION, /* kind=application, id = client_id, client_id */
        _VAULT_KIND_MAX,
        _VAULT_KIND_INVALID = -EINVAL,
} VaultKind;

/* Names one item. The strings are borrowed. */
typedef struct VaultKey {
        VaultKind kind;
        const char *id;
        const char *client_id;
} VaultKey;

/* An item that was found. It belongs to the vault and is valid during the callback. */
typedef struct VaultItem {
        VaultKey key;
        bool locked;
        /* NULL if the item is locked or cannot be read; reference it to keep it. */
        Secret *document;
        uint64_t modified; /* UTC seconds, as the service says; 0 if it does not say */
} VaultItem;

/* Whether a call may raise a prompt to unlock, or to create a collection. Only a caller whose user
 * allowed interaction may say so; unlock.c decides which prompts are shown. */
typedef enum VaultPrompt {
        VAULT_NO_PROMPT,
        VAULT_MAY_PROMPT,
} VaultPrompt;

/*
 * Receive the result r of a call:
 *
 * - 0: done.
 * - CONDITION_KEYRING_LOCKED: it is locked, and no prompt was allowed, or the user dismissed it.
 * - CONDITION_KEYRING_ITEMS_LOCKED: the default collection is open, items of ours in it are locked.
 * - CONDITION_KEYRING_MISSING: there is no default collection, and none could be created.
 * - CONDITION_KEYRING_UNAVAILABLE: no program owns org.freedesktop.secrets, and none can be
 *   started.
 * - CONDITION_KEYRING_DISMISSED: the service asked the user, who refused, before it changed an
 *   item.
 * - CONDITION_KEYRING_FAILED: the service gave an error, or the deadline passed.
 */
typedef void (*VaultFoundFn)(int r, const VaultItem *items, size_t n_items, void *userdata);
typedef void (*VaultDoneFn)(int r, void *userdata);

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

/* What the vault announces. Both run from the loop. */
typedef struct VaultEvents {
        /* Each change of state, and the first state when it becomes known. */
        void (*on_state)(VaultState state, void *userdata);
        /* An item was deleted, by us or by another program. It may have been one of ours. */
        void (*on_deleted)(void *userdata);
} VaultEvents;

/* Connects in the background, in GLib's default context. The events must outlive the vault.
 * Returns 0 or a negative errno. */
int vault_new(const VaultEvents *events, void *userdata, Vault **ret);

/* Outstanding calls must have been freed. Returns NULL. */
Vault *vault_free(Vault *v);
DEFINE_CLEANUP(Vault *, vault_free)

/* What the state as last seen means to a caller: 0 or a CONDITION_KEYRING_…; that of VAULT_ABSENT
 * before the first look. Signals are hints, and some services send none, so look again with
 * vault_unlock() before you tell a user that the keyring is locked. */
int vault_condition(const Vault *v);

/* Grows at each change of state. If it has not grown since a look began, the state is still the one
 * that the look has found. */
uint64_t vault_changes(const Vault *v);

/* Grows when a write of ours begins, and when it ends. If it grew during a look, what the look has
 * found may be out of date. */
uint64_t vault_writes(const Vault *v);

/* Finds all items of ours, or with a key those of that kind and id. Several items may answer to
 * one key, since a user may have copied one; the caller decides. Locked items come without
 * document. They also come without id and client_id ("") if the service hides these and they were
 * not asked for, which gnome-keyring does until the collection was unlocked once; other services
 * hide the whole item. If nothing is found, r is 0 and n_items is 0. Never prompts, nor makes the
 * service show a window. An item whose document KWallet did not come to write is removed on the
 * way. */
void vault_find(Vault *v, const VaultKey *key, VaultFoundFn fn, void *userdata,
                VaultCall **ret_call);

/* Writes the document of that item in one step: replaces it, or creates it in the default
 * collection. A keyring browser shows the label. If several items answer to the key, the newest is
 * replaced and the others are left. If r is 0, the service has written the document to the disk:
 * KWallet, which answers before it writes, has lived on for as long as it needs. */
void vault_store(Vault *v, const VaultKey *key, const char *label, Secret *document,
                 VaultPrompt prompt, VaultDoneFn fn, void *userdata, VaultCall **ret_call);

/* Deletes all items that answer to the key, or none if one of them is locked. Each is overwritten
 * first, since some services keep what was deleted. If there are none, r is 0, unless the default
 * collection is locked and may hide them. */
int vault_erase(Vault *v, const VaultKey *key, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                VaultCall **ret_call);

/* Unlocks the default collection and our items in it. Without a prompt it finds out whether they
 * are there and unlocked, and opens what opens without one. Call it before a sign-in and before a
 * refresh, so that no token is fetched that cannot be kept. If r is 0, a store would work now. */
void vault_unlock(Vault *v, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                  VaultCall **ret_call);

/* Whether the call only waits until the service has written something to the disk that it has
 * answered before. Takes NULL, returns false. */
bool vault_call_is_settling(const VaultCall *c);

/* Whether the service may still have to write something that it has answered. A stop should
 * wait. */
bool vault_is_writing(const Vault *v);

/* Cancels: the callback will not run. Takes NULL, returns NULL. */
VaultCall *vault_call_free(VaultCall *c);
DEFINE_CLEANUP(VaultCall *, vault_call_free)
