/* SPDX-License-Identifier: MIT */
#pragma once

/* Bodies of type application/x-www-form-urlencoded, built inside a Secret. */

#include <stddef.h>

#include "model/secret.h"

/* A field without a value (NULL) is left out. */
typedef struct OauthField {
        const char *name;
        const char *value;
        size_t length;
} OauthField;

static inline OauthField oauth_field(const char *name, const char *value) {
        return (OauthField){ name, value, value ? strlen(value) : 0 };
}

static inline OauthField oauth_field_secret(const char *name, const Secret *value) {
        return (OauthField){ name, secret_string(value), secret_length(value) };
}

/* Percent-encodes all but the unreserved characters of RFC 3986: refresh tokens hold colons
 * (recorded traffic). 0 or -ENOMEM. */
int oauth_form_build(const OauthField *fields, size_t n_fields, Secret **ret);
