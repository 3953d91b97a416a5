/* SPDX-License-Identifier: MIT */
#pragma once

/* The census: from what the keyring holds to the set of accounts and applications, and back. */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

/* Learns of everything that was found. */
void reconcile_learn(World *w, const VaultItem *items, size_t n_items);

/* How many accounts there are among the items found that do not even tell whose they are. */
size_t reconcile_count_hidden(const VaultItem *items, size_t n_items);

/* Writes again what an unlocked keyring should hold and does not: an item was deleted or spoilt behind our
 * back, or an older one came back with another keyring; after the next start it would be all that is
 * left. */
void reconcile_rewrite_missing(World *w, const VaultItem *items, size_t n_items);
