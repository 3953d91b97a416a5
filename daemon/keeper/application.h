/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The applications through which accounts are signed in: client id and client secret, each one item in
 * the keyring.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "keeper/save.h"
#include "keyring/vault.h"
#include "model/record.h"

typedef struct Application Application;
typedef struct Applications Applications;

#define CLIENT_ID_MAX 128

/* Printable ASCII without spaces, not empty, not too long. Yandex's are 32 hexadecimal digits, which is
 * not relied upon. */
bool client_id_is_valid(const char *client_id);

int applications_new(sd_event *event, Vault *vault, Applications **ret);
Applications *applications_free(Applications *set);
DEFINE_CLEANUP(Applications *, applications_free)

/* NULL where there is none of that id. Stays valid until the application is removed. */
Application *applications_find(const Applications *set, const char *client_id);

/* The client ids, as an array that the caller frees. 0 or -ENOMEM. */
int applications_list(const Applications *set, char ***ret);

/* Learns of an item of the keyring, which may be locked. 0 or a negative errno. */
int applications_learn(Applications *set, const VaultItem *item);

/* Adds or changes one, and starts to write it. kept: it was added by hand, and stays when its last account
 * goes; never taken back. fn, which may be NULL, is told of the write, once or more, as SaveFn.
 * 0 or a negative errno. */
int applications_put(Applications *set, const char *client_id, Secret *client_secret, bool kept,
                     SaveFn fn, void *userdata);

/* fn of this userdata is not to run any more. */
void applications_disregard(Applications *set, void *userdata);

/* Forgets one that is no longer in the keyring. */
void applications_remove(Applications *set, const char *client_id);

/* A good moment to write what could not be written. */
void applications_retry(Applications *set);

const char *application_client_id(const Application *a);

/* NULL where it has none, or while it is locked. */
Secret *application_client_secret(const Application *a);
bool application_is_locked(const Application *a);
bool application_is_kept(const Application *a);
bool application_is_saved(const Application *a);
