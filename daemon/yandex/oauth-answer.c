/* SPDX-License-Identifier: MIT */

#include "yandex/oauth-answer.h"

#include "common/address.h"
#include "common/i18n.h"
#include "yandex/oauth-check.h"
#include "yandex/oauth-error.h"

/* Recorded traffic: 5 and 300. */
#define INTERVAL_DEFAULT  5
#define INTERVAL_MAX      60
#define CODE_LIFE_DEFAULT 300
#define CODE_LIFE_MAX     3600
#define VERIFICATION_URL  "https://ya.ru/device"

/* Of the Disk (recorded traffic, public clients). */
#define DISK_OPERATION_NOT_FOUND "DiskOperationNotFoundError"
#define DISK_NOT_FOUND           "DiskNotFoundError"
#define DISK_FORBIDDEN           "ForbiddenError"
#define DISK_UNSUPPORTED         "DiskUnsupportedUserAccountTypeError"

static void trouble(OauthParsed *p, const char *reason) {
        p->answer.r = CONDITION_SERVER_TROUBLE;
        p->answer.reason = reason;
}

static void parse_body(OauthParsed *p, const HttpAnswer *http) {
        int r;

        r = json_parse(http->body, &p->json);
        if (r == -EBADMSG)
                trouble(p, N_("the answer is not a JSON object"));
        else if (r < 0) {
                p->answer.r = r;
                p->answer.reason = N_("the answer could not be read");
        }
}

/* A token that goes into a header line and into other programs. 0; -ENODATA where there is none or
 * one that cannot be used; -ENOMEM. */
static int get_token(const Json *j, const char *key, Secret **ret) {
        const char *s = json_get_string(j, key);

        return check_token(s) ? secret_new_from(s, strlen(s), ret) : -ENODATA;
}

static void parse_device_code(OauthParsed *p) {
        OauthDeviceCode *d = &p->device_code;
        const char *url = json_get_string(p->json, "verification_url");
        int r;

        d->user_code = json_get_string(p->json, "user_code");
        if (!check_user_code(d->user_code)) {
                trouble(p, N_("the answer holds no user code that can be shown"));
                return;
        }

        r = get_token(p->json, "device_code", &d->device_code);
        if (r == -ENODATA) {
                trouble(p, N_("the answer holds no device code"));
                return;
        }

        d->verification_url = address_is_of_yandex(url) ? url : VERIFICATION_URL;
        d->interval = json_get_int(p->json, "interval", INTERVAL_DEFAULT);
        d->interval = MAX_OF(1, MIN_OF(d->interval, INTERVAL_MAX));
        d->expires_in = json_get_int(p->json, "expires_in", CODE_LIFE_DEFAULT);
        d->expires_in =
                d->expires_in > 0 ? MIN_OF(d->expires_in, CODE_LIFE_MAX) : CODE_LIFE_DEFAULT;
        p->answer.r = r;
        p->answer.device_code = r == 0 ? d : NULL;
}

/* The refresh token may be absent or empty; one that is there but cannot be used must not pass for
 * absent, since the old one would then be kept in its place. */
static int get_refresh_token(const Json *j, Secret **ret) {
        const char *s = json_get_string(j, "refresh_token");

        if (!json_has(j, "refresh_token") || streq(s, ""))
                return 0;
        return get_token(j, "refresh_token", ret);
}

/* token_type is not looked at: it says "bearer", and the services want "OAuth". An end of life or
 * scopes that cannot be used read as absent, for they are no reason to throw away a refresh token
 * that may by now be the only valid one. */
static void parse_token(OauthParsed *p) {
        OauthToken *t = &p->token;
        const char *scope = json_get_string(p->json, "scope");
        int r;

        r = get_token(p->json, "access_token", &t->access_token);
        if (r == 0)
                r = get_refresh_token(p->json, &t->refresh_token);
        if (r == 0 && scope && check_printable(scope, SIZE_MAX))
                r = strv_split(scope, &p->scopes);
        if (r == -ENODATA) {
                trouble(p, N_("the answer holds no token that can be used"));
                return;
        }

        t->expires_in = json_get_int(p->json, "expires_in", 0);
        t->scopes = p->scopes;
        p->answer.r = r;
        p->answer.token = r == 0 ? t : NULL;
}

static void parse_revoked(OauthParsed *p) {
        if (!streq(json_get_string(p->json, "status"), "ok"))
                trouble(p, N_("the answer does not say that the token was revoked"));
}

static void parse_identity(OauthParsed *p) {
        p->identity.uid = json_get_string(p->json, "id");
        p->identity.login = json_get_string(p->json, "login");
        p->identity.client_id = json_get_string(p->json, "client_id");

        if (check_uid(p->identity.uid) && check_login(p->identity.login))
                p->answer.identity = &p->identity;
        else
                trouble(p, N_("the answer does not say whose token it is"));
}

