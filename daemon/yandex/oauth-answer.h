/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * From an HTTP answer to values that were checked. Pure. An answer that is not as Yandex gives it becomes
 * CONDITION_SERVER_TROUBLE, never a guess.
 */

#include "model/json.h"
#include "yandex/oauth.h"

/* An answer with what it points to, so it must not be moved. */
typedef struct OauthParsed {
        OauthAnswer answer;
        OauthDeviceCode device_code;
        OauthToken token;
        OauthIdentity identity;
        char **scopes;
        Json *json;
} OauthParsed;

/* Fills *ret, which the caller ends with oauth_parsed_done(). The outcome is ret->answer.r. */
void oauth_parse(OauthRequest request, const HttpAnswer *http, OauthParsed *ret);
void oauth_parsed_done(OauthParsed *p);

/* An error code of Yandex. */
typedef struct OauthError {
        const char *code;    /* as Yandex writes it; NULL if it is not known */
        const char *meaning; /* see http_reason_with_name() */
        int r;               /* what it is as the answer to that request: 0 or a Condition */
} OauthError;

/* An unknown code is CONDITION_UNKNOWN_REFUSAL in a sign-in, else CONDITION_SERVER_TROUBLE. All strings are static.
 * code may be NULL. */
OauthError oauth_error_find(OauthRequest request, const char *code);

/* What the strings of an answer must be before they are shown. NULL never is. A user code is printable ASCII of at most
 * 64 bytes, since it goes to a terminal; for a login see utf8_is_text(). */
bool oauth_is_user_code(const char *s);
bool oauth_is_login(const char *s);
