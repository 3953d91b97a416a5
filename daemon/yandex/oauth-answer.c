/* SPDX-License-Identifier: MIT */

#include "yandex/oauth-answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/address.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "common/utf8.h"

#define TOKEN_MAX     (16U * 1024U)
#define USER_CODE_MAX 64U
#define UID_MAX       64U
#define LOGIN_MAX     256U

/* The defaults are those of recorded traffic. */
#define INTERVAL_DEFAULT  5
#define INTERVAL_MAX      60
#define CODE_LIFE_DEFAULT 300
#define CODE_LIFE_MAX     3600
#define VERIFICATION_URL  "https://ya.ru/device"

/* Error codes of the Disk (recorded traffic, public clients). */
#define DISK_OPERATION_NOT_FOUND "DiskOperationNotFoundError"
#define DISK_NOT_FOUND           "DiskNotFoundError"
#define DISK_FORBIDDEN           "ForbiddenError"
#define DISK_UNSUPPORTED         "DiskUnsupportedUserAccountTypeError"

/*
 * The error codes of oauth.yandex.ru, and what each is as the answer to each request (Yandex ID
 * docs, error tables of the code, device, refresh and token-invalidate pages; statuses and texts
 * from recorded traffic). Only the code counts, never the description.
 *
 * A code that makes no sense as the answer to a request is the server's trouble, which passes: a
 * grant is given up for nothing but invalid_grant to a refresh. A code that is not known ends a
 * sign-in at once (RFC 8628, section 3.5), which loses nothing; a refresh is tried again, but not
 * in the hope that the server only has trouble.
 */

#define PENDING     CONDITION_PENDING
#define DENIED      CONDITION_ACCESS_DENIED
#define EXPIRED     CONDITION_EXPIRED
#define ARGS        CONDITION_INVALID_ARGS
#define REFUSED     CONDITION_APP_REFUSED
#define NOT_ALLOWED CONDITION_APP_NOT_ALLOWED
#define SIGN_IN     CONDITION_SIGN_IN_NEEDED
#define TROUBLE     CONDITION_SERVER_TROUBLE
#define REQUESTS    (OAUTH_REVOKE + 1)

typedef struct OauthErrorRow {
        const char *code;
        int by_request[REQUESTS];
        const char *meaning;
} OauthErrorRow;

