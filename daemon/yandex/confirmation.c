/* SPDX-License-Identifier: MIT */

#include "yandex/confirmation.h"

#include "common/utf8.h"
#include "model/percent.h"

/* The shapes that Yandex's codes have: the older one is a number, the newer one a word. */
#define CODE_DIGITS 7
#define CODE_LENGTH 16

/* A part of the text. */
typedef struct Slice {
        const char *start;
        size_t length;
} Slice;

typedef struct Range {
        uint32_t first, last;
} Range;

/* Characters that people and programs put around a text. */
static const Range bracket[] = {
        { '"', '"' },       { '\'', ')' },      { '<', '<' },       { '>', '>' },
        { '[', '[' },       { ']', ']' },       { '`', '`' },       { 0xab, 0xab },
        { 0xbb, 0xbb },     { 0x2018, 0x201f }, { 0x2039, 0x203a }, { 0x3008, 0x300f },
        { 0xff02, 0xff02 }, { 0xff07, 0xff07 },
};

static bool char_is_bracket(uint32_t c) {
        for (size_t i = 0; i < ELEMENTSOF(bracket); i++)
                if (c >= bracket[i].first && c <= bracket[i].last)
                        return true;
        return false;
}

/* Copies what can be seen, with blanks of every kind as spaces. Bytes that are not UTF-8 stay as
 * they are. */
