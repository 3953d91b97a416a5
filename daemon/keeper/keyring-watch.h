/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Looks at the keyring again while something waits for it, since not every service says when it was
 * unlocked, and after an item was deleted. Nothing is looked at while nothing waits, so that an
 * idle daemon sleeps.
 */

#include "keeper/world.h"

typedef struct KeyringWatch KeyringWatch;

/* The world must outlive the watch. Returns 0 or a negative errno. */
int keyring_watch_new(World *world, KeyringWatch **ret);
KeyringWatch *keyring_watch_free(KeyringWatch *watch);
DEFINE_CLEANUP(KeyringWatch *, keyring_watch_free)

/* What waits for the keyring, the state of the keyring, or whether the daemon stops may have
 * changed. */
void keyring_watch_update(KeyringWatch *watch);

/* The keyring has so many items that do not even tell whose they are. */
void keyring_watch_set_hidden(KeyringWatch *watch, size_t n_hidden);

/* An item was deleted: if it was one of ours, a look finds that it has to be written again. */
void keyring_watch_item_deleted(KeyringWatch *watch);
