/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * HTTPS requests on the event loop (libcurl's multi interface). https only, TLS always verified, no redirects
 * followed, no cookies, no verbose mode; connect 10 s, total 15 s, answers of at most 64 KiB; eight requests at once,
 * the others in turn. Bodies, both ways, are secrets.
 *
 * A proxy is taken from the environment ($https_proxy), as libcurl does; it sees the server's name and our
 * User-Agent. If it is in the way, that is CONDITION_OFFLINE, with its address in the reason.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "model/secret.h"

typedef struct Http Http;
typedef struct HttpCall HttpCall;

#define HTTP_ANSWER_MAX (64U * 1024U)

/* Where no Retry-After came that can be read. */
#define HTTP_NO_RETRY_AFTER INT64_C(-1)

/* Longer waits than this, in seconds, are cut to it. */
#define HTTP_RETRY_AFTER_MAX INT64_C(86400)

typedef struct HttpRequest {
        const char *url;             /* https */
        const Secret *form;          /* POST, application/x-www-form-urlencoded; NULL: GET */
        const Secret *authorization; /* value of the header, "OAuth …"; NULL: no such header */
        Secret *body;                /* empty: the answer's body is appended to it as it comes in;
                                      * NULL: to one of our own */
} HttpRequest;

/* Belongs to the caller of the callback, valid during it. */
typedef struct HttpAnswer {
        int r;               /* 0: a whole answer came, whatever its status;
                              * CONDITION_OFFLINE: no connection, or it broke;
                              * CONDITION_SERVER_TROUBLE: TLS not trusted, not HTTP, too long, …;
                              * a negative errno: of ours.
                              * An answer without a length ends where the connection does, so that
                              * only its reader can tell whether it is whole. */
        const char *reason;  /* static clause, never from the server (see yandex/reason.h); NULL
                              * where r = 0 */
        bool untrusted;      /* r != 0 since the server did not prove who it is */
        bool lost;           /* r != 0 after the request went out: it may have had its effect */
        int status;          /* HTTP status, 0 where r != 0 */
        Secret *body;        /* never NULL where r = 0 */
        int64_t retry_after; /* seconds, 0 to HTTP_RETRY_AFTER_MAX, or HTTP_NO_RETRY_AFTER; a date
                              * counts from the answer's own Date, or else from our clock */
        int64_t date;        /* UTC seconds, from the Date header; 0 where there is none */
} HttpAnswer;

typedef void (*HttpFn)(const HttpAnswer *answer, void *userdata);

/* ca_file: further trusted certificates (PEM) beside the system's, or NULL; read once. 0 or a
 * negative errno: where ca_file cannot be read its own, -EBADMSG where it holds no certificate. */
int http_new(sd_event *event, const char *ca_file, Http **ret);

/* Outstanding calls must have been freed. */
Http *http_free(Http *h);
DEFINE_CLEANUP(Http *, http_free)

/* Starts a request; copies what it needs. fn never runs before this returned, and runs at most
 * once, from the loop; it may free the call, start others, and free whatever owns them, but not the
 * Http. 0; -EINVAL where the URL is not https or the authorization would not fit into one header
 * line; or another negative errno. */
int http_call_start(Http *h, const HttpRequest *request, HttpFn fn, void *userdata,
                    HttpCall **ret_call);

/* Cancels: fn will not run. Takes NULL, returns NULL. */
HttpCall *http_call_free(HttpCall *c);
DEFINE_CLEANUP(HttpCall *, http_call_free)
