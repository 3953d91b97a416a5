/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * From an HTTP answer to values that were checked. Pure. Whatever is not an answer as Yandex gives
 * it becomes CONDITION_SERVER_TROUBLE, never a guess.
 */

#include "model/json.h"
#include "yandex/oauth.h"

/* What an OauthAnswer points to. */
typedef struct OauthParsed {
        OauthAnswer answer;
        OauthDeviceCode device_code;
        OauthToken token;
        OauthIdentity identity;
        char **scopes;
        Json *json;
} OauthParsed;

/* Fills *ret, which is to be done away with by oauth_parsed_done(). ret->answer points into *ret,
 * so that must not move. Outcomes are in ret->answer.r. */
void oauth_parse(OauthRequest request, const HttpAnswer *http, OauthParsed *ret);
void oauth_parsed_done(OauthParsed *p);
