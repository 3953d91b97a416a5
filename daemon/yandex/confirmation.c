/* SPDX-License-Identifier: MIT */

#include "yandex/confirmation.h"

#define BLANKS " \t\r\n\f\v"

/* A part of the text. */
typedef struct Slice {
        const char *start;
        size_t length;
} Slice;

static Slice trim(const char *text) {
        const char *start = text + strspn(text, BLANKS);
        size_t n = strlen(start);

        while (n > 0 && strchr(BLANKS, start[n - 1]))
                n--;
        return (Slice){ start, n };
}

/* Cuts off what comes before the first c, which goes; all of it where there is none. */
static Slice cut(Slice *s, char c) {
        const char *at = memchr(s->start, c, s->length);
        Slice head = { s->start, at ? (size_t) (at - s->start) : s->length };
        size_t gone = at ? head.length + 1 : s->length;

        s->start += gone;
        s->length -= gone;
        return head;
}

static bool contains(Slice s, const char *what) {
        return memmem(s.start, s.length, what, strlen(what));
}

/* Somebody may have copied no more than the end of it. */
static bool is_address(Slice s) {
        return contains(s, "://") || contains(s, "?") || contains(s, "&") ||
               strncmp(s.start, "code=", strlen("code=")) == 0;
}

static int hex(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads one character; returns how many bytes it took, 0 where it is none that may be there. */
static size_t decode_one(Slice s, char *ret) {
        int high, low;

        if (s.start[0] != '%') {
                *ret = s.start[0] == '+' ? ' ' : s.start[0];
                return strchr(BLANKS, s.start[0]) ? 0 : 1;
        }
        if (s.length < 3)
                return 0;

        high = hex(s.start[1]);
        low = hex(s.start[2]);
        *ret = (char) (high * 16 + low);
        return high < 0 || low < 0 || *ret == '\0' ? 0 : 3;
}

/* One that is empty is as good as absent; one that comes twice has no meaning. */
static int decode(Slice s, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *value = NULL;
        size_t n;
        char c;
        int r;

        r = secret_new(s.length, &value);
        if (r < 0)
                return r;

        for (; s.length > 0; s.start += n, s.length -= n) {
                n = decode_one(s, &c);
                if (n == 0)
                        return -EBADMSG;
                r = secret_append(value, &c, 1);
                if (r < 0)
                        return r;
        }

        if (*ret)
                return -EBADMSG;
        if (secret_length(value) > 0)
                *ret = TAKE_PTR(value);
        return 0;
}

static bool is_called(Slice name, const char *what) {
        return name.length == strlen(what) && memcmp(name.start, what, name.length) == 0;
}

static int parse_parameter(Slice parameter, Confirmation *c, Secret **error) {
        Slice name = cut(&parameter, '=');

        if (is_called(name, "code"))
                return decode(parameter, &c->code);
        if (is_called(name, "state"))
                return decode(parameter, &c->state);
        return is_called(name, "error") ? decode(parameter, error) : 0;
}

static int parse_address(Slice s, Confirmation *c) {
        _cleanup_(secret_unrefp) Secret *error = NULL;
        Slice query = cut(&s, '#');
        int r = 0;

        if (contains(query, "?") || contains(query, "://"))
                (void) cut(&query, '?');

        while (query.length > 0 && r == 0)
                r = parse_parameter(cut(&query, '&'), c, &error);
        if (r < 0)
                return r;

        c->refused = error;
        if (error)
                c->error = oauth_error_find(OAUTH_TOKEN_CODE, secret_string(error));
        return 0;
}

int confirmation_parse(const char *text, Confirmation *ret) {
        Slice s = trim(text);
        Confirmation c = { .is_address = is_address(s) };
        int r = 0;

        if (c.is_address)
                r = parse_address(s, &c);
        else if (s.length > 0)
                r = secret_new_from(s.start, s.length, &c.code);
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
