/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Yandex's dialect of OAuth: one function per request, which turns the answer into values or into
 * one of our Conditions. Keeps no state between calls.
 *
 * Credentials of the application go into the form and nowhere else. An access token goes into the
 * Authorization header, with the scheme "OAuth", and only to the login and Disk hosts.
 */

#include "yandex/oauth-answer.h"

typedef struct Oauth Oauth;
typedef struct OauthCall OauthCall;

/* The strings must outlive the Oauth. URLs have no slash at the end. */
typedef struct OauthOptions {
        const char *oauth_url;   /* https://oauth.yandex.ru */
        const char *login_url;   /* https://login.yandex.ru */
        const char *disk_url;    /* https://cloud-api.yandex.net */
        const char *device_id;   /* 6..50 printable ASCII characters; NULL: none is sent */
        const char *device_name; /* shown to the user by Yandex; cut to 100 characters */
} OauthOptions;

/* The application that a request is made for. Borrowed until the function returns. */
typedef struct OauthClient {
        const char *client_id;
        const Secret *client_secret; /* NULL: none is sent */
} OauthClient;

/* What a token may look at on the Disk, and the scope that each needs (Disk REST reference). */
typedef enum OauthDiskPart {
        OAUTH_DISK_INFO,       /* cloud_api:disk.info */
        OAUTH_DISK_FILES,      /* cloud_api:disk.read */
        OAUTH_DISK_APP_FOLDER, /* cloud_api:disk.app_folder */
        _OAUTH_DISK_PART_MAX,
        _OAUTH_DISK_PART_INVALID = -EINVAL,
} OauthDiskPart;

typedef enum OauthHost {
        OAUTH_HOST_OAUTH,
        OAUTH_HOST_LOGIN,
        OAUTH_HOST_DISK,
        _OAUTH_HOST_MAX,
        _OAUTH_HOST_INVALID = -EINVAL,
} OauthHost;

/* The answer is valid during the callback. */
typedef void (*OauthFn)(const OauthAnswer *answer, void *userdata);

/* Returns 0; -EINVAL if the device id is not as it must be; -ENOMEM. */
int oauth_new(Http *http, const OauthOptions *options, Oauth **ret);

/* All calls must have been freed. Returns NULL. Takes NULL. */
Oauth *oauth_free(Oauth *o);
DEFINE_CLEANUP(Oauth *, oauth_free)

/* The calls. Each copies what it needs, never calls back before it has returned, and calls back
 * once, from the loop. Returns 0 or a negative errno.
 *
 * body is the memory that the answer arrives in: an empty secret with room for HTTP_ANSWER_MAX
 * bytes, or NULL for memory of our own. */

/* Requests a device code. scopes NULL: all that the application has. */
int oauth_device_code(Oauth *o, const char *client_id, char *const *scopes, OauthFn fn,
                      void *userdata, OauthCall **ret_call);

/* Polls for the user's confirmation. r = CONDITION_PENDING: not yet. */
int oauth_token_by_device_code(Oauth *o, const OauthClient *client, const Secret *device_code,
                               Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call);

/* Exchanges the code from the confirmation page. code_verifier (PKCE) may be NULL. */
int oauth_token_by_code(Oauth *o, const OauthClient *client, const Secret *code,
                        const Secret *code_verifier, Secret *body, OauthFn fn, void *userdata,
                        OauthCall **ret_call);

typedef struct OauthRenewal {
        const Secret *refresh_token;
        bool due; /* the schedule wants it, and not a program: see HttpRequest */
} OauthRenewal;

/* Renews. r = CONDITION_SIGN_IN_NEEDED only for HTTP 400 or 401 with JSON error "invalid_grant". */
int oauth_token_by_refresh(Oauth *o, const OauthClient *client, const OauthRenewal *renewal,
                           Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call);

/* Ends the grant at Yandex. r is 0, too, if there was nothing left to end. */
int oauth_revoke(Oauth *o, const OauthClient *client, const Secret *access_token, OauthFn fn,
                 void *userdata, OauthCall **ret_call);

/* Asks which user has the token. */
int oauth_identity(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                   OauthCall **ret_call);

/* Whether the Disk accepts the token: GET /v1/disk/operations/0000, which needs no scope. r = 0:
 * yes; CONDITION_ACCESS_DENIED: answered 401. */
int oauth_probe(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                OauthCall **ret_call);

/* Whether the token may look at a part of the Disk; see OauthAnswer.disk. r =
 * CONDITION_ACCESS_DENIED: answered 401. */
int oauth_disk(Oauth *o, OauthDiskPart part, const Secret *access_token, OauthFn fn, void *userdata,
               OauthCall **ret_call);

/* Whether a host can be reached: sends a request without credentials, which has no effect and is
 * refused. r = 0: it was. */
int oauth_reach(Oauth *o, OauthHost host, OauthFn fn, void *userdata, OauthCall **ret_call);

/* As http_call_is_sent(). */
bool oauth_call_is_sent(const OauthCall *c);

/* As http_is_over_budget(). */
bool oauth_is_over_budget(const Oauth *o);

/* Cancels: fn will not run. Returns NULL. Takes NULL. */
OauthCall *oauth_call_free(OauthCall *c);
DEFINE_CLEANUP(OauthCall *, oauth_call_free)

/* What a user is asked to allow in a browser (Yandex ID docs, code flow). Borrowed. */
typedef struct Authorization {
        const char *client_id;
        char *const *scopes;        /* NULL: all that the application has */
        const char *login_hint;     /* the user whom the page offers first, or NULL */
        const Secret *state;        /* comes back with the code */
        const char *code_challenge; /* of PKCE, RFC 7636; method S256 */
} Authorization;

/* The address of that page, https. It is a secret, since the state in it proves that an answer
 * belongs to the sign-in. Returns 0 or -ENOMEM. */
int oauth_authorization_url(const Oauth *o, const Authorization *a, Secret **ret);

/* The address of a host, as it was given. */
const char *oauth_host_url(const Oauth *o, OauthHost host);

/* Whether sign-ins are bound to this machine, so that they can be revoked. */
bool oauth_has_device_id(const Oauth *o);
