/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Yandex's dialect of OAuth: one function per request, which turns the answer into values or into
 * one of our Conditions. Keeps no state between calls.
 *
 * Credentials of the application go into the form and nowhere else; an access token goes into the
 * Authorization header, with the scheme "OAuth", and only to the login and Disk hosts.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/condition.h"
#include "model/secret.h"
#include "yandex/http.h"

typedef struct Oauth Oauth;
typedef struct OauthCall OauthCall;

/* Borrowed by oauth_new(), which copies. URLs without a slash at the end. */
typedef struct OauthOptions {
        const char *oauth_url;   /* https://oauth.yandex.ru */
        const char *login_url;   /* https://login.yandex.ru */
        const char *disk_url;    /* https://cloud-api.yandex.net */
        const char *device_id;   /* 6..50 printable ASCII characters; NULL: none is sent */
        const char *device_name; /* what Yandex shows to the user, cut to 100 characters */
} OauthOptions;

/* The application on whose behalf we ask. Borrowed during the call. */
typedef struct OauthClient {
        const char *client_id;
        const Secret *client_secret; /* NULL: none is sent */
} OauthClient;

/* Which request an error answers: the same code means different things. */
typedef enum OauthRequest {
        OAUTH_DEVICE_CODE,
        OAUTH_TOKEN_DEVICE,
        OAUTH_TOKEN_CODE,
        OAUTH_TOKEN_REFRESH,
        OAUTH_REVOKE,
        OAUTH_IDENTITY,
        OAUTH_PROBE,
        OAUTH_DISK,
        OAUTH_KNOCK,
        _OAUTH_REQUEST_MAX,
        _OAUTH_REQUEST_INVALID = -EINVAL,
} OauthRequest;

/* Answer to /device/code (Yandex ID docs, device flow; recorded traffic). */
typedef struct OauthDeviceCode {
        Secret *device_code;
        const char *user_code;        /* printable, shown to the user */
        const char *verification_url; /* https, printable; the server's, or https://ya.ru/device */
        int64_t interval;             /* seconds between polls, at least 1 */
        int64_t expires_in;           /* seconds, at least 1 */
} OauthDeviceCode;

/* Answer to /token. */
typedef struct OauthToken {
        Secret *access_token;
        Secret *refresh_token; /* NULL where the answer has none */
        int64_t expires_in;    /* seconds that remain; <= 0 where absent or of no use */
        char *const *scopes;   /* NULL unless the granted set is narrower than the one asked for */
} OauthToken;

/* Answer to login.yandex.ru/info. */
typedef struct OauthIdentity {
        const char *uid;
        const char *login;
        const char *
                client_id; /* the application the token was made for; NULL where that is not told */
} OauthIdentity;

/* What a token may look at on the Disk, and the scope that each needs (Disk REST reference). */
typedef enum OauthDiskPart {
        OAUTH_DISK_INFO,       /* cloud_api:disk.info */
        OAUTH_DISK_FILES,      /* cloud_api:disk.read */
        OAUTH_DISK_APP_FOLDER, /* cloud_api:disk.app_folder */
        _OAUTH_DISK_PART_MAX,
        _OAUTH_DISK_PART_INVALID = -EINVAL,
} OauthDiskPart;

/* What the Disk says to a token that it accepts. */
typedef enum OauthDiskVerdict {
        OAUTH_DISK_GRANTED,
        OAUTH_DISK_FORBIDDEN,   /* the token has no such scope */
        OAUTH_DISK_UNSUPPORTED, /* the user's account has no Disk, which no token changes */
        _OAUTH_DISK_VERDICT_MAX,
        _OAUTH_DISK_VERDICT_INVALID = -EINVAL,
} OauthDiskVerdict;

typedef enum OauthHost {
        OAUTH_HOST_OAUTH,
        OAUTH_HOST_LOGIN,
        OAUTH_HOST_DISK,
        _OAUTH_HOST_MAX,
        _OAUTH_HOST_INVALID = -EINVAL,
} OauthHost;

