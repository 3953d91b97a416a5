/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The loader reads everything of ours from the keyring: at start, when the keyring comes or is unlocked,
 * and again after a failure. It also unlocks the keyring for a caller who allowed that.
 */

#include <systemd/sd-event.h>

#include "keyring/vault.h"

typedef struct Loader Loader;
typedef struct Unlock Unlock;

/* From the loop, after each look: what was found, or why nothing could be. */
typedef void (*LoaderFn)(int r, const VaultItem *items, size_t n_items, void *userdata);

/* From the loop, once. r = 0: the keyring is unlocked and has been read since; else a Condition. May
 * free the handle, which is to be freed there. */
typedef void (*UnlockFn)(int r, void *userdata);

int loader_new(sd_event *event, Vault *vault, LoaderFn fn, void *userdata, Loader **ret);
Loader *loader_free(Loader *l);
DEFINE_CLEANUP(Loader *, loader_free)

/* Looks now; once more after the look under way, if there is one. */
void loader_look(Loader *l);

/* 0 once everything that is there has been seen; before that the reason why not. */
int loader_result(const Loader *l);

/* 0 where all that is in the keyring now is known; else the reason why not. */
int loader_verdict(const Loader *l);

/* Makes sure that the keyring is there and unlocked, then looks. 0 or a negative errno. */
int loader_unlock(Loader *l, VaultPrompt prompt, UnlockFn fn, void *userdata, Unlock **ret);

/* The same without a prompt, for all who are about to say that the keyring is locked: begins after the
 * call, but at most once a second, and they share what it finds. */
int loader_check(Loader *l, UnlockFn fn, void *userdata, Unlock **ret);

/* The same with nobody waiting for it. */
void loader_poll(Loader *l);

/* Cancels. Takes NULL, returns NULL. */
Unlock *unlock_free(Unlock *u);
DEFINE_CLEANUP(Unlock *, unlock_free)
