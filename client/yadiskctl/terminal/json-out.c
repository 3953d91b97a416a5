/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/json-out.h"

#include <inttypes.h>

#include "common/utf8.h"
#include "yadiskctl/terminal/text.h"

#define DOCUMENT_VERSION 1
#define JSON_NULL        "null"

struct Json {
        char *data; /* zeros follow it, of which size counts none */
        size_t size, allocated;
        bool comma; /* the next value is not the first of its object or array */
        bool failed;
};

Json *json_free(Json *j) {
        if (!j)
                return NULL;

        if (j->data)
                explicit_bzero(j->data, j->size);
        free(j->data);
        free(j);
        return NULL;
}

static void json_append(Json *j, const char *s, size_t n) {
        if (j->failed)
                return;

        if (j->allocated - j->size <= n) {
                size_t wanted = 2 * (j->size + n + 1);
                char *larger = calloc(1, wanted); /* realloc() would leave a copy behind */

                j->failed = !larger;
                if (j->failed)
                        return;
                if (j->data) {
                        memcpy(larger, j->data, j->size);
                        explicit_bzero(j->data, j->size);
                        free(j->data);
                }
                j->data = larger;
                j->allocated = wanted;
        }
        memcpy(j->data + j->size, s, n);
        j->size += n;
}

static void json_append_string(Json *j, const char *s) {
        json_append(j, s, strlen(s));
}

static void json_append_code_unit(Json *j, uint16_t unit) {
        char escape[sizeof("\\uxxxx")];

        (void) snprintf(escape, sizeof(escape), "\\u%04" PRIx16, unit);
        json_append_string(j, escape);
}

/* JSON escapes in UTF-16: a character above U+FFFF becomes two surrogates. */
static void json_append_escape(Json *j, uint32_t c) {
        if (c > 0xffff) {
                json_append_code_unit(j, (uint16_t) (0xd7c0 + (c >> 10)));
                json_append_code_unit(j, (uint16_t) (0xdc00 + (c & 0x3ff)));
        } else
                json_append_code_unit(j, (uint16_t) c);
}

static void json_append_quoted(Json *j, const char *s) {
        json_append_string(j, "\"");
        while (*s) {
                uint32_t c = 0xfffd;
                size_t length = utf8_decode(s, &c);

                if (c == '"' || c == '\\')
                        json_append_string(j, "\\");
                if (length == 0 || text_is_unsafe(c))
                        json_append_escape(j, c);
                else
                        json_append(j, s, length);
                s += length ?: 1;
        }
        json_append_string(j, "\"");
}

/* Writes what stands before every value. Returns false if there is no memory to write to. */
static bool json_begin_value(Json *j, const char *key) {
        if (!j)
                return false;

        if (j->comma)
                json_append_string(j, ",");
        if (key) {
                json_append_quoted(j, key);
                json_append_string(j, ":");
        }
        j->comma = true;
        return true;
}

void json_begin(Json *j, const char *key, const char *bracket) {
        if (!json_begin_value(j, key))
                return;
        json_append_string(j, bracket);
        j->comma = false;
}

void json_end(Json *j, const char *bracket) {
        if (!j)
                return;
        json_append_string(j, bracket);
        j->comma = true;
}

void json_string(Json *j, const char *key, const char *value) {
        if (!json_begin_value(j, key))
                return;
        if (value)
                json_append_quoted(j, value);
        else
                json_append_string(j, JSON_NULL);
}

void json_strings(Json *j, const char *key, char *const *values) {
        json_begin(j, key, "[");
        for (; values && *values; values++)
                json_string(j, NULL, *values);
        json_end(j, "]");
}

void json_unsigned(Json *j, const char *key, uint64_t value) {
        char digits[sizeof("18446744073709551615")];

        if (!json_begin_value(j, key))
                return;
        (void) snprintf(digits, sizeof(digits), "%" PRIu64, value);
        json_append_string(j, digits);
}

void json_bool(Json *j, const char *key, bool value) {
        if (json_begin_value(j, key))
                json_append_string(j, value ? "true" : "false");
}

void json_time(Json *j, const char *key, uint64_t value) {
        if (value == 0)
                json_string(j, key, NULL);
        else
                json_unsigned(j, key, value);
}

Json *json_new(void) {
        Json *j = calloc(1, sizeof(Json));

        json_begin(j, NULL, "{");
        json_unsigned(j, "version", DOCUMENT_VERSION);
        return j;
}

const char *json_finish(Json *j) {
        if (!j)
                return NULL;

        json_end(j, "}");
        json_append_string(j, "\n");
        return j->failed ? NULL : j->data;
}

ExitStatus json_write(Json *j) {
        const char *text = json_finish(j);

        return text ? output_write(text, strlen(text)) : fail_errno(-ENOMEM, "write JSON");
}
