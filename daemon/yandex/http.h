/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * HTTPS requests on the event loop (libcurl's multi interface). https only, TLS always verified, no
 * redirects followed, no cookies, no verbose mode; connect 10 s, total 15 s, answers of at most 64
 * KiB; eight requests at once, the others in turn, and no more than the budget allows (see
 * budget.h). Bodies, both ways, are secrets.
 *
 * A proxy is taken from the environment ($https_proxy), as libcurl does; it sees the server's name
 * and our User-Agent. If it is in the way, that is CONDITION_OFFLINE, with its address in the
 * reason.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "model/secret.h"

typedef struct Http Http;
typedef struct HttpCall HttpCall;

#define HTTP_ANSWER_MAX (64U * 1024U)

/* No Retry-After came, or none that can be read. */
#define HTTP_NO_RETRY_AFTER INT64_C(-1)

/* Longer waits than this, in seconds, are cut to it. */
#define HTTP_RETRY_AFTER_MAX INT64_C(86400)

typedef struct HttpRequest {
        const char *url;             /* https */
        const Secret *form;          /* POST, application/x-www-form-urlencoded; NULL: GET */
        const Secret *authorization; /* value of the header, "OAuth …"; NULL: no such header */
        /* Empty; the answer's body is appended as it comes in. NULL: one of our own. */
        Secret *body;
        /* A renewal whose time has come: goes before all others, and has a part of the budget for
         * itself. */
        bool due;
} HttpRequest;

/* Valid during the callback. An answer without a length ends when the connection does, so only its
 * reader can tell whether it is whole. */
typedef struct HttpAnswer {
        /* 0: a whole answer came, whatever its status; CONDITION_OFFLINE: no connection, or it
         * broke; CONDITION_SERVER_TROUBLE: TLS not trusted, not HTTP, too long, …;
         * CONDITION_LIBRARY_MISSING: libcurl or OpenSSL; or a negative errno. */
        int r;
        const char *reason;  /* see http_reason_with_name(); NULL if r = 0 */
        bool untrusted;      /* r != 0 because the server did not prove its identity */
        bool lost;           /* r != 0 after the request was sent, which may have had its effect */
        int status;          /* HTTP status; 0 if r != 0 */
        Secret *body;        /* never NULL if r = 0 */
        int64_t retry_after; /* seconds, 0 to HTTP_RETRY_AFTER_MAX, or HTTP_NO_RETRY_AFTER; a date is
                              * compared with the answer's own Date, or else with our clock */
        int64_t date;        /* UTC seconds, from the Date header; 0 if there is none */
} HttpAnswer;

typedef void (*HttpFn)(const HttpAnswer *answer, void *userdata);

/* ca_file: trusted certificates (PEM) beside the system's, or NULL; read once. Returns 0; -EBADMSG
 * if ca_file holds no certificate; another negative errno, for example if ca_file cannot be
 * read. */
int http_new(sd_event *event, const char *ca_file, Http **ret);

/* All calls must have been freed. Returns NULL. Takes NULL. */
Http *http_free(Http *h);
DEFINE_CLEANUP(Http *, http_free)

/* Starts a request; copies what it needs. fn never runs before this has returned, and runs at most
 * once, from the loop. It may free the call, start others, and free whatever owns them, but not the
 * Http. Returns 0; -EINVAL if the URL is not https or the authorization would not fit into one
 * header line; another negative errno. */
int http_call_start(Http *h, const HttpRequest *request, HttpFn fn, void *userdata,
                    HttpCall **ret_call);

/* Whether the request may have had its effect: false while it waits for its turn or for the
 * handshakes. */
bool http_call_is_sent(const HttpCall *c);

/* Whether requests wait because the budget is spent, so that there may be no answer in time. */
bool http_is_over_budget(const Http *h);

/* Cancels: fn will not run. Returns NULL. Takes NULL. */
HttpCall *http_call_free(HttpCall *c);
DEFINE_CLEANUP(HttpCall *, http_call_free)

/*
 * A reason is a static clause, so that every layer may keep the pointer and the client can
 * translate it. If something has to be named that others choose, such as a proxy or an error code
 * that we do not know, it stands in parentheses behind the clause; i18n_reason() leaves it as it
 * is.
 *
 * Returns "clause (name)"; or clause alone if name is NULL, not printable ASCII, or longer than 128
 * bytes. The result is never freed. There is room for 16 different ones, which is more than Yandex
 * and a proxy have; after that the clause stands alone, so that no server can fill our memory.
 */
const char *http_reason_with_name(const char *clause, const char *name);
