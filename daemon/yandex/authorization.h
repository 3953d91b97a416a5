/* SPDX-License-Identifier: MIT */
#pragma once

/* The address at which a user allows an application in a browser (Yandex ID docs, code flow). */

#include "yandex/oauth.h"

/* What is asked for. Borrowed. */
typedef struct Authorization {
        const char *client_id;
        char *const *scopes;        /* NULL: all that the application has */
        const char *login_hint;     /* whom the page offers first; NULL: nobody */
        const Secret *state;        /* comes back with the code */
        const char *code_challenge; /* of PKCE, RFC 7636; method S256 */
} Authorization;

/* https. A secret, since whoever knows the state could pass for Yandex's answer. 0 or -ENOMEM. */
int authorization_url(const Oauth *o, const Authorization *a, Secret **ret);
