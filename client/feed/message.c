/* SPDX-License-Identifier: MIT */

#include "feed/message.h"

#include <strings.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

static bool head_names_us(const char *host, uint16_t port) {
        char wanted[sizeof("127.0.0.1:65535")];

        (void) snprintf(wanted, sizeof(wanted), "127.0.0.1:%u", (unsigned) port);
        if (streq(host, wanted))
                return true;
        (void) snprintf(wanted, sizeof(wanted), "localhost:%u", (unsigned) port);
        return host && strcasecmp(host, wanted) == 0;
}

static bool head_has_form(const Head *h) {
        size_t length = strlen(FORM_TYPE);

        return h->content_type && strncasecmp(h->content_type, FORM_TYPE, length) == 0 &&
               strchr(" \t;", h->content_type[length]);
}

/* Returns a number above HEAD_BODY_MAX if it is no number. */
static unsigned long head_body_size(const Head *h) {
        const char *s = h->content_length;
        unsigned long n = 0;

        for (; *s >= '0' && *s <= '9' && n <= HEAD_BODY_MAX; s++)
                n = n * 10 + (unsigned long) (*s - '0');
        return *s == '\0' ? n : HEAD_BODY_MAX + 1UL;
}

bool head_promises_small_body(const Head *h) {
        return h->content_length && !h->has_transfer_encoding && head_body_size(h) <= HEAD_BODY_MAX;
}

const Refusal *head_refuse(const Head *h, uint16_t port) {
        static const Refusal no_host = { 400, "The request has to name one host in its head." };
        static const Refusal other_host = {
                403, "Only requests to 127.0.0.1 or localhost, with the port, are answered."
        };
        static const Refusal origin = { 403, "Requests of web pages are not answered." };
        static const Refusal other_target = { 404, "There is nothing here but /token." };
        static const Refusal other_method = { 405, "Only POST is answered." };
        static const Refusal no_length = {
                411, "The request has to say with Content-Length how long its body is."
        };
        static const Refusal too_long = { 413, "The body must not have more than 8192 bytes." };
        static const Refusal other_type = { 415, "The body has to be a form of the type " FORM_TYPE
                                                 "." };

        if (h->n_hosts != 1)
                return &no_host;
        if (!head_names_us(h->host, port))
                return &other_host;
        if (h->has_origin)
                return &origin;
        if (!streq(h->target, "/token") || h->has_query)
                return &other_target;
        if (!streq(h->method, "POST"))
                return &other_method;
        if (!h->content_length || h->has_transfer_encoding)
                return &no_length;
        if (!head_promises_small_body(h))
                return &too_long;
        return head_has_form(h) ? NULL : &other_type;
}

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
