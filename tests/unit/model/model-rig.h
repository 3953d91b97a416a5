/* SPDX-License-Identifier: MIT */
#pragma once

/* Secrets out of strings, and documents out of text. */

#include "check.h"
#include "common/condition.h"
#include "model/json.h"
#include "model/record.h"

static inline Secret *secret_of(const void *data, size_t length) {
        Secret *s = NULL;

        check_int(secret_new_from(data, length, &s), 0);
        check_int(secret_length(s), length);
        return s;
}

static inline Secret *secret(const char *text) {
        return secret_of(text, strlen(text));
}

static inline Json *parse(const char *text) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);
        Json *j = NULL;

        check_int(json_parse(s, &j), 0);
        check(j);
        return j;
}
