/* SPDX-License-Identifier: MIT */

#include "yandex/oauth-form.h"

#include "model/percent.h"

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
        return percent_append_form(form, f->value, f->length);
}

int oauth_form_build(const OauthField *fields, size_t n_fields, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *form = NULL;
        size_t length = 0;
        int r;

        for (size_t i = 0; i < n_fields; i++)
                if (fields[i].value)
                        length += strlen("&=") + strlen(fields[i].name) +
                                  percent_form_length(fields[i].value, fields[i].length);

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
