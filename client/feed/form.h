/* SPDX-License-Identifier: MIT */
#pragma once

/* The form of a request for a token (RFC 6749, section 6), in application/x-www-form-urlencoded. */

#include <stddef.h>

#include "common/util.h"

/* What is not in the form is NULL. */
typedef struct Form {
        const char *grant_type;
        const char *refresh_token;
} Form;

/*
 * Decodes the form in place; *ret points into it. body[size] is overwritten, too. Other parameters
 * are ignored, since programs send their client_id and client_secret.
 *
 * Returns 0, or -EBADMSG if something is not encoded as it should be, is a NUL, or stands there
 * twice.
 */
int form_read(char *body, size_t size, Form *ret);
