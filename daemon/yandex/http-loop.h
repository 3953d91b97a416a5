/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libcurl's multi interface as sources of an sd-event loop: one io source per socket, one timer,
 * and one defer source, from which alone transfers are reported as done, so never from inside
 * libcurl.
 *
 * Eight transfers run at once, others wait for their turn: a machine with many accounts renews them all on the
 * same day. When the last one is over, the memory that they had goes back to the system.
 */

#include <curl/curl.h>
#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct HttpLoop HttpLoop;

/* From the loop. May add and remove transfers, also this one, which is to be removed sometime. */
typedef void (*HttpLoopFn)(CURL *easy, CURLcode code);

/* 0 or a negative errno. */
int http_loop_new(sd_event *event, HttpLoopFn fn, HttpLoop **ret);

/* No transfer may be left. Returns NULL. */
HttpLoop *http_loop_free(HttpLoop *l);
DEFINE_CLEANUP(HttpLoop *, http_loop_free)

/* Starts a transfer, sooner or later; its deadlines count from then. fn never runs before this returned. 0 or a
 * negative errno. */
int http_loop_add(HttpLoop *l, CURL *easy);

/* Stops it: fn will not run. */
void http_loop_remove(HttpLoop *l, CURL *easy);
