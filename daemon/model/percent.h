/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Percent-encoding (RFC 3986, section 2.1), and the forms that are made of it. In a form all but
 * the unreserved characters are encoded. The plain encoding leaves ":" and "/" as well, since
 * tokens and the names of permissions consist of these.
 */

#include "model/secret.h"

/* A field without a value (NULL) is left out. */
typedef struct FormField {
        const char *name;
        const char *value;
        size_t length;
} FormField;

static inline FormField form_field(const char *name, const char *value) {
        return (FormField){ name, value, value ? strlen(value) : 0 };
}

static inline FormField form_field_secret(const char *name, const Secret *value) {
        return (FormField){ name, secret_string(value), secret_length(value) };
}

/* A body of type application/x-www-form-urlencoded, or a query. Returns 0 or -ENOMEM. */
int form_build(const FormField *fields, size_t n_fields, Secret **ret);

/* Returns 0 or -ENOMEM. */
int percent_encode_plain(const char *s, size_t length, Secret **ret);

/* Reads one character and returns how many bytes it took, or 0 if a % is not followed by two
 * digits. length must not be 0. */
size_t percent_decode_one(const char *s, size_t length, char *ret);

/* Returns 0, -EBADMSG or -ENOMEM. */
int percent_decode(const char *s, size_t length, Secret **ret);