/* clang-format off */
static const OauthErrorRow errors[] = {
        /*                                 /device/code  device   code     refresh  revoke */
        { "authorization_pending",        { TROUBLE, PENDING, TROUBLE, TROUBLE, TROUBLE },
          N_("the user has not confirmed yet") },
        /* The next three are RFC 8628's; Yandex's pages do not name them. */
        { "slow_down",                    { TROUBLE, PENDING, TROUBLE, TROUBLE, TROUBLE },
          N_("polled too fast") },
        { "access_denied",                { DENIED,  DENIED,  DENIED,  TROUBLE, TROUBLE },
          N_("the user refused") },
        { "expired_token",                { TROUBLE, EXPIRED, EXPIRED, TROUBLE, TROUBLE },
          N_("the code is too old") },
        { "bad_verification_code",        { TROUBLE, EXPIRED, EXPIRED, TROUBLE, TROUBLE },
          N_("that is not a confirmation code") },
        { "invalid_client",               { REFUSED, REFUSED, REFUSED, REFUSED, REFUSED },
          N_("the application is unknown or blocked, or its secret is wrong") },
        { "unauthorized_client",          { NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, NOT_ALLOWED, REFUSED },
          N_("the application is blocked or awaits moderation") },
        { "invalid_grant",                { TROUBLE, EXPIRED, EXPIRED, SIGN_IN, 0       },
          N_("the code or token is wrong, too old, used up or another application's") },
        { "invalid_scope",                { ARGS,    ARGS,    ARGS,    TROUBLE, TROUBLE },
          N_("the application does not have these permissions") },
        { "unsupported_token_type",       { TROUBLE, TROUBLE, TROUBLE, TROUBLE, 0       },
          N_("a token that was issued without a device id cannot be revoked") },
        /* These mean a bug, of ours or of Yandex. */
        { "invalid_request",              { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("a parameter is missing, doubled or malformed") },
        { "unsupported_grant_type",       { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("the kind of grant is not known") },
        { "Basic auth required",          { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("an Authorization header of the wrong kind was sent") },
        { "Malformed Authorization header", { TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE },
          N_("an Authorization header was sent that cannot be read") },
};
/* clang-format on */

OauthError oauth_error_find(OauthRequest request, const char *code) {
        bool of_tokens = request >= 0 && request < OAUTH_REVOKE;

        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (streq(errors[i].code, code))
                        return (OauthError){
                                .code = errors[i].code,
                                .meaning = errors[i].meaning,
                                .r = request >= 0 && request < REQUESTS
                                             ? errors[i].by_request[request]
                                             : TROUBLE,
                        };

        return (OauthError){
                .meaning = http_reason_with_name(
                        N_("the server answered with an error that is not known"), code),
                .r = of_tokens && !str_is_empty(code) ? condition_unknown_refusal(code) : TROUBLE,
        };
}

bool oauth_is_token(const char *s) {
        return ascii_is_visible(s, TOKEN_MAX);
}

bool oauth_is_user_code(const char *s) {
        return ascii_is_printable(s, USER_CODE_MAX);
}

bool oauth_is_login(const char *s) {
        return utf8_is_text(s, LOGIN_MAX);
}

static void oauth_parsed_trouble(OauthParsed *p, const char *reason) {
        p->answer.r = CONDITION_SERVER_TROUBLE;
        p->answer.reason = reason;
}

/* Returns false if there is no JSON to look into. */
static bool oauth_parse_body(OauthParsed *p, const HttpAnswer *http) {
        int r;

        r = json_parse(http->body, &p->json);
        if (r == -EBADMSG)
                oauth_parsed_trouble(p, N_("the answer is not a JSON object"));
        else if (r < 0) {
                p->answer.r = r;
                p->answer.reason = N_("the answer could not be read");
        }
        return r == 0;
}

/* Tokens go into header lines and into other programs. Returns 0; -ENODATA if there is none, or one
 * that cannot be used; -ENOMEM. */
static int oauth_get_token(const Json *j, const char *key, Secret **ret) {
        const char *s = json_get_string(j, key);

        return oauth_is_token(s) ? secret_new_from(s, strlen(s), ret) : -ENODATA;
}

static void oauth_parse_device_code(OauthParsed *p) {
        OauthDeviceCode *d = &p->device_code;
        const char *url = json_get_string(p->json, "verification_url");
        int r;

        d->user_code = json_get_string(p->json, "user_code");
        if (!oauth_is_user_code(d->user_code))
                return oauth_parsed_trouble(p,
                                            N_("the answer holds no user code that can be shown"));

        r = oauth_get_token(p->json, "device_code", &d->device_code);
        if (r == -ENODATA)
                return oauth_parsed_trouble(p, N_("the answer holds no device code"));

        d->verification_url = address_is_of_server(url, p->oauth_url) ? url : VERIFICATION_URL;
        d->interval = json_get_int(p->json, "interval", INTERVAL_DEFAULT);
        d->interval = MAX_OF(1, MIN_OF(d->interval, INTERVAL_MAX));
        d->expires_in = json_get_int(p->json, "expires_in", CODE_LIFE_DEFAULT);
        d->expires_in =
                d->expires_in > 0 ? MIN_OF(d->expires_in, CODE_LIFE_MAX) : CODE_LIFE_DEFAULT;
        p->answer.r = r;
        p->answer.device_code = r == 0 ? d : NULL;
}

/* The refresh token may be absent or empty. One that is there but cannot be used must not pass for
 * absent, since the old one would then be kept in its place. */
static int oauth_get_refresh_token(const Json *j, Secret **ret) {
        const char *s = json_get_string(j, "refresh_token");

        if (!json_has(j, "refresh_token") || streq(s, ""))
                return 0;
        return oauth_get_token(j, "refresh_token", ret);
}

/* token_type is not looked at: it says "bearer", and the services want "OAuth". A life or scopes
 * that cannot be used read as absent: they are no reason to throw away a refresh token that may by
 * now be the only valid one. */
static void oauth_parse_token(OauthParsed *p) {
        OauthToken *t = &p->token;
        const char *scope = json_get_string(p->json, "scope");
        int r;

        r = oauth_get_token(p->json, "access_token", &t->access_token);
        if (r == 0)
                r = oauth_get_refresh_token(p->json, &t->refresh_token);
        if (r == 0 && scope && ascii_is_printable(scope, SIZE_MAX))
                r = strv_split(scope, &p->scopes);
        p->answer.used_up = r == -ENODATA && !json_has(p->json, "error");
        if (r == -ENODATA)
                return oauth_parsed_trouble(p, N_("the answer holds no token that can be used"));

        t->expires_in = json_get_int(p->json, "expires_in", 0);
        t->scopes = p->scopes;
        p->answer.r = r;
        p->answer.token = r == 0 ? t : NULL;
}

/* Yandex writes the id between quotes. A number is taken as its digits, unless it is cut to fit. */
static const char *oauth_get_uid(OauthParsed *p) {
        const char *s = json_get_string(p->json, "id");
        int64_t number = json_get_int(p->json, "id", 0);

        if (s || number <= 0 || number == INT64_MAX)
                return s;

        (void) snprintf(p->uid, sizeof(p->uid), "%" PRIi64, number);
        return p->uid;
}

static void oauth_parse_identity(OauthParsed *p) {
        const char *login = json_get_string(p->json, "login");

        p->identity.uid = oauth_get_uid(p);
        p->identity.login = oauth_is_login(login) ? login : NULL;
        p->identity.client_id = json_get_string(p->json, "client_id");

        if (ascii_is_visible(p->identity.uid, UID_MAX))
                p->answer.identity = &p->identity;
        else
                oauth_parsed_trouble(p, N_("the answer does not say whose token it is"));
}

static void oauth_parse_revocation(OauthParsed *p) {
        if (!streq(json_get_string(p->json, "status"), "ok"))
                oauth_parsed_trouble(p, N_("the answer does not say that the token was revoked"));
}

/* The other requests are answered by the status. */
static void (*const oauth_parsers[_OAUTH_REQUEST_MAX])(OauthParsed *p) = {
        [OAUTH_DEVICE_CODE] = oauth_parse_device_code, [OAUTH_TOKEN_DEVICE] = oauth_parse_token,
        [OAUTH_TOKEN_CODE] = oauth_parse_token,        [OAUTH_TOKEN_REFRESH] = oauth_parse_token,
        [OAUTH_REVOKE] = oauth_parse_revocation,       [OAUTH_IDENTITY] = oauth_parse_identity,
};

static void oauth_parse_success(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        if (!oauth_parsers[request])
                return;

        p->answer.lost = true; /* until it has been understood */
        if (http->status != 200)
                return oauth_parsed_trouble(
                        p, N_("the answer has an HTTP status that was not expected"));
        if (!oauth_parse_body(p, http))
                return;

        oauth_parsers[request](p);
        p->answer.lost = p->answer.r != 0;
}

/* Refusals by the OAuth host. */
static void oauth_parse_refusal(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        OauthError error;

        if (!oauth_parse_body(p, http))
                return;

        error = oauth_error_find(request, json_get_string(p->json, "error"));
        p->answer.r = error.r;
        p->answer.error = error.code;
        p->answer.reason = error.r == 0 ? NULL : error.meaning;
        p->answer.slow_down = streq(error.code, "slow_down");
        p->answer.revocable = p->answer.revocable && error.r != 0;

        /* The one error that ends a grant is believed only with the documented statuses. */
        if (error.r == CONDITION_SIGN_IN_NEEDED && http->status != 400 && http->status != 401)
                oauth_parsed_trouble(
                        p, N_("invalid_grant came with an HTTP status that was not expected"));
}

/* There is no operation "0000", and the Disk says so to a token that it accepts; a 403 speaks of
 * permissions and never of a dead token (recorded traffic; Disk REST reference). The folder of an
 * application is made when it is first used, so a folder that does not exist is no refusal. */
static void oauth_parse_disk_refusal(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        bool is_probe = request == OAUTH_PROBE;
        const char *error;

        if (is_probe && http->status == 403)
                return;
        if (http->status != 403 && http->status != 404)
                return oauth_parsed_trouble(p,
                                            N_("the Disk refused in a way that was not expected"));
        if (!oauth_parse_body(p, http))
                return;

        error = json_get_string(p->json, "error");
        if (http->status == 404) {
                if (!streq(error, is_probe ? DISK_OPERATION_NOT_FOUND : DISK_NOT_FOUND))
                        oauth_parsed_trouble(p,
                                             N_("the Disk refused in a way that was not expected"));
        } else if (streq(error, DISK_FORBIDDEN))
                p->answer.disk = OAUTH_DISK_FORBIDDEN;
        else if (streq(error, DISK_UNSUPPORTED))
                p->answer.disk = OAUTH_DISK_UNSUPPORTED;
        else
                oauth_parsed_trouble(
                        p, N_("the Disk refuses everything, as it does when it is over its quota"));
}

static void oauth_parse_4xx(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        bool by_token =
                request == OAUTH_IDENTITY || request == OAUTH_PROBE || request == OAUTH_DISK;

        if (http->status == 429) {
                p->answer.r = CONDITION_RATE_LIMITED;
                p->answer.reason = N_("too many requests");
        } else if (request == OAUTH_REACH) {
                /* The host refused, so it can be reached. */
        } else if (by_token && http->status == 401) {
                p->answer.r = CONDITION_ACCESS_DENIED;
                p->answer.reason = N_("the access token was not accepted");
        } else if (request == OAUTH_PROBE || request == OAUTH_DISK)
                oauth_parse_disk_refusal(request, p, http);
        else if (request == OAUTH_IDENTITY)
                oauth_parsed_trouble(p, N_("the login host refused"));
        else
                oauth_parse_refusal(request, p, http);
}

void oauth_parse(OauthRequest request, const char *oauth_url, const HttpAnswer *http,
                 OauthParsed *ret) {
        *ret = (OauthParsed) {
                .oauth_url = oauth_url,
                .answer = {
                        .r = http->r,
                        .reason = http->reason,
                        .untrusted = http->untrusted,
                        .lost = http->lost,
                        .revocable = request == OAUTH_REVOKE,
                        .retry_after = http->retry_after,
                        .date = http->date,
                },
        };

        if (http->r != 0)
                return;

        if (http->status >= 200 && http->status < 300)
                oauth_parse_success(request, ret, http);
        else if (http->status >= 400 && http->status < 500)
                oauth_parse_4xx(request, ret, http);
        else if (http->status >= 300 && http->status < 400)
                oauth_parsed_trouble(ret, N_("the server wants to redirect us"));
        else {
                oauth_parsed_trouble(ret, N_("the server has trouble of its own"));
                ret->answer.lost = true;
        }
}

void oauth_parsed_done(OauthParsed *p) {
        p->device_code.device_code = secret_unref(p->device_code.device_code);
        p->token.access_token = secret_unref(p->token.access_token);
        p->token.refresh_token = secret_unref(p->token.refresh_token);
        p->scopes = strv_free(p->scopes);
        p->json = json_free(p->json);
}
