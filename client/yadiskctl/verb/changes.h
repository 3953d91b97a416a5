/* SPDX-License-Identifier: MIT */
#pragma once

/* What is different between two looks at the daemon. Pure: neither bus nor clock. */

#include "yadiskctl/daemon/account.h"

typedef enum ChangeKind {
        CHANGE_PRESENT, /* an account that is there at the first look */
        CHANGE_ADDED,
        CHANGE_REMOVED,
        CHANGE_LABEL,
        CHANGE_STATE,
        CHANGE_RENEWED, /* there is another grant */
        CHANGE_SAVED,   /* the keyring has failed to take it, or has taken it after all */
        CHANGE_DEFAULT, /* it is the default account now */
        CHANGE_TROUBLE, /* another one, or none any more */
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
        const char *before;       /* CHANGE_LABEL: what it was called */
} Change;

typedef void (*ChangeFn)(const Change *change, void *userdata);

/* The first look: every account, and the keyring and the network where something is wrong. */
void changes_at_first(const Snapshot *s, ChangeFn fn, void *userdata);

/* The next one. Accounts are told apart by their paths. */
void changes_between(const Snapshot *before, const Snapshot *after, ChangeFn fn, void *userdata);

/* What JSON calls it: "renewed". Static. */
const char *change_kind_name(ChangeKind kind);
