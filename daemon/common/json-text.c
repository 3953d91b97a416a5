/* SPDX-License-Identifier: MIT */

#include "common/json-text.h"

#include "common/utf8.h"
#include "common/util.h"

/* Where we are in the text, which ends with a NUL: no function below goes past it. */
typedef struct Cursor {
        const char *at;
        unsigned depth;
} Cursor;

static void skip_space(Cursor *c) {
        c->at += strspn(c->at, " \t\n\r");
}

static bool skip(Cursor *c, const char *word) {
        size_t length = strlen(word);

        if (strncmp(c->at, word, length) != 0)
                return false;

        c->at += length;
        return true;
}

/* The next thing after white space. */
static bool skip_next(Cursor *c, const char *word) {
        skip_space(c);
        return skip(c, word);
}

static bool skip_digits(Cursor *c) {
        size_t length = strspn(c->at, "0123456789");

        c->at += length;
        return length > 0;
}

static bool skip_number(Cursor *c) {
        (void) skip(c, "-");
        if (skip(c, "Infinity"))
                return true;
        if (!skip(c, "0") && !skip_digits(c))
                return false;
        if (skip(c, ".") && !skip_digits(c))
                return false;
        if (!skip(c, "e") && !skip(c, "E"))
                return true;
        if (!skip(c, "+"))
                (void) skip(c, "-");
        return skip_digits(c);
}

/* After the backslash. */
static bool skip_escape(Cursor *c) {
        if (*c->at && strchr("\"\\/bfnrt", *c->at)) {
                c->at++;
                return true;
        }
        if (!skip(c, "u") || strspn(c->at, "0123456789abcdefABCDEF") < 4)
                return false;

        c->at += 4;
        return true;
}

static bool skip_string(Cursor *c, bool *ret_has_nul) {
        *ret_has_nul = false;
        if (!skip(c, "\""))
                return false;

        while (!skip(c, "\"")) {
                if (*c->at == '\0')
                        return false;
                if (!skip(c, "\\")) {
                        c->at++;
                        continue;
                }
                *ret_has_nul = *ret_has_nul || strncmp(c->at, "u0000", 5) == 0;
                if (!skip_escape(c))
                        return false;
        }
        return true;
}

static bool skip_value(Cursor *c);

static bool skip_member(Cursor *c) {
        bool has_nul;

        skip_space(c);
        return skip_string(c, &has_nul) && !has_nul && skip_next(c, ":") && skip_value(c);
}

/* After the opening bracket. */
static bool skip_list(Cursor *c, bool (*skip_one)(Cursor *c), const char *close) {
        if (c->depth == JSON_DEPTH_MAX)
                return false;
        if (skip_next(c, close))
                return true;

        c->depth++;
        do
                if (!skip_one(c))
                        return false;
        while (skip_next(c, ","));
        c->depth--;
        return skip_next(c, close);
}

static bool skip_value(Cursor *c) {
        bool has_nul;

        skip_space(c);
        if (skip(c, "{"))
                return skip_list(c, skip_member, "}");
        if (skip(c, "["))
                return skip_list(c, skip_value, "]");
        if (*c->at == '"')
                return skip_string(c, &has_nul);
        return skip(c, "null") || skip(c, "true") || skip(c, "false") || skip(c, "NaN") ||
               skip_number(c);
}

bool json_text_is_valid(const char *text) {
        Cursor c = { .at = text };

        if (!utf8_is_valid(text) || !skip_value(&c))
                return false;

        skip_space(&c);
        return *c.at == '\0';
}

bool json_text_to_int(const char *s, int64_t *ret) {
        Cursor c = { .at = s };

        (void) skip(&c, "-");
        if (!skip_digits(&c) || (skip(&c, ".") && !skip_digits(&c)) || *c.at)
                return false;

        *ret = strtoll(s, NULL, 10);
        return true;
}
