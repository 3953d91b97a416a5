/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a program sends over HTTP: a head, for which most requests are refused before anything is
 * done for them, and a form as its body (RFC 6749, section 6).
 *
 * A page in a browser can send requests to the loopback, and by a name of its own, if that name
 * leads there (DNS rebinding). So a request has to name us as an address or as localhost, and must
 * not come from a page.
 */

#include <stddef.h>
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

/* What is not in the form is NULL. */
typedef struct Form {
        const char *grant_type;
        const char *refresh_token;
} Form;

/*
 * Decodes a form of application/x-www-form-urlencoded in place; *ret points into it. body[size] is
 * overwritten, too. Other parameters are ignored, since programs send their client_id and
 * client_secret.
 *
 * Returns 0, or -EBADMSG if something is not encoded as it should be, is a NUL, or stands there
 * twice.
 */
int form_read(char *body, size_t size, Form *ret);