static void parse_success(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        if (request == OAUTH_PROBE || request == OAUTH_DISK || request == OAUTH_KNOCK)
                return;

        p->answer.lost = true; /* until it has been understood */
        if (http->status != 200) {
                trouble(p, N_("the answer has an HTTP status that was not expected"));
                return;
        }
        parse_body(p, http);
        if (p->answer.r != 0)
                return;

        switch (request) {
        case OAUTH_DEVICE_CODE:
                parse_device_code(p);
                break;
        case OAUTH_TOKEN_DEVICE:
        case OAUTH_TOKEN_CODE:
        case OAUTH_TOKEN_REFRESH:
                parse_token(p);
                break;
        case OAUTH_REVOKE:
                parse_revoked(p);
                break;
        case OAUTH_IDENTITY:
                parse_identity(p);
                break;
        case OAUTH_PROBE:
        case OAUTH_DISK:
        case OAUTH_KNOCK:
        case _OAUTH_REQUEST_MAX:
        case _OAUTH_REQUEST_INVALID:
                break;
        }
        p->answer.lost = p->answer.r != 0;
}

/* A refusal of the OAuth host. */
static void parse_refusal(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        OauthError error;

        parse_body(p, http);
        if (p->answer.r != 0)
                return;

        error = oauth_error_find(request, json_get_string(p->json, "error"));
        p->answer.r = error.r;
        p->answer.error = error.code;
        p->answer.reason = error.r == 0 ? NULL : error.meaning;
        p->answer.slow_down = streq(error.code, "slow_down");
        p->answer.revocable = p->answer.revocable && error.r != 0;

        /* The one answer that ends a grant is taken from nothing but the documented statuses. */
        if (error.r == CONDITION_SIGN_IN_NEEDED && http->status != 400 && http->status != 401)
                trouble(p, N_("invalid_grant came with an HTTP status that was not expected"));
}

/* The Disk knows an operation "0000" as little as anybody, which it says to a token that it
 * accepts. A 403 speaks of permissions and never of a dead token (recorded traffic; Disk REST
 * reference). */
static void parse_probe_refusal(OauthParsed *p, const HttpAnswer *http) {
        if (http->status == 403)
                return;
        if (http->status != 404) {
                trouble(p, N_("the Disk refused in a way that was not expected"));
                return;
        }

        parse_body(p, http);
        if (p->answer.r == 0 && !streq(json_get_string(p->json, "error"), DISK_OPERATION_NOT_FOUND))
                trouble(p, N_("the Disk refused in a way that was not expected"));
}

/* The folder of an application is made when it is first used: that there is none yet is no refusal. */
static void parse_disk_refusal(OauthParsed *p, const HttpAnswer *http) {
        const char *error;

        if (http->status != 403 && http->status != 404) {
                trouble(p, N_("the Disk refused in a way that was not expected"));
                return;
        }

        parse_body(p, http);
        if (p->answer.r != 0)
                return;

        error = json_get_string(p->json, "error");
        if (http->status == 403 && streq(error, DISK_FORBIDDEN))
                p->answer.disk = OAUTH_DISK_FORBIDDEN;
        else if (http->status == 403 && streq(error, DISK_UNSUPPORTED))
                p->answer.disk = OAUTH_DISK_UNSUPPORTED;
        else if (http->status == 403)
                trouble(p, N_("the Disk refuses everything, as it does when it is over its quota"));
        else if (!streq(error, DISK_NOT_FOUND))
                trouble(p, N_("the Disk refused in a way that was not expected"));
}

static void parse_4xx(OauthRequest request, OauthParsed *p, const HttpAnswer *http) {
        bool by_token =
                request == OAUTH_IDENTITY || request == OAUTH_PROBE || request == OAUTH_DISK;

        if (http->status == 429) {
                p->answer.r = CONDITION_RATE_LIMITED;
                p->answer.reason = N_("too many requests");
        } else if (request == OAUTH_KNOCK) {
                /* That is what it was asked for. */
        } else if (by_token && http->status == 401) {
                p->answer.r = CONDITION_ACCESS_DENIED;
                p->answer.reason = N_("the access token was not accepted");
        } else if (request == OAUTH_PROBE)
                parse_probe_refusal(p, http);
        else if (request == OAUTH_DISK)
                parse_disk_refusal(p, http);
        else if (request == OAUTH_IDENTITY)
                trouble(p, N_("the login host refused"));
        else
                parse_refusal(request, p, http);
}

void oauth_parse(OauthRequest request, const HttpAnswer *http, OauthParsed *ret) {
        *ret = (OauthParsed) {
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
                parse_success(request, ret, http);
        else if (http->status >= 400 && http->status < 500)
                parse_4xx(request, ret, http);
        else if (http->status >= 300 && http->status < 400)
                trouble(ret, N_("the server wants to redirect us"));
        else {
                trouble(ret, N_("the server has trouble of its own"));
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
