/* SPDX-License-Identifier: MIT */
#pragma once

/* Secrets out of strings, documents out of text, and records out of documents. */

#include "check.h"
#include "common/condition.h"
#include "model/json.h"
#include "model/record.h"

#define GRANT                                                                                      \
        "{\"access_token\": \"a\", \"refresh_token\": \"r\", \"obtained_at\": 10, "                \
        "\"expires_at\": 20, \"generation\": 3}"
#define ENCODED(extra)                                                                             \
        "{\"version\": 1, \"encoding\": \"percent\", \"id\": \"one\", \"client_id\": \"app\", "    \
        "\"grant\": " GRANT extra "}"
#define ACCOUNT(extra)                                                                             \
        "{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", \"label\": \"label\", "         \
        "\"grant\": " GRANT extra "}"

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

static inline int read_account(const char *text, AccountRecord *ret, bool *ret_newer) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);

        return account_record_parse(s, ret, ret_newer);
}

static inline void check_account_refused(const char *text) {
        AccountRecord record = {};
        bool newer = true;

        check_int(read_account(text, &record, &newer), CONDITION_KEYRING_FAILED);
        check(!newer);
        check(!record.id && !record.current); /* untouched */
}
