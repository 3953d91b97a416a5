/* SPDX-License-Identifier: MIT */

#include "feed/form.h"

/* Decodes a name or a value in place; it ends at end, where there is place for a NUL. */
static int form_decode(char *s, const char *end) {
        char *to = s;

        for (const char *from = s; from < end; from++) {
                char c = *from == '+' ? ' ' : *from;

                if (c == '%') {
                        int high = end - from > 2 ? hex_value(from[1]) : -1;
                        int low = high >= 0 ? hex_value(from[2]) : -1;

                        if (low < 0)
                                return -EBADMSG;
                        c = (char) (high * 16 + low);
                        from += 2;
                }
                if (c == '\0')
                        return -EBADMSG;
                *to++ = c;
        }
        *to = '\0';
        return 0;
}

static int form_take(Form *f, const char *name, const char *value) {
        const char **field = streq(name, "grant_type")      ? &f->grant_type
                             : streq(name, "refresh_token") ? &f->refresh_token
                                                            : NULL;

        if (!field)
                return 0;
        if (*field)
                return -EBADMSG;
        *field = value;
        return 0;
}

int form_read(char *body, size_t size, Form *ret) {
        char *const last = body + size;
        Form f = {};
        int r = 0;

        for (char *name = body, *end; name < last && r >= 0; name = end + 1) {
                char *value;

                end = memchr(name, '&', (size_t) (last - name)) ?: last;
                value = memchr(name, '=', (size_t) (end - name)) ?: end;
                r = form_decode(name, value);
                if (r >= 0 && value < end) {
                        value++;
                        r = form_decode(value, end);
                }
                if (r >= 0)
                        r = form_take(&f, name, value);
        }
        if (r < 0)
                return r;

        *ret = f;
        return 0;
}
