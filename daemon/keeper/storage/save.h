/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The way of one document from memory to the keyring: it is put into the service manager's
 * descriptor store, then written to the keyring, and removed from the store once the keyring has
 * it. A write that fails is tried again until it succeeds. A newer document replaces one that is
 * still on its way.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keyring/vault.h"
#include "model/secret.h"

typedef struct Save Save;

/* Runs from the loop. With r = 0 the keyring holds the document. Otherwise r is a Condition or a
 * negative errno: the keyring does not hold it yet, callers should wait no longer, and the callback
 * runs again once it does. CONDITION_PENDING is no failure: the keyring took the document and is
 * only slow to write it to the disk. May free the save. */
typedef void (*SaveFn)(int r, void *userdata);

/* Copies the key. Returns 0 or a negative errno. */
int save_new(sd_event *event, Vault *vault, const VaultKey *key, SaveFn fn, void *userdata,
             Save **ret);

/* Stops trying. What is in the descriptor store stays there for the next start. Takes NULL, returns
 * NULL. */
Save *save_free(Save *s);
DEFINE_CLEANUP(Save *, save_free)

/* Sends a document on its way. label: what keyring browsers show. store_name: its name in the
 * descriptor store; NULL: it is not put there. Returns 0 or -ENOMEM. */
int save_put(Save *s, const char *label, Secret *document, const char *store_name);

/* Takes over an entry that an earlier run left in the descriptor store; it is removed once the
 * keyring has the document. Returns 0 or -ENOMEM. */
int save_restore(Save *s, const char *store_name);

/* Whether the keyring holds the newest document. */
bool save_is_done(const Save *s);

/* Whether a write is under way. */
bool save_is_under_way(const Save *s);

/* The keyring was unlocked or came back: tries again now. */
void save_retry(Save *s);

/* The document is no longer wanted: stops, and removes it from the descriptor store. */
void save_forget(Save *s);
