/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of the HTTPS client share (http.c, http-loop.c, http-reason.c; http-library and
 * http-trust have headers of their own), and what their tests need. */

#include "yandex/budget.h"
#include "yandex/http-library.h"
#include "yandex/http-trust.h"
#include "yandex/http.h"

/*
 * http-loop.c: libcurl's multi interface as sources of an sd-event loop: one io source per socket,
 * one timer, and one defer source. Only the last one reports that a transfer is done, so never from
 * inside libcurl.
 *
 * Eight transfers run at once, as many begin as the budget allows, and others wait for their turn.
 * A renewal that is due waits for none but such. When the last transfer is over, the memory that
 * they used goes back to the system.
 */

typedef struct HttpLoop {
        sd_event *event;
        CURLM *multi; /* NULL if no transfer has begun since the last was over */
        sd_event_source *timer;
        sd_event_source *turn; /* armed while something waits for the budget */
        sd_event_source *drain;
        sd_event_source *tidy;
        Budget budget;
        unsigned n_running;
        CURL **waiting; /* transfers that have not started: due ones, then others, by age */
        size_t n_waiting;
        size_t n_waiting_due;
} HttpLoop;

/* Returns 0 or a negative errno. http_loop_done() must be called in any case, when no transfer is
 * left. */
int http_loop_init(HttpLoop *l, sd_event *event);
void http_loop_done(HttpLoop *l);

/* Starts a transfer now or when it is its turn; its deadlines count from then. due: see
 * HttpRequest. Returns 0 or a negative errno. */
int http_loop_add(HttpLoop *l, CURL *easy, bool due);

/* See http_is_over_budget(). */
bool http_loop_is_over_budget(const HttpLoop *l);

/* Stops a transfer: http_call_on_done() will not run. */
void http_loop_remove(HttpLoop *l, CURL *easy);

/* http.c: runs from the loop when a transfer is over, which must be removed at some time, and never
 * before http_loop_add() has returned. May add and remove transfers. */
void http_call_on_done(CURL *easy, CURLcode code);

/* http-reason.c: what became of a request, and why. Pure; all clauses are static. */

/* Returns 0 for CURLE_OK, a Condition, or a negative errno. *ret_reason is NULL if it is 0. */
int http_error(CURLcode code, const char **ret_reason);

/* Why a certificate was not trusted, by CURLINFO_SSL_VERIFYRESULT. If the reason is its time, the
 * clock of the machine may be wrong. */
const char *http_distrust(long verify_result);

/* The proxy that libcurl takes from the environment for this URL: "http://proxy.example:3128", as
 * it is written there but without a user, a password and a path. *ret is NULL if there is none.
 * Returns 0 or -ENOMEM. */
int http_proxy_find(const char *url, char **ret);

/* What is wrong with the proxy, for a request that failed before it was sent. connect_code is what
 * the proxy answered, or 0 (CURLINFO_HTTP_CONNECTCODE). NULL if the proxy did its work. */
const char *http_proxy_reason(CURLcode code, long connect_code);

/* http.c: the two header fields of an answer that are read (RFC 9110, sections 5.6.7 and 10.2.3).
 * Both take NULL. */

/* The UTC seconds of an HTTP-date, or 0 if it is none. */
int64_t http_parse_date(const char *value);

/* The seconds to wait, from 0 to HTTP_RETRY_AFTER_MAX. The value is a number of seconds, or a date
 * that is compared with now (UTC seconds); HTTP_NO_RETRY_AFTER if it is neither. */
int64_t http_parse_retry_after(const char *value, int64_t now);

/* For the tests alone. */

typedef struct HttpLimits {
        long connect_ms;
        long total_ms;
} HttpLimits;

/* For the calls that are started from now on. */
void http_set_limits(Http *h, HttpLimits limits);

HttpTrust *http_trust(Http *h);
HttpLoop *http_loop(Http *h);

/* A full budget that comes back at another rate. */
void http_loop_set_budget(HttpLoop *l, uint64_t interval_usec);
