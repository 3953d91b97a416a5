/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The storage order: one document on its way from memory to the keyring. It is handed to the service
 * manager's descriptor store first, then written to the keyring, and taken out of the store once the
 * keyring has it. A write that fails is tried again until it succeeds; the newest document wins.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keyring/vault.h"
#include "model/secret.h"

typedef struct Save Save;

/* From the loop: r = 0, the keyring holds the document; a Condition, it does not yet, and those who wait
 * for it should not wait any longer. CONDITION_PENDING is no trouble: the keyring took the document and
 * is only slow to write it down. After a Condition it runs again once the document is there. May free
 * the save. */
typedef void (*SaveFn)(int r, void *userdata);

/* Copies the key. 0 or a negative errno. */
int save_new(sd_event *event, Vault *vault, const VaultKey *key, SaveFn fn, void *userdata,
             Save **ret);

/* Stops trying; what the descriptor store holds stays there for the next start. Returns NULL. */
Save *save_free(Save *s);
DEFINE_CLEANUP(Save *, save_free)

/* Sends a document on its way, in place of one that still is. label is shown by keyring browsers.
 * store_name names it in the descriptor store; NULL keeps it out of there. 0 or -ENOMEM. */
int save_put(Save *s, const char *label, Secret *document, const char *store_name);

/* Takes over an entry of the descriptor store from an earlier run: removed when the keyring has it. */
int save_restore(Save *s, const char *store_name);

/* Whether the keyring holds the newest document. */
bool save_is_done(const Save *s);

/* Whether the keyring has been asked and has not answered yet. */
bool save_is_under_way(const Save *s);

/* A good moment to try again: the keyring was unlocked, or came back. */
void save_retry(Save *s);

/* The document is no longer wanted: stops, and empties the descriptor store of it. */
void save_forget(Save *s);
