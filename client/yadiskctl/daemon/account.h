/* SPDX-License-Identifier: MIT */
#pragma once

/* What the daemon says about its accounts and about itself. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/json-out.h"

/* The properties of an Account object, and its path. Times are UTC seconds; 0 is unknown or never.
 * Strings belong to the snapshot; none is NULL. */
typedef struct Account {
        const char *path, *id, *label, *login, *client_id, *state;
        const char *error_name, *error_message; /* in this order; both "" for no trouble */
        char **scopes;
        uint64_t obtained_at, expires_at, next_refresh_at, last_refresh_at;
        uint32_t generation;
        bool refreshing, saved, is_default;
        bool overdue; /* it has not been saved for longer than a write takes */
} Account;

typedef struct Snapshot {
        Account *accounts;
        size_t n_accounts;
        const char *version;         /* of the daemon */
        const char *keyring;         /* unlocked, locked or absent */
        const char *default_account; /* a path; "/" or "" where there is none */
        bool online;
        int keyring_condition; /* why the keyring is not open, where snapshot_look() has found out; or 0 */
        sd_bus_message *objects, *manager; /* the answers, which hold the strings */
} Snapshot;

/* *ret becomes a snapshot to be ended with snapshot_done(). */
ExitStatus snapshot_read(sd_bus *bus, Snapshot *ret);
void snapshot_done(Snapshot *s);

/* The two calls whose answers make a snapshot, for those who send them themselves. Unless start is
 * set, a daemon that is not there stays away. 0 or a negative errno. */
int snapshot_new_calls(sd_bus *bus, bool start, sd_bus_message **ret_objects,
                       sd_bus_message **ret_manager);

/* *ret becomes what the answers say, and holds references to them. 0 or a negative errno. */
int snapshot_parse(sd_bus_message *objects, sd_bus_message *manager, Snapshot *ret);

/* The same as snapshot_read(), without a word. 0, or a negative errno and maybe an *error. */
int snapshot_ask(sd_bus *bus, bool start, Snapshot *ret, sd_bus_error *error);

/* The same as snapshot_read(), of a keyring that was looked at just now, unless the daemon knows it to be open:
 * not every keyring tells that it was unlocked. Nobody is asked to unlock it. */
ExitStatus snapshot_look(sd_bus *bus, Snapshot *ret);

/* Why the keyring is not open: a Condition; 0 where it is. */
int snapshot_keyring_condition(const Snapshot *s);

/* The account of that path, or NULL. */
const Account *snapshot_find(const Snapshot *s, const char *path);

/* Reads a snapshot in which the account of that label, login or id is *ret_account. */
ExitStatus snapshot_read_account(sd_bus *bus, const char *name, Snapshot *ret,
                                 const Account **ret_account);

/* What to call the account when speaking to people: its label, else its login, else its id. */
const char *account_name(const Account *a) _nonnull_;

/* Whether the keyring has failed to take what is newest. Every write takes a moment, in which it has not. */
bool account_is_unsaved(const Account *a);

/* Whether it is just being written. */
bool account_is_being_saved(const Account *a);

/* Whether what the keyring holds of it cannot be read, be the keyring locked or not. */
bool account_is_unreadable(const Account *a);

/* What has failed to be saved stays so until it is, whatever else is told as the last trouble by now. */
void snapshot_remember(Snapshot *now, const Snapshot *before);

/* Why the account cannot be used or is at risk: the Condition that LastError is, by its name and its
 * sentence. _CONDITION_INVALID for none, and for one that only a later daemon knows. */
int account_condition(const Account *a);

/* All of it as a JSON object. */
void account_to_json(const Account *a, Json *j, const char *key);
