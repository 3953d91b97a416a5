/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The loader reads all our items from the keyring: at start, when the keyring appears or is
 * unlocked, and again after a failure. It also unlocks the keyring for a caller who allows that.
 */

#include <systemd/sd-event.h>

#include "keyring/vault.h"

typedef struct Loader Loader;
typedef struct Unlock Unlock;

/* Runs from the loop after each look. The items are borrowed; if r is a Condition or a negative
 * errno there are none. */
typedef void (*LoaderFn)(int r, const VaultItem *items, size_t n_items, void *userdata);

/* Runs once, from the loop. With r = 0 the keyring is unlocked and was read since; otherwise r is a
 * Condition or a negative errno. The callback frees the handle. */
typedef void (*UnlockFn)(int r, void *userdata);

/* The vault must outlive the loader. Returns 0 or a negative errno. */
int loader_new(sd_event *event, Vault *vault, LoaderFn fn, void *userdata, Loader **ret);

/* Answers those who wait with CONDITION_CANCELLED. Takes NULL, returns NULL. */
Loader *loader_free(Loader *l);
DEFINE_CLEANUP(Loader *, loader_free)

/* Looks now, or once more if a look is under way. */
void loader_look(Loader *l);

/* Returns 0 once a look has succeeded; before that, the reason why there was none. */
int loader_result(const Loader *l);

/* Returns 0 if everything that is in the keyring now is known; otherwise the reason why it is
 * not. */
int loader_verdict(const Loader *l);

/* Unlocks the keyring and looks. Returns 0 or a negative errno. */
int loader_unlock(Loader *l, VaultPrompt prompt, UnlockFn fn, void *userdata, Unlock **ret);

/* The same without a prompt, for a caller who is about to say that the keyring is locked. Checks
 * run at most once a second and are shared; the one that answers begins after this call. Returns 0
 * or a negative errno. */
int loader_check(Loader *l, UnlockFn fn, void *userdata, Unlock **ret);

/* Plans such a check, whether or not anyone waits for it. */
void loader_poll(Loader *l);

/* Cancels. Takes NULL, returns NULL. */
Unlock *unlock_free(Unlock *u);
DEFINE_CLEANUP(Unlock *, unlock_free)
