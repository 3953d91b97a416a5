/* SPDX-License-Identifier: MIT */
#pragma once

/* Feeds one answer to the parser, and knows what holds of every answer. */

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

static inline void check_secret(const Secret *s) {
        const char *bytes = secret_string(s);

        check(secret_length(s) > 0 && secret_length(s) <= 16384);
        for (size_t i = 0; i < secret_length(s); i++)
                check(bytes[i] > ' ' && bytes[i] <= '~');
}

static inline void check_shown(const char *s, size_t max) {
        check(s && strlen(s) > 0 && strlen(s) <= max);
        for (; *s; s++)
                check(*s >= ' ' && *s <= '~');
}

static inline void check_token_answer(const OauthToken *t) {
        check_secret(t->access_token);
        if (t->refresh_token)
                check_secret(t->refresh_token);
        for (char *const *scope = t->scopes; scope && *scope; scope++)
                check_shown(*scope, 65536);
}

static inline void check_device_code_answer(const OauthDeviceCode *d) {
        check_secret(d->device_code);
        check_shown(d->user_code, 64);
        check_shown(d->verification_url, 2048);
        check(strncasecmp(d->verification_url, "https://", 8) == 0);
        check(!strchr(d->verification_url, ' '));
        check(d->interval >= 1 && d->interval <= 60);
        check(d->expires_in >= 1 && d->expires_in <= 3600);
}

static inline void check_identity_answer(const OauthIdentity *i) {
        check_shown(i->uid, 64);
        if (!i->login)
                return;
        check(strlen(i->login) > 0 && strlen(i->login) <= 256);
        for (const char *c = i->login; *c; c++)
                check((unsigned char) *c >= ' ' && *c != 0x7f);
}

/* Wherever r = 0, all that was asked for is there and good. */
static inline void check_answer(OauthRequest request, int status, const OauthAnswer *a) {
        bool is_token = request == OAUTH_TOKEN_DEVICE || request == OAUTH_TOKEN_CODE ||
                        request == OAUTH_TOKEN_REFRESH;

        check(a->r >= 0);
        check((a->r == 0) == (a->reason == NULL));
        check(!!a->token == (a->r == 0 && is_token));
        check(!!a->device_code == (a->r == 0 && request == OAUTH_DEVICE_CODE));
        check(!!a->identity == (a->r == 0 && request == OAUTH_IDENTITY));
        check(a->r != CONDITION_SIGN_IN_NEEDED ||
              (request == OAUTH_TOKEN_REFRESH && (status == 400 || status == 401)));
        check(status != 400 || a->r != 0 || request == OAUTH_REVOKE || request == OAUTH_REACH);
        check(a->disk == OAUTH_DISK_GRANTED ||
              (a->r == 0 && request == OAUTH_DISK && status == 403));

        if (a->token)
                check_token_answer(a->token);
        if (a->device_code)
                check_device_code_answer(a->device_code);
        if (a->identity)
                check_identity_answer(a->identity);
}
