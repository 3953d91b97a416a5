/* SPDX-License-Identifier: MIT */

#include "model/percent.h"

/* What one byte becomes at most. */
#define ESCAPED_MAX 3U

/* The marks that stay as they are. */
static const char unreserved[] = "-._~", plain[] = "-._~:/";

static bool percent_stays(char c, const char *marks) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               (c && strchr(marks, c));
}

static int percent_append(Secret *to, const char *s, size_t length, const char *marks) {
        static const char digits[] = "0123456789ABCDEF";

        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char) s[i];
                char escape[] = { '%', digits[c >> 4], digits[c & 15] };
                int r;

                r = percent_stays(s[i], marks) ? secret_append(to, &s[i], 1)
                                               : secret_append(to, escape, sizeof(escape));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int form_append(Secret *form, const FormField *f) {
        if (!f->value)
                return 0;

        return secret_append_string(form, secret_length(form) > 0 ? "&" : "") ?:
               secret_append_string(form, f->name) ?:
               secret_append_string(form, "=") ?:
               percent_append(form, f->value, f->length, unreserved);
}

int form_build(const FormField *fields, size_t n_fields, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *form = NULL;
        size_t capacity = 0;
        int r;

        for (size_t i = 0; i < n_fields; i++)
                capacity += strlen("&=") + strlen(fields[i].name) + ESCAPED_MAX * fields[i].length;

        r = secret_new(capacity, &form);
        for (size_t i = 0; r == 0 && i < n_fields; i++)
                r = form_append(form, &fields[i]);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(form);
        return 0;
}

int percent_encode_plain(const char *s, size_t length, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        int r;

        r = secret_new(ESCAPED_MAX * length, &text) ?: percent_append(text, s, length, plain);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}

size_t percent_decode_one(const char *s, size_t length, char *ret) {
        int high, low;

        if (s[0] != '%') {
                *ret = s[0];
                return 1;
        }
        if (length < 3)
                return 0;

        high = hex_value(s[1]);
        low = hex_value(s[2]);
        *ret = (char) (high * 16 + low);
        return high < 0 || low < 0 ? 0 : 3;
}

int percent_decode(const char *s, size_t length, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        size_t n;
        char c;
        int r;

        r = secret_new(length, &text);
        for (; r == 0 && length > 0; s += n, length -= n) {
                n = percent_decode_one(s, length, &c);
                if (n == 0)
                        return -EBADMSG;
                r = secret_append(text, &c, 1);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}
