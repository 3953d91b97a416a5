/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The applications through which accounts are signed in: client id and client secret, each one item in
 * the keyring; in the descriptor store until it is there.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keeper/wait.h"
#include "keyring/vault.h"
#include "model/record.h"

typedef struct Application Application;
typedef struct Applications Applications;

#define CLIENT_ID_MAX 128
#define SCOPE_MAX     128

/* Printable ASCII without spaces, not empty, not too long. Yandex's are 32 hexadecimal digits, which is
 * not relied upon. */
bool client_id_is_valid(const char *client_id);

/* The same for one permission, such as "cloud_api:disk.read". */
bool scope_is_valid(const char *scope);
bool scopes_are_valid(char *const *scopes);

int applications_new(sd_event *event, Vault *vault, Applications **ret);
Applications *applications_free(Applications *set);
DEFINE_CLEANUP(Applications *, applications_free)

/* NULL where there is none of that id. Stays valid until the application is removed. */
Application *applications_find(const Applications *set, const char *client_id);

size_t applications_count(const Applications *set);

/* The client ids, as an array that the caller frees. 0 or -ENOMEM. */
int applications_list(const Applications *set, char ***ret);

/* Learns of an item of the keyring, which may be locked. 0 or a negative errno. */
int applications_learn(Applications *set, const VaultItem *item);

/* Whether something in the descriptor store is one that the keyring has not taken. */
bool application_is_store_name(const char *name);

/* Takes over one that an earlier run left there, and starts to write it. Takes the record, also on failure.
 * 0 or a negative errno. */
int applications_restore(Applications *set, ApplicationRecord *record, const char *store_name);

/* Adds or changes one, and starts to write it. kept: it was added by hand, and stays when its last account
 * goes; never taken back. 0 or a negative errno. */
int applications_put(Applications *set, const char *client_id, Secret *client_secret, bool kept);

/* Waits until the keyring has it, or has failed to take it. Returns 0 or -ENOMEM. */
int application_wait(Application *a, WaitFn fn, void *userdata, Wait **ret);

/* Forgets one that is no longer in the keyring. */
void applications_remove(Applications *set, const char *client_id);

/* Has the keyring forget one; while that takes, somebody may come to use it. fn then says
 * accounts_end_erasure(). 0 or a negative errno. */
int applications_erase(Applications *set, const char *client_id, VaultDoneFn fn, void *userdata,
                       VaultCall **ret);

/* The keyring has answered that with r. One that is used, or was put meanwhile, is written again; else it
 * is forgotten with r = 0. */
void applications_end_erasure(Applications *set, const char *client_id, int r, bool used);

/* All of an unlocked keyring was seen: writes again what it should hold and does not. */
void applications_rewrite_missing(Applications *set, const VaultItem *items, size_t n_items);

/* Whether one is being written; whether one is still to be written. */
bool applications_are_busy(const Applications *set);
bool applications_await_keyring(const Applications *set);

/* The daemon ends: names in the log what the keyring does not hold. */
void applications_log_unsaved(const Applications *set);

/* A good moment to write what could not be written. */
void applications_retry(Applications *set);

/* NULL if it has none, or while it is locked. */
Secret *application_client_secret(const Application *a);

/* The same of that client id, if there is an application. */
Secret *applications_client_secret(const Applications *set, const char *client_id);
bool application_is_locked(const Application *a);
bool application_is_kept(const Application *a);
