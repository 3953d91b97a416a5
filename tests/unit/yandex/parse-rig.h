/* SPDX-License-Identifier: MIT */
#pragma once

/* Feeds one answer to the parser. */

#include "check.h"
#include "yandex/oauth-answer.h"

#define OAUTH_URL "https://oauth.yandex.ru"

static inline void parse_bytes(OauthRequest request, int status, const void *bytes, size_t length,
                               OauthParsed *ret) {
        HttpAnswer http = { .status = status, .retry_after = HTTP_NO_RETRY_AFTER };

        check_int(secret_new_from(bytes, length, &http.body), 0);
        oauth_parse(request, OAUTH_URL, &http, ret);
        secret_unref(http.body);
}

static inline void parse(OauthRequest request, int status, const char *body, OauthParsed *ret) {
        parse_bytes(request, status, body, strlen(body), ret);
}

/* Only what became of it. */
static inline int parse_r(OauthRequest request, int status, const char *body) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse(request, status, body, &p);

        /* What always holds of an answer. */
        check((p.answer.r == 0) == (p.answer.reason == NULL));
        check(p.answer.r == 0 || (!p.answer.token && !p.answer.device_code && !p.answer.identity));
        return p.answer.r;
}
