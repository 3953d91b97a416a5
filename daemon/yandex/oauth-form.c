/* SPDX-License-Identifier: MIT */

#include "yandex/oauth-form.h"

#include <stdbool.h>

static bool is_unreserved(unsigned char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_' || c == '~';
}

static size_t encoded_length(const OauthField *f) {
        size_t n = 0;

        for (size_t i = 0; i < f->length; i++)
                n += is_unreserved((unsigned char) f->value[i]) ? 1 : 3;
        return n;
}

static int append_encoded(Secret *form, const OauthField *f) {
        static const char digits[] = "0123456789ABCDEF";

        for (size_t i = 0; i < f->length; i++) {
                unsigned char c = (unsigned char) f->value[i];
                char escape[] = { '%', digits[c >> 4], digits[c & 15] };
                int r;

                r = is_unreserved(c) ? secret_append(form, &f->value[i], 1)
                                     : secret_append(form, escape, sizeof(escape));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int append_field(Secret *form, const OauthField *f) {
        int r;

        if (secret_length(form) > 0) {
                r = secret_append(form, "&", 1);
                if (r < 0)
                        return r;
        }
        r = secret_append_string(form, f->name);
        if (r < 0)
                return r;
        r = secret_append(form, "=", 1);
        if (r < 0)
                return r;
        return append_encoded(form, f);
}

int oauth_form_build(const OauthField *fields, size_t n_fields, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *form = NULL;
        size_t length = 0;
        int r;

        for (size_t i = 0; i < n_fields; i++)
                if (fields[i].value)
                        length +=
                                strlen("&=") + strlen(fields[i].name) + encoded_length(&fields[i]);

        r = secret_new(length, &form);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n_fields; i++) {
                if (!fields[i].value)
                        continue;
                r = append_field(form, &fields[i]);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(form);
        return 0;
}
