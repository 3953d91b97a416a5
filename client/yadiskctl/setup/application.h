/* SPDX-License-Identifier: MIT */
#pragma once

/* The applications that the daemon keeps, the choice of the one to sign in through, and of its
 * permissions. */

#include "yadiskctl/daemon/snapshot.h"

typedef struct Application {
        char *client_id;
        char *client_secret; /* NULL if the keyring has it, or if there is none */
} Application;

/* Lists the client ids of the applications in the keyring, for strv_free(). Fails if the keyring
 * cannot be read. */
ExitStatus application_list(sd_bus *bus, char ***ret);

/*
 * Chooses an application with as few questions as possible. client_id and secret_file ("-" is
 * stdin) are what the user named, or NULL. Without a client id the only known application is taken;
 * if there are several, the user has to name one; if there is none, the user is asked for its
 * client id. The user is also asked for a client secret that is neither known nor named. Unless
 * needs_secret is set, there may be none in the end: a user who cannot be asked need not give one.
 */
ExitStatus application_choose(sd_bus *bus, const char *client_id, const char *secret_file,
                              bool needs_secret, Application *ret);

/* Erases the secret. */
void application_done(Application *a);

/* Finds the names of the accounts that are signed in through it, for strv_free(), and prints such
 * names as "home", "work". The caller frees. Return 0 or a negative errno. */
int application_find_users(const Snapshot *s, const char *client_id, char ***ret);
int application_quote_users(char *const *users, char **ret);

/*
 * The permissions that a sign-in asks for. For each user of an application Yandex keeps one set of
 * them. A sign-in with another set ends the old token, which other programs may be using.
 */
typedef struct ScopeSet {
        const char *client_id;
        char *const *scopes; /* NULL: all that the application has */
        const char *account; /* the path of the account that is signed in to again, or NULL */
} ScopeSet;

/* Whether the account is another one of the same application, and has another set. An account whose
 * set is empty has all permissions. */
bool scope_set_clashes(const ScopeSet *set, const Account *a);

/* Warns about each such account, and asks at a terminal whether to go on. If the user declines,
 * fails. */
ExitStatus scope_set_warn(const ScopeSet *set, const Snapshot *s);

/* *ret becomes those of the scopes that the account does not have, for strv_free(). Returns 0 or
 * -ENOMEM. */
int scope_set_find_missing(char *const *scopes, const Account *a, char ***ret);
