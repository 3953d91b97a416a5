/* SPDX-License-Identifier: MIT */

#include "common/json-text.h"

#include "common/utf8.h"
#include "common/util.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A position in the text, which ends with a NUL. No function below goes past it. */
typedef struct Cursor {
        const char *at;
        unsigned depth;
} Cursor;

static void json_skip_space(Cursor *c) {
        c->at += strspn(c->at, " \t\n\r");
}

static bool json_skip(Cursor *c, const char *word) {
        size_t length = strlen(word);

        if (strncmp(c->at, word, length) != 0)
                return false;

        c->at += length;
        return true;
}

/* The next thing after white space. */
static bool json_skip_next(Cursor *c, const char *word) {
        json_skip_space(c);
        return json_skip(c, word);
}

static bool json_skip_digits(Cursor *c) {
        size_t length = strspn(c->at, "0123456789");

        c->at += length;
        return length > 0;
}

static bool json_skip_number(Cursor *c) {
        (void) json_skip(c, "-");
        if (json_skip(c, "Infinity"))
                return true;
        if (!json_skip(c, "0") && !json_skip_digits(c))
                return false;
        if (json_skip(c, ".") && !json_skip_digits(c))
                return false;
        if (!json_skip(c, "e") && !json_skip(c, "E"))
                return true;
        if (!json_skip(c, "+"))
                (void) json_skip(c, "-");
        return json_skip_digits(c);
}

/* After the backslash. */
static bool json_skip_escape(Cursor *c) {
        if (*c->at && strchr("\"\\/bfnrt", *c->at)) {
                c->at++;
                return true;
        }
        if (!json_skip(c, "u") || strspn(c->at, "0123456789abcdefABCDEF") < 4)
                return false;

        c->at += 4;
        return true;
}

static bool json_skip_string(Cursor *c, bool *ret_has_nul) {
        *ret_has_nul = false;
        if (!json_skip(c, "\""))
                return false;

        while (!json_skip(c, "\"")) {
                if (*c->at == '\0')
                        return false;
                if (!json_skip(c, "\\")) {
                        c->at++;
                        continue;
                }
                *ret_has_nul = *ret_has_nul || strncmp(c->at, "u0000", 5) == 0;
                if (!json_skip_escape(c))
                        return false;
        }
        return true;
}

static bool json_skip_value(Cursor *c);

static bool json_skip_member(Cursor *c) {
        bool has_nul;

        json_skip_space(c);
        return json_skip_string(c, &has_nul) && !has_nul && json_skip_next(c, ":") &&
               json_skip_value(c);
}

/* After the opening bracket. */
static bool json_skip_list(Cursor *c, bool (*skip_one)(Cursor *c), const char *close) {
        if (c->depth == JSON_DEPTH_MAX)
                return false;
        if (json_skip_next(c, close))
                return true;

        c->depth++;
        do
                if (!skip_one(c))
                        return false;
        while (json_skip_next(c, ","));
        c->depth--;
        return json_skip_next(c, close);
}

static bool json_skip_value(Cursor *c) {
        bool has_nul;

        json_skip_space(c);
        if (json_skip(c, "{"))
                return json_skip_list(c, json_skip_member, "}");
        if (json_skip(c, "["))
                return json_skip_list(c, json_skip_value, "]");
        if (*c->at == '"')
                return json_skip_string(c, &has_nul);
        return json_skip(c, "null") || json_skip(c, "true") || json_skip(c, "false") ||
               json_skip(c, "NaN") || json_skip_number(c);
}

const char *json_text_begin(const char *text) {
        return text + (str_has_prefix(text, BYTE_ORDER_MARK) ? strlen(BYTE_ORDER_MARK) : 0);
}

bool json_text_is_well_formed(const char *text) {
        Cursor c = { .at = text };

        if (!json_skip_value(&c))
                return false;

        json_skip_space(&c);
        return *c.at == '\0';
}

bool json_text_is_valid(const char *text) {
        return utf8_is_valid(text) && json_text_is_well_formed(text);
}

bool json_text_to_int(const char *s, int64_t *ret) {
        Cursor c = { .at = s };

        (void) json_skip(&c, "-");
        if (!json_skip_digits(&c) || (json_skip(&c, ".") && !json_skip_digits(&c)) || *c.at)
                return false;

        *ret = strtoll(s, NULL, 10);
        return true;
}
