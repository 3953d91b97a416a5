/* SPDX-License-Identifier: MIT */

/* What a user brings back from Yandex's page. What was read out of it is read again out of an
 * address that is made of it. */

#include "fuzz.h"
#include "model/percent.h"
#include "yandex/confirmation.h"

#define PAGE "https://oauth.yandex.ru/verification_code?"

static void check_again(const Confirmation *c) {
        const FormField fields[] = { form_field_secret("code", c->code),
                                     form_field_secret("state", c->state) };
        _cleanup_(secret_unrefp) Secret *query = NULL, *address = NULL;
        _cleanup_(confirmation_done) Confirmation again = {};

        check_int(form_build(fields, ELEMENTSOF(fields), &query), 0);
        check_int(secret_new_prefixed(PAGE, query, &address), 0);
        check_int(confirmation_parse(secret_string(address), &again), 0);
        check(again.is_address && !again.refused);
        check(secret_equal(again.code, c->code));
        check(secret_equal(again.state, c->state));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        Confirmation c;
        int r;

        fuzz_fill(&c, sizeof(c));
        r = confirmation_parse(text, &c);
        if (r != 0) {
                check_int(r, -EBADMSG);
                check(fuzz_is_untouched(&c, sizeof(c)));
                return 0;
        }
        check(!c.code || secret_length(c.code) > 0);
        check(!c.state || (c.is_address && secret_length(c.state) > 0));
        check(!c.refused || (c.is_address && c.error.r != 0 && c.error.meaning));
        check(secret_length(c.code) + secret_length(c.state) <= strlen(text));
        check_again(&c);
        confirmation_done(&c);
        return 0;
}