/* Valid during the callback. */
typedef struct OauthAnswer {
        int r;              /* 0, a Condition, or a negative errno (of ours) */
        const char *error;  /* Yandex's error code where it is a known one, else NULL; static */
        const char *reason; /* static clause, for the log and for people (see yandex/reason.h); NULL
                              * where r = 0 */
        bool untrusted;     /* r != 0 since the server did not prove who it is */
        bool lost;          /* it may have had its effect, though no answer came that can be used:
                              * the connection broke, HTTP 5xx, a 2xx that makes no sense */
        bool slow_down;     /* r = CONDITION_PENDING: wait 5 s more between polls */
        bool revocable;     /* OAUTH_REVOKE: false where Yandex cannot revoke this token */
        int64_t retry_after;                /* seconds, or HTTP_NO_RETRY_AFTER */
        int64_t date;                       /* UTC seconds of the server's clock, or 0 */
        const OauthDeviceCode *device_code; /* the one that was asked for, where r = 0 */
        const OauthToken *token;
        const OauthIdentity *identity;
        OauthDiskVerdict disk; /* OAUTH_DISK, where r = 0 */
} OauthAnswer;

typedef void (*OauthFn)(const OauthAnswer *answer, void *userdata);

int oauth_new(Http *http, const OauthOptions *options, Oauth **ret);
Oauth *oauth_free(Oauth *o);
DEFINE_CLEANUP(Oauth *, oauth_free)

/* The calls. Each copies what it needs, never calls back before it returned, and calls back once,
 * from the loop. 0 or a negative errno. */

/* Asks for a device code. scopes NULL: all that the application has. */
int oauth_device_code(Oauth *o, const char *client_id, char *const *scopes, OauthFn fn,
                      void *userdata, OauthCall **ret_call);

/* Asks whether the user has confirmed. r = CONDITION_PENDING: not yet. */
int oauth_token_by_device_code(Oauth *o, const OauthClient *client, const Secret *device_code,
                               OauthFn fn, void *userdata, OauthCall **ret_call);

/* Exchanges the code from the confirmation page. code_verifier (PKCE) may be NULL. */
int oauth_token_by_code(Oauth *o, const OauthClient *client, const Secret *code,
                        const Secret *code_verifier, OauthFn fn, void *userdata,
                        OauthCall **ret_call);

/* Renews. body: where the answer arrives, an empty secret with room for HTTP_ANSWER_MAX bytes, or NULL.
 * r = CONDITION_SIGN_IN_NEEDED only for HTTP 400 or 401 with JSON error "invalid_grant". */
int oauth_token_by_refresh(Oauth *o, const OauthClient *client, const Secret *refresh_token,
                           Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call);

/* Ends the grant at Yandex. r = 0 also where there was nothing left to end. */
int oauth_revoke(Oauth *o, const OauthClient *client, const Secret *access_token, OauthFn fn,
                 void *userdata, OauthCall **ret_call);

/* Whose token it is. */
int oauth_identity(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                   OauthCall **ret_call);

/* Whether the Disk accepts the token: GET /v1/disk/operations/0000, which needs no scope. r = 0:
 * yes; CONDITION_ACCESS_DENIED: answered 401. */
int oauth_probe(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                OauthCall **ret_call);

/* Whether the Disk lets the token look at something; see OauthAnswer.disk. r = CONDITION_ACCESS_DENIED:
 * answered 401. */
int oauth_disk(Oauth *o, OauthDiskPart part, const Secret *access_token, OauthFn fn, void *userdata,
               OauthCall **ret_call);

/* Whether a host is there: a request without credentials, which it refuses, and which has no effect.
 * r = 0: it did. */
int oauth_knock(Oauth *o, OauthHost host, OauthFn fn, void *userdata, OauthCall **ret_call);

OauthCall *oauth_call_free(OauthCall *c);
DEFINE_CLEANUP(OauthCall *, oauth_call_free)

/* The address of a host, as it was given. */
const char *oauth_host_url(const Oauth *o, OauthHost host);

/* Whether sign-ins are bound to this machine, so that they can be revoked. */
bool oauth_has_device_id(const Oauth *o);

/* The Condition that an error code of Yandex becomes (Yandex ID docs, error tables). Unknown codes:
 * CONDITION_UNKNOWN_REFUSAL in a sign-in, else CONDITION_SERVER_TROUBLE. */
int oauth_error_condition(OauthRequest request, const char *error);
