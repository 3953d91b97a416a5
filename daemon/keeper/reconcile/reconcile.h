/* SPDX-License-Identifier: MIT */
#pragma once

/* Reconciles what the keyring holds with the set of accounts and applications. */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

/* Takes over everything that was found and is newer, or not known yet. */
void reconcile_learn(World *w, const VaultItem *items, size_t n_items);

/* Returns the number of items that hold an account but do not tell which one. */
size_t reconcile_count_hidden(const VaultItem *items, size_t n_items);

/* Whether an item is locked that holds an account: nothing is known of its user. Some keyrings lock
 * items one by one. */
bool reconcile_any_locked(const VaultItem *items, size_t n_items);

/* Writes again what an unlocked keyring should hold and does not: an item was deleted or damaged,
 * or an older one came back with another keyring. Otherwise the next start would find only that. */
void reconcile_rewrite_missing(World *w, const VaultItem *items, size_t n_items);
