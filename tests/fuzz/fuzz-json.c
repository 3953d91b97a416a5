/* SPDX-License-Identifier: MIT */

/*
 * JSON. What passes for it is decided in front of json-c, so json-c must then take it; and what was
 * read is written and read again as the same.
 */

#include "common/json-text.h"
#include "fuzz.h"
#include "model/json.h"

#define FALLBACK INT64_C(-77)

static const char *const names[] = { "a", "b", "" };

static void check_values(const Json *j) {
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_(secret_unrefp) Secret *secret = NULL;
                _cleanup_(strv_freep) char **list = NULL;
                const char *text = json_get_string(j, names[i]);

                check(!text || json_has(j, names[i]));
                check(json_has(j, names[i]) || json_get_int(j, names[i], FALLBACK) == FALLBACK);
                (void) json_get_int(j, names[i], FALLBACK);
                (void) json_get_bool(j, names[i], true);
                check(!text || !json_get_object(j, names[i]));
                check_int(json_get_secret(j, names[i], &secret), str_is_empty(text) ? -ENODATA : 0);
                check_str(secret_string(secret), str_is_empty(text) ? NULL : text);
                check_int(json_get_strv(j, names[i], &list), 0);
        }
}

static void check_again(Json *j) {
        _cleanup_(secret_unrefp) Secret *first = NULL, *second = NULL, *third = NULL;
        _cleanup_(json_freep) Json *again = NULL;

        check_int(json_print(j, &first), 0);
        check(json_text_is_well_formed(secret_string(first)));
        check_int(json_parse(first, &again), 0);
        check_int(json_print(again, &second), 0);
        check(secret_equal(first, second));

        check_int(json_encode_strings(again), 0);
        check_int(json_decode_strings(again), 0);
        check_int(json_print(again, &third), 0);
        check(secret_equal(first, third));
        (void) json_decode_strings(j);
}

static void check_number(const char *text) {
        int64_t n = FALLBACK;

        if (!json_text_to_int(text, &n))
                check_int(n, FALLBACK);
        else
                check_int(n, strtoll(text, NULL, 10));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        _cleanup_(secret_unrefp) Secret *secret = NULL;
        _cleanup_(json_freep) Json *j = NULL;
        const char *begin;
        bool is_object;
        int r;

        begin = json_text_begin(text);
        is_object = strlen(text) == size && json_text_is_well_formed(begin) &&
                    begin[strspn(begin, " \t\r\n")] == '{';
        check_int(secret_new_from(data, size, &secret), 0);
        r = json_parse(secret, &j);
        check_int(r, is_object ? 0 : -EBADMSG);
        check(!j == (r != 0));
        if (j) {
                check_values(j);
                check_again(j);
        }
        check_number(text);
        return 0;
}
