/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which requests are refused for what their head says, before anything is done for them.
 *
 * A page in a browser can send requests to the loopback, and by a name of its own, if that name
 * leads there (DNS rebinding). So a request has to name us as an address or as localhost, and must
 * not come from a page.
 */

#include <stdint.h>

#include "common/util.h"

/* More than a form needs. */
#define HEAD_BODY_MAX 8192

/* What is missing is NULL. */
typedef struct Head {
        const char *method;
        const char *target; /* without the query, not decoded */
        const char *host;
        const char *content_type;
        const char *content_length;
        unsigned n_hosts;
        bool has_query;
        bool has_origin;
        bool has_transfer_encoding;
} Head;

typedef struct Refusal {
        unsigned status;
        const char *sentence;
} Refusal;

/* port is ours. Returns NULL if the request is to be answered. */
const Refusal *head_refuse(const Head *h, uint16_t port);

/* Whether the body ends after HEAD_BODY_MAX bytes at most, so that it can be read to its end, and
 * the answer is not lost. */
bool head_promises_small_body(const Head *h);
