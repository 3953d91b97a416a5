/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The keyring, replaced at link time: defines every symbol of keyring/vault.h. Items are in memory;
 * calls are answered from the loop, or when the test says so. A callback that breaks the contract
 * (which does not free its call) ends the test. What is stored and erased is written to the
 * journal.
 */

#include <systemd/sd-event.h>

#include "keyring/vault.h"

typedef enum FakeVaultVerb {
        FAKE_FIND,
        FAKE_STORE,
        FAKE_ERASE,
        FAKE_UNLOCK,
        _FAKE_VERB_MAX,
} FakeVaultVerb;

/* Empties it; unlocked. event is the loop of the vaults that are made from now on. */
void fake_vault_reset(sd_event *event);

/* Vaults that are made from now on do not know their state before it is set. */
void fake_vault_be_slow(void);

/* Locks, unlocks, goes, comes: tells the vault that is there, from the loop. */
void fake_vault_set_state(VaultState state);

/* The same, and nobody is told: who looks, finds out. */
void fake_vault_set_state_silently(VaultState state);

/* An item that is there already; several may have the same key. */
void fake_vault_add(const VaultKey *key, Secret *document);

/* One item stays locked (has no document) though the collection is not. */
void fake_vault_lock_item(VaultKind kind, const char *id, bool locked);

/* Locked items come without id and client_id, as from gnome-keyring. */
void fake_vault_hide_attributes(bool hide);

/* The items of that kind and id; NULL: of any id. */
unsigned fake_vault_count_items(VaultKind kind, const char *id);

/* The document and label of the item added last under that id, or NULL. */
const char *fake_vault_document(VaultKind kind, const char *id);
const char *fake_vault_label(VaultKind kind, const char *id);

/* The user does something to it behind our back. */
void fake_vault_replace(VaultKind kind, const char *id, Secret *document);
void fake_vault_remove(VaultKind kind, const char *id);

/* The vault is told of it. */
void fake_vault_tell_of_deletion(void);

/* The next n calls are answered r; UINT32_MAX: all, until told otherwise. */
void fake_vault_fail(FakeVaultVerb verb, int r, unsigned n);

/* The next erasure does not even start; other calls always do. */
void fake_vault_refuse_erase(int r);

/* Calls wait from now on, until they are let go. */
void fake_vault_hold(FakeVaultVerb verb);
void fake_vault_let_go(FakeVaultVerb verb);

/* The user dismisses prompts from now on. */
void fake_vault_dismiss_prompts(bool dismiss);

/* Calls so far, those among them which were allowed to prompt, and those without an answer yet. */
unsigned fake_vault_calls(FakeVaultVerb verb);
unsigned fake_vault_prompts(void);
unsigned fake_vault_waiting(FakeVaultVerb verb);
