/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The applications through which accounts are signed in: client id and client secret. Each is one
 * item of the keyring, and stays in the descriptor store until it is there.
 *
 * A client secret that was given by hand may be wrong. So the one before it stays in the record
 * until Yandex has accepted the new one, and is tried if Yandex refuses that.
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

/* Whether the text is printable ASCII without spaces, of 1 to CLIENT_ID_MAX characters. Yandex
 * gives 32 hexadecimal digits, which is not relied upon. */
bool client_id_is_valid(const char *client_id);

/* The same for scopes, such as "cloud_api:disk.read". */
bool scopes_are_valid(char *const *scopes);

/* The vault must outlive the set. Returns 0 or -ENOMEM. */
int applications_new(sd_event *event, Vault *vault, Applications **ret);
Applications *applications_free(Applications *set);
DEFINE_CLEANUP(Applications *, applications_free)

/* Returns NULL if there is none of this id. Valid until the application is removed. */
Application *applications_find(const Applications *set, const char *client_id);

size_t applications_count(const Applications *set);

/* Lists the client ids of those that have a secret, or may have one, since they are locked; the
 * caller frees the array. Returns 0 or -ENOMEM. */
int applications_list(const Applications *set, char ***ret);

/* Learns of an item of the keyring, which may be locked. Returns 0 or a negative errno. */
int applications_learn(Applications *set, const VaultItem *item);

/* Whether a document of the descriptor store is an application. */
bool application_is_store_name(const char *name);

/* Takes over an application that an earlier run left in the descriptor store, and writes it to the
 * keyring. Takes the record, also on failure. Returns 0 or a negative errno. */
int applications_restore(Applications *set, ApplicationRecord *record, const char *store_name);

/* Adds or changes an application, and writes it. kept: it was added by hand, so that the secret
 * before is kept, too, and stays when its last account goes; once it is set it stays set. Otherwise
 * a sign-in has shown that the secret works. Returns 0 or a negative errno. */
int applications_put(Applications *set, const char *client_id, Secret *client_secret, bool kept);

/* Waits until the keyring has taken the application, or has failed to. Returns 0 or -ENOMEM. */
int application_wait(Application *a, WaitFn fn, void *userdata, Wait **ret);

/* Yandex has accepted a request with a secret of the application, either at once (refused is NULL)
 * or after it had refused another one. Forgets the secret before, or takes it back in place of the
 * refused one. Does nothing if the secret was changed meanwhile. */
void applications_accept(Applications *set, const char *client_id, const Secret *accepted,
                         const Secret *refused);

/* Forgets an application that is no longer in the keyring. */
void applications_remove(Applications *set, const char *client_id);

/* Erases an application from the keyring. An account may be signed in through it meanwhile, so fn
 * must call accounts_end_erasure(). Returns 0 or a negative errno. */
int applications_erase(Applications *set, const char *client_id, VaultDoneFn fn, void *userdata,
                       VaultCall **ret);

/* The keyring has answered the erasure with r. Writes the application again if it is used or was
 * put meanwhile; otherwise forgets it if r is 0. */
void applications_end_erasure(Applications *set, const char *client_id, int r, bool used);

/* The whole keyring was read while it was unlocked: writes again what it should hold and does
 * not. */
void applications_rewrite_missing(Applications *set, const VaultItem *items, size_t n_items);

/* Whether a write is under way; whether one is under way or has failed. */
bool applications_are_busy(const Applications *set);
bool applications_await_keyring(const Applications *set);

/* The daemon ends: warns in the log about each application that the keyring does not hold. */
void applications_log_unsaved(const Applications *set);

/* The keyring is there and unlocked: writes what could not be written. */
void applications_retry(Applications *set);

/* NULL if the application has none, or while it is locked. */
Secret *application_client_secret(const Application *a);

/* The same for a client id; NULL, too, if there is no such application. */
Secret *applications_client_secret(const Applications *set, const char *client_id);

/* The secret to try if Yandex refuses that of the application; NULL if there is none. */
Secret *applications_previous_secret(const Applications *set, const char *client_id);

/* Why a client secret that is needed is not there: CONDITION_RECORD_NEWER or
 * CONDITION_CLIENT_SECRET_MISSING. */
int applications_missing(const Applications *set, const char *client_id);

bool application_is_locked(const Application *a);
bool application_is_kept(const Application *a);
