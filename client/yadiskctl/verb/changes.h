/* SPDX-License-Identifier: MIT */
#pragma once

/* The differences between two snapshots of the daemon, and the lines in which watch tells them. */

#include "yadiskctl/daemon/snapshot.h"

typedef enum ChangeKind {
        CHANGE_PRESENT, /* the account is in the first snapshot */
        CHANGE_ADDED,
        CHANGE_REMOVED,
        CHANGE_LABEL,
        CHANGE_STATE,
        CHANGE_RENEWED, /* there is another grant */
        CHANGE_SAVED,   /* the keyring could not take the newest token, or has taken it after all */
        CHANGE_DEFAULT, /* it is the default account now */
        CHANGE_LAST_ERROR, /* it is another one, or is gone */
        CHANGE_KEYRING,
        CHANGE_NETWORK,
        CHANGE_DAEMON_GONE,
        CHANGE_DAEMON_BACK,
        _CHANGE_KIND_MAX,
        _CHANGE_KIND_INVALID = -EINVAL,
} ChangeKind;

typedef struct Change {
        ChangeKind kind;
        const Account *account;   /* as it is now, or was when it was removed; or NULL */
        const Snapshot *snapshot; /* for the keyring and the network; or NULL */
        const char *before;       /* CHANGE_LABEL: the old name */
} Change;

typedef void (*ChangeFn)(const Change *change, void *userdata);

/* Calls fn for each account of the first snapshot, and for the keyring and the network if something
 * is wrong. */
void changes_at_first(const Snapshot *s, ChangeFn fn, void *userdata);

/* Calls fn for each difference between one snapshot and the next. Accounts are identified by their
 * paths. */
void changes_between(const Snapshot *before, const Snapshot *after, ChangeFn fn, void *userdata);

/* The name of a change in JSON: "renewed". Static. */
const char *change_kind_name(ChangeKind kind);

/* Say a change that happened now, in one line, for people and for programs. */
ExitStatus change_say(const Change *change);
ExitStatus change_print_json(const Change *change);
