/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The permissions that a sign-in asks for. For each user of an application Yandex keeps one set of them. A
 * sign-in with another set ends the old token, which other programs may be using.
 */

#include "yadiskctl/daemon/snapshot.h"

typedef struct ScopeSet {
        const char *client_id;
        char *const *scopes; /* NULL: all that the application has */
        const char *account; /* the path of the account that is signed in to again, or NULL */
} ScopeSet;

/* Whether the account is another one of the same application, and has another set. An account whose set is
 * empty has all permissions. */
bool scope_set_clashes(const ScopeSet *set, const Account *a);

/* Warns about each such account, and asks at a terminal whether to go on. If the user declines, fails. */
ExitStatus scope_set_warn(const ScopeSet *set, const Snapshot *s);

/* *ret becomes those of the scopes that the account does not have, for strv_free(). Returns 0 or -ENOMEM. */
int scope_set_find_missing(char *const *scopes, const Account *a, char ***ret);
