/* SPDX-License-Identifier: MIT */
#pragma once

/* How what a sign-in brought finds its account. */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

/* What a sign-in brought. Borrowed. */
typedef struct Adoption {
        const char *client_id;
        Secret *client_secret; /* NULL: the one that is kept */
        Secret *used_secret; /* with which the token was got: kept where none is by now; or NULL */
        const OauthToken *token;
        const OauthIdentity *identity; /* NULL: could not be found out */
        char *const *scopes;           /* that were asked for */
        const char *label;             /* NULL: the login */
        const char *account_id;        /* to sign in again; NULL: whichever it is */
} Adoption;

/* Takes what a sign-in brought into the account it belongs to, or into a new one, and begins to write
 * it. 0; CONDITION_NO_SUCH_ACCOUNT where account_id has gone; CONDITION_SERVER_TROUBLE where it is not
 * known whether it belongs to whoever signed in, CONDITION_ACCESS_DENIED where it
 * belongs to somebody else; a negative errno. */
int adopt(World *w, const Adoption *adoption, Account **ret);

/* The account that this user has here through this application, or NULL. */
Account *adopt_find(const World *w, const char *client_id, const char *uid);
