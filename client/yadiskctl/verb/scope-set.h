/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The permissions that a sign-in asks for. Yandex keeps one set of them for each user of an application:
 * a sign-in with another set ends the token there was, and with it what other programs do.
 */

#include "yadiskctl/daemon/account.h"

typedef struct ScopeSet {
        const char *client_id;
        char *const *scopes; /* NULL: all that the application has */
        const char *account; /* the path of the one that is signed in to again, or NULL */
} ScopeSet;

/* Whether the account is another one of that application, with another set. One that is not known to have
 * fewer has all. */
bool scope_set_clashes(const ScopeSet *set, const Account *a);

/* Warns of each such account. Where somebody can be asked, asks whether to go on; anything else than
 * EXIT_STATUS_OK is the end. */
ExitStatus scope_set_warn(const ScopeSet *set, const Snapshot *s);

/* *ret becomes those of scopes that the account has not got, to be freed with strv_free(). 0 or
 * -ENOMEM. */
int scope_set_find_missing(char *const *scopes, const Account *a, char ***ret);
