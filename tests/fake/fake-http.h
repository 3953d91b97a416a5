/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The network, replaced at link time: defines the calls of yandex/http.h, records what is asked
 * and lets the test answer. Callbacks run from the loop, as the real ones do: answer, then run it.
 *
 *         oauth_token_by_refresh(…);
 *         check(streq(fake_http_field("grant_type"), "refresh_token"));
 *         fake_http_answer(200, "{…}");
 *         sd_event_run(event, 0);
 *
 * Misuse (an answer when no request waits) ends the test.
 */

#include "yandex/http.h"

/* Forgets all requests, expectations and settings. No call may be left. */
void fake_http_reset(void);

/* Requests so far to that path ("/token"; without host and query); NULL: to any. */
unsigned fake_http_count(const char *path);

/* Requests which are neither answered nor cancelled. */
unsigned fake_http_waiting(void);

/* What was asked: of the latest request, or of the n-th since the reset, from 0. Strings live until
 * the reset. */
void fake_http_look_at(unsigned n);
void fake_http_look_at_latest(void);
const char *fake_http_url(void);
const char *fake_http_form(void);          /* as sent; NULL for a GET */
const char *fake_http_authorization(void); /* NULL if there was none */

bool fake_http_is_due(void);

/* A form field, decoded; NULL if it is absent. A field sent twice ends the test. */
const char *fake_http_field(const char *name);

/* Answers the request which has waited longest. */
void fake_http_answer(int status, const char *body);
void fake_http_answer_bytes(int status, const void *bytes, size_t length);
void fake_http_fail(int r, bool lost);

/* The answer is in the body that was lent for it, and nobody has been told yet. */
void fake_http_arrive(const char *body);
void fake_http_distrust(void); /* it does not prove who it is */

/* The next request to path is answered so as soon as it comes; several are used in turn. */
void fake_http_expect(const char *path, int status, const char *body);
void fake_http_expect_failure(const char *path, int r, bool lost);

/* What the answers say from now on; at first HTTP_NO_RETRY_AFTER and 0. */
void fake_http_set_retry_after(int64_t seconds);
void fake_http_set_date(int64_t date);

/* Requests from now on wait before they are sent, or are sent at once again. */
void fake_http_hold_back(bool hold);

/* Whether requests wait for the budget. */
void fake_http_set_over_budget(bool over);

/* http_call_start() returns r, once, and sends nothing. */
void fake_http_refuse(int r);
