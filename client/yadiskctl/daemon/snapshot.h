/* SPDX-License-Identifier: MIT */
#pragma once

/* What the daemon says about its accounts and about itself at one moment. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/json-out.h"

/* The properties of an Account object, and its path. Times are UTC seconds; 0 is unknown or never.
 * The snapshot owns the strings; none is NULL. */
typedef struct Account {
        const char *path, *id, *label, *login, *client_id, *state;
        const char *error_name,
                *error_message; /* LastError, in this order; both "" if there is none */
        char **scopes;
        char **allowed; /* sandboxed apps that may have its tokens */
        uint64_t obtained_at, expires_at, next_refresh_at, last_refresh_at;
        uint32_t generation;
        bool refreshing, saved, is_default;
        bool overdue; /* it is not saved, and has not been for longer than a write takes */
} Account;

typedef struct Snapshot {
        Account *accounts; /* the default account first, then by label */
        size_t n_accounts;
        const char *version;         /* of the daemon */
        const char *keyring;         /* unlocked, locked or absent */
        const char *default_account; /* a path; "/" or "" if there is none */
        bool online;
        /* Why the keyring is not open, if snapshot_look() has found out; or 0. */
        int keyring_condition;
        sd_bus_message *objects, *manager; /* the answers, which hold the strings */
} Snapshot;

/* Asks the daemon, and starts it if necessary. snapshot_done() ends *ret. */
ExitStatus snapshot_read(sd_bus *bus, Snapshot *ret);
void snapshot_done(Snapshot *s);

/* Does the same without saying what failed. Unless start is set, a daemon that does not run is not
 * started. Returns 0, or a negative errno, in which case *error may be set. */
int snapshot_ask(sd_bus *bus, bool start, Snapshot *ret, sd_bus_error *error);

/* Makes the two calls whose answers make a snapshot, for a caller that sends them itself. Returns 0
 * or a negative errno. */
int snapshot_new_calls(sd_bus *bus, bool start, sd_bus_message **ret_objects,
                       sd_bus_message **ret_manager);

/* Makes a snapshot of the two answers, and keeps references to them. Returns 0 or a negative
 * errno. */
int snapshot_parse(sd_bus_message *objects, sd_bus_message *manager, Snapshot *ret);

/* Reads a snapshot and finds the account of that label, login or id in it. NULL or "" is the
 * default account. */
ExitStatus snapshot_read_account(sd_bus *bus, const char *name, Snapshot *ret,
                                 const Account **ret_account);

/* Finds the account of that path, or returns NULL. */
const Account *snapshot_find(const Snapshot *s, const char *path);

/* Does the same, but fails if the account is not there, as when it was removed a moment ago. */
ExitStatus snapshot_expect(const Snapshot *s, const char *path, const Account **ret);

/* Takes over from an earlier snapshot which accounts could not be saved. Such an account counts as
 * unsaved until it is saved, even if its LastError tells something else by now. */
void snapshot_remember(Snapshot *now, const Snapshot *before);

/* Why the keyring is not open: a Condition; 0 if it is open. */
int snapshot_keyring_condition(const Snapshot *s);

/* Whether the keyring is open, and yet an account is locked: its entry is in another keyring. */
bool snapshot_has_locked(const Snapshot *s);

/* What to call the account when speaking to people: its label, or its login, or its id. */
const char *account_name(const Account *a) _nonnull_;

/* Whether the keyring could not take the newest token. While the token is being written, this is
 * not so. */
bool account_is_unsaved(const Account *a);

/* Whether the newest token is being written to the keyring. */
bool account_is_being_saved(const Account *a);

/* Whether the item in the keyring cannot be read, even if the keyring is open. */
bool account_is_unreadable(const Account *a);

/* The Condition of LastError, found by its name and sentence. _CONDITION_INVALID if there is none,
 * or if only a later daemon knows it. */
int account_condition(const Account *a);

/* Writes all of it as a JSON object. */
void account_to_json(const Account *a, Json *j, const char *key);
