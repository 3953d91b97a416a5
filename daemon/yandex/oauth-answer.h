/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * From an HTTP answer to values that were checked. Pure. An answer that is not as Yandex gives it
 * becomes CONDITION_SERVER_TROUBLE, never a guess.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/condition.h"
#include "model/json.h"
#include "yandex/http.h"

/* The kinds of requests. The same error code means something else as the answer to each. */
typedef enum OauthRequest {
        OAUTH_DEVICE_CODE,
        OAUTH_TOKEN_DEVICE,
        OAUTH_TOKEN_CODE,
        OAUTH_TOKEN_REFRESH,
        OAUTH_REVOKE,
        OAUTH_IDENTITY,
        OAUTH_PROBE,
        OAUTH_DISK,
        OAUTH_REACH,
        _OAUTH_REQUEST_MAX,
        _OAUTH_REQUEST_INVALID = -EINVAL,
} OauthRequest;

/* The answer to /device/code (Yandex ID docs, device flow; recorded traffic). */
typedef struct OauthDeviceCode {
        Secret *device_code;
        const char *user_code;        /* printable, shown to the user */
        const char *verification_url; /* the server's, see address_is_of_server(), or
                                       * https://ya.ru/device */
        int64_t interval;             /* seconds between polls, at least 1 */
        int64_t expires_in;           /* seconds, at least 1 */
} OauthDeviceCode;

/* The answer to /token. */
typedef struct OauthToken {
        Secret *access_token;
        Secret *refresh_token; /* NULL if the answer has none */
        int64_t expires_in;    /* seconds that remain; <= 0 if absent or of no use */
        char *const *scopes;   /* NULL unless the granted set is narrower than the one asked for */
} OauthToken;

/* The answer to login.yandex.ru/info. */
typedef struct OauthIdentity {
        const char *uid;       /* tells alone whose token it is */
        const char *login;     /* NULL if there is none that can be shown */
        const char *client_id; /* the application that has the token; NULL if Yandex does not say */
} OauthIdentity;

/* What the Disk says to a token that it accepts. */
typedef enum OauthDiskVerdict {
        OAUTH_DISK_GRANTED,
        OAUTH_DISK_FORBIDDEN,   /* the token has no such scope */
        OAUTH_DISK_UNSUPPORTED, /* the user's account has no Disk, which no token changes */
        _OAUTH_DISK_VERDICT_MAX,
        _OAUTH_DISK_VERDICT_INVALID = -EINVAL,
} OauthDiskVerdict;

/* What an answer says. Its strings are static, or those of the OauthParsed that it is in. */
typedef struct OauthAnswer {
        int r;             /* 0, a Condition, or a negative errno */
        const char *error; /* Yandex's error code if it is a known one, else NULL; static */
        const char *
                reason; /* for the log and for people, see http_reason_with_name(); NULL if r = 0 */
        bool untrusted; /* r != 0 because the server did not prove its identity */
        /* The request may have had its effect, but no answer came that can be used: the connection
         * broke, HTTP 5xx, or a 2xx that makes no sense. */
        bool lost;
        bool used_up;        /* a 200 without tokens that can be used: so is the code, then */
        bool slow_down;      /* r = CONDITION_PENDING: wait 5 s more between polls */
        bool revocable;      /* OAUTH_REVOKE: false if Yandex cannot revoke this token */
        int64_t retry_after; /* seconds, or HTTP_NO_RETRY_AFTER */
        int64_t date;        /* UTC seconds of the server's clock, or 0 */

        /* If r = 0, the one that was requested; the others are NULL. */
        const OauthDeviceCode *device_code;
        const OauthToken *token;
        const OauthIdentity *identity;

        OauthDiskVerdict disk; /* OAUTH_DISK with r = 0 */
} OauthAnswer;

/* An answer with what it points to, so it must not be moved. */
typedef struct OauthParsed {
        OauthAnswer answer;
        OauthDeviceCode device_code;
        OauthToken token;
        OauthIdentity identity;
        char uid[24];          /* if it is a number */
        const char *oauth_url; /* borrowed while it is parsed */
        char **scopes;
        Json *json;
} OauthParsed;

/* Fills *ret, which the caller ends with oauth_parsed_done(). The outcome is ret->answer.r.
 * oauth_url: the configured OAuthURL, with which the page that a device code names is compared;
 * NULL will do if none is expected. */
void oauth_parse(OauthRequest request, const char *oauth_url, const HttpAnswer *http,
                 OauthParsed *ret);
void oauth_parsed_done(OauthParsed *p);

/* An error code of Yandex. */
typedef struct OauthError {
        const char *code;    /* as Yandex writes it; NULL if it is not known */
        const char *meaning; /* see http_reason_with_name() */
        int r;               /* what it is as the answer to that request: 0 or a Condition */
} OauthError;

/* An unknown code is condition_unknown_refusal() in a sign-in and a refresh, else
 * CONDITION_SERVER_TROUBLE. All strings are static. code may be NULL. */
OauthError oauth_error_find(OauthRequest request, const char *code);

/* Whether s can be a token: 1 to 16384 characters of visible ASCII. Tokens have no other form that
 * could be relied on. NULL is none. */
bool oauth_is_token(const char *s);

/* What the strings of an answer must be before they are shown. NULL never is. A user code is
 * printable ASCII of at most 64 bytes, since it goes to a terminal; for a login see
 * utf8_is_text(). */
bool oauth_is_user_code(const char *s);
bool oauth_is_login(const char *s);
