/* SPDX-License-Identifier: MIT */
#pragma once

/* Yandex's error codes. */

#include "yandex/oauth.h"

typedef struct OauthError {
        const char *code;    /* as Yandex writes it; NULL for one that is not known */
        const char *meaning; /* see yandex/reason.h */
        int r;               /* what it is as the answer to that request: 0 or a Condition */
} OauthError;

/* All strings static. code may be NULL. */
OauthError oauth_error_find(OauthRequest request, const char *code);