static int confirmation_copy_visible(const char *text, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *copy = NULL;
        size_t length;
        int r;

        r = secret_new(strlen(text), &copy);
        for (; r == 0 && *text; text += length) {
                uint32_t c = 0;

                length = utf8_decode(text, &c) ?: 1;
                if (utf8_is_blank(c))
                        r = secret_append_string(copy, " ");
                else if (!utf8_is_invisible(c))
                        r = secret_append(copy, text, length);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(copy);
        return 0;
}

/* The text without the blanks, quotes and brackets around it. */
static Slice slice_trim(const char *text) {
        Slice s = { text, 0 };
        size_t length;

        for (const char *at = text; *at; at += length) {
                uint32_t c = 0;

                length = utf8_decode(at, &c) ?: 1;
                if (utf8_is_blank(c) || char_is_bracket(c))
                        continue;
                if (s.length == 0)
                        s.start = at;
                s.length = (size_t) (at + length - s.start);
        }
        return s;
}

/* Cuts off and returns what comes before the first c, and drops that c. If there is none, cuts off
 * all. */
static Slice slice_cut(Slice *s, char c) {
        const char *at = memchr(s->start, c, s->length);
        Slice head = { s->start, at ? (size_t) (at - s->start) : s->length };
        size_t gone = at ? head.length + 1 : s->length;

        s->start += gone;
        s->length -= gone;
        return head;
}

static bool slice_contains(Slice s, const char *what) {
        return memmem(s.start, s.length, what, strlen(what));
}

/* The user may have copied no more than the end of the address. */
static bool slice_is_address(Slice s) {
        return slice_contains(s, "://") || slice_contains(s, "?") || slice_contains(s, "&") ||
               str_has_prefix(s.start, "code=");
}

/* Reads one character and returns how many bytes it took, or 0 if the character is not allowed
 * there. */
static size_t slice_decode_one(Slice s, char *ret) {
        size_t n = percent_decode_one(s.start, s.length, ret);

        if (n == 0 || *ret == '\0' || (n == 1 && *ret == ' '))
                return 0;
        if (n == 1 && *ret == '+')
                *ret = ' ';
        return n;
}

/* A parameter that is empty counts as absent; one that comes twice has no meaning. */
static int slice_decode(Slice s, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *value = NULL;
        size_t n;
        char c;
        int r;

        r = secret_new(s.length, &value);
        for (; r == 0 && s.length > 0; s.start += n, s.length -= n) {
                n = slice_decode_one(s, &c);
                r = n == 0 ? -EBADMSG : secret_append(value, &c, 1);
        }
        if (r < 0)
                return r;

        if (*ret)
                return -EBADMSG;
        if (secret_length(value) > 0)
                *ret = TAKE_PTR(value);
        return 0;
}

static bool slice_equals(Slice name, const char *what) {
        return name.length == strlen(what) && memcmp(name.start, what, name.length) == 0;
}

static int confirmation_parse_parameter(Slice parameter, Confirmation *c, Secret **error) {
        Slice name = slice_cut(&parameter, '=');

        if (slice_equals(name, "code"))
                return slice_decode(parameter, &c->code);
        if (slice_equals(name, "state"))
                return slice_decode(parameter, &c->state);
        return slice_equals(name, "error") ? slice_decode(parameter, error) : 0;
}

static int confirmation_parse_address(Slice s, Confirmation *c) {
        _cleanup_(secret_unrefp) Secret *error = NULL;
        Slice query = slice_cut(&s, '#');
        int r = 0;

        if (slice_contains(query, "?") || slice_contains(query, "://"))
                (void) slice_cut(&query, '?');

        while (query.length > 0 && r == 0)
                r = confirmation_parse_parameter(slice_cut(&query, '&'), c, &error);
        if (r < 0)
                return r;

        c->refused = error;
        if (error)
                c->error = oauth_error_find(OAUTH_TOKEN_CODE, secret_string(error));
        return 0;
}

static bool char_is_any_of(char c, const char *set) {
        return c && strchr(set, c);
}

/* Finds what follows the last colon, as in "Code: 1234567". */
static Slice slice_after_label(Slice s) {
        const char *colon = memrchr(s.start, ':', s.length);
        size_t gone = colon ? (size_t) (colon + 1 - s.start) : 0;

        return (Slice){ s.start + gone, s.length - gone };
}

/* Copies the digits, unless there are letters which may be part of a code. */
static int slice_copy_digits(Slice s, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *digits = NULL;
        int r;

        r = secret_new(s.length, &digits);
        for (size_t i = 0; r == 0 && i < s.length; i++)
                if (char_is_any_of(s.start[i], ASCII_LETTERS))
                        return 0;
                else if (char_is_any_of(s.start[i], ASCII_DIGITS))
                        r = secret_append(digits, &s.start[i], 1);
        if (r == 0)
                *ret = TAKE_PTR(digits);
        return r;
}

/* Finds the last word, without what ends a sentence. */
static Slice slice_last_word(Slice s) {
        size_t begin;

        while (s.length > 0 && char_is_any_of(s.start[s.length - 1], ".,;!"))
                s.length--;
        for (begin = s.length; begin > 0; begin--)
                if (!char_is_any_of(s.start[begin - 1], ASCII_LETTERS ASCII_DIGITS))
                        break;
        if (begin > 0 && s.start[begin - 1] != ' ')
                return (Slice){ s.start, 0 };
        return (Slice){ s.start + begin, s.length - begin };
}

/* If the text has a code of a shape that is known, among words or in groups, that is it. Otherwise
 * the whole text is. */
static int confirmation_parse_code(Slice s, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *digits = NULL;
        Slice tail = slice_after_label(s), word = slice_last_word(tail);
        int r;

        r = slice_copy_digits(tail, &digits);
        if (r < 0)
                return r;
        if (secret_length(digits) == CODE_DIGITS) {
                *ret = TAKE_PTR(digits);
                return 0;
        }
        if (word.length == CODE_LENGTH)
                s = word;
        return secret_new_from(s.start, s.length, ret);
}

int confirmation_parse(const char *text, Confirmation *ret) {
        _cleanup_(secret_unrefp) Secret *visible = NULL;
        Confirmation c = {};
        Slice s;
        int r;

        r = confirmation_copy_visible(text, &visible);
        if (r < 0)
                return r;

        s = slice_trim(secret_string(visible));
        c.is_address = slice_is_address(s);
        if (c.is_address)
                r = confirmation_parse_address(s, &c);
        else if (s.length > 0)
                r = confirmation_parse_code(s, &c.code);
        if (r < 0) {
                confirmation_done(&c);
                return r;
        }

        *ret = c;
        return 0;
}

void confirmation_done(Confirmation *c) {
        c->state = secret_unref(c->state);
        c->code = secret_unref(c->code);
}
