/* SPDX-License-Identifier: MIT */

/*
 * What a program sends to the token endpoint: a head and a form. The input is one byte of flags,
 * two of our port, then texts apart by NULs: method, target, host, type and length; the rest is the
 * form.
 */

#include <strings.h>

#include "feed/message.h"
#include "fuzz.h"

static void check_answered(const Head *h, uint16_t port) {
        char numeric[32], named[32];

        (void) snprintf(numeric, sizeof(numeric), "127.0.0.1:%u", (unsigned) port);
        (void) snprintf(named, sizeof(named), "localhost:%u", (unsigned) port);
        check(streq(h->host, numeric) || strcasecmp(h->host, named) == 0);
        check_int(h->n_hosts, 1);
        check_str(h->method, "POST");
        check_str(h->target, "/token");
        check(!h->has_query && !h->has_origin && !h->has_transfer_encoding);
        check_within(strtoll(h->content_length, NULL, 10), 0, HEAD_BODY_MAX);
        check(strncasecmp(h->content_type, "application/x-www-form-urlencoded", 33) == 0);
        check(head_promises_small_body(h));
}

static void fuzz_head(Input *in) {
        uint8_t flags = input_take(in);
        uint16_t port = (uint16_t) input_take_number(in, 2);
        _cleanup_free_ char *method = input_take_text(in), *target = input_take_text(in),
                            *host = input_take_text(in), *type = input_take_text(in),
                            *length = input_take_text(in);
        Head h = {
                .method = method,
                .target = target,
                .host = flags & 0x80 ? NULL : host,
                .content_type = flags & 0x40 ? NULL : type,
                .content_length = flags & 0x20 ? NULL : length,
                .n_hosts = flags & 3U,
                .has_query = flags & 4,
                .has_origin = flags & 8,
                .has_transfer_encoding = flags & 16,
        };
        const Refusal *refusal = head_refuse(&h, port);

        if (!refusal)
                check_answered(&h, port);
        else {
                check_within(refusal->status, 400, 499);
                check(strlen(refusal->sentence) > 10);
        }
}

static void check_inside(const char *s, const char *body, size_t size) {
        if (!s)
                return;
        check(s >= body && s <= body + size);
        check(s + strlen(s) <= body + size);
}

static void fuzz_body(const Input *in) {
        _cleanup_free_ char *body = fuzz_text(in->at, in->left);
        Form form;
        int r;

        fuzz_fill(&form, sizeof(form));
        r = form_read(body, in->left, &form);
        if (r != 0) {
                check_int(r, -EBADMSG);
                check(fuzz_is_untouched(&form, sizeof(form)));
                return;
        }
        check_inside(form.grant_type, body, in->left);
        check_inside(form.refresh_token, body, in->left);
        check(!form.grant_type || form.grant_type != form.refresh_token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };

        fuzz_head(&in);
        fuzz_body(&in);
        return 0;
}
