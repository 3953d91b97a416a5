/* SPDX-License-Identifier: MIT */

/* Form encoding. */

#include "model/percent.h"

#include "check.h"

static void check_form(const FormField *fields, size_t n, const char *expected) {
        _cleanup_(secret_unrefp) Secret *form = NULL;

        check_int(form_build(fields, n, &form), 0);
        check_str(secret_string(form), expected);
        check_int((int64_t) secret_length(form), (int64_t) strlen(expected));
}

static void fields_are_joined(void) {
        const FormField fields[] = { form_field("a", "1"), form_field("b", "2") };

        check_form(fields, 2, "a=1&b=2");
        check_form(fields, 1, "a=1");
        check_form(fields, 0, "");
}

static void a_field_without_value_is_left_out(void) {
        const FormField fields[] = {
                form_field("none", NULL),
                form_field("empty", ""),
                form_field_secret("secret", NULL),
                form_field("last", "x"),
        };

        check_form(fields, ELEMENTSOF(fields), "empty=&last=x");
        check_form(fields, 1, "");
}

static void reserved_characters_are_escaped(void) {
        const FormField fields[] = {
                form_field("refresh_token", "1:Ab-_~.:c/d=="),
                form_field("name", "a b&c+d%e\r\n\"'"),
                form_field("utf8", "д"),
        };

        check_form(fields, ELEMENTSOF(fields),
                   "refresh_token=1%3AAb-_~.%3Ac%2Fd%3D%3D"
                   "&name=a%20b%26c%2Bd%25e%0D%0A%22%27"
                   "&utf8=%D0%B4");
}

static void each_byte_is_escaped_or_plain(void) {
        static const char plain[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

        for (int c = 0; c < 256; c++) {
                char byte = (char) c, expected[8];
                const FormField field = { "k", &byte, 1 };

                if (c != 0 && strchr(plain, c))
                        (void) snprintf(expected, sizeof(expected), "k=%c", c);
                else
                        (void) snprintf(expected, sizeof(expected), "k=%%%02X", (unsigned) c);
                check_form(&field, 1, expected);
        }
}

static void secrets_are_taken_whole(void) {
        _cleanup_(secret_unrefp) Secret *secret = NULL;

        check_int(secret_new_from("a\0b", 3, &secret), 0);
        const FormField field = form_field_secret("s", secret);

        check_form(&field, 1, "s=a%00b");
}

TEST_MAIN(TEST(fields_are_joined), TEST(a_field_without_value_is_left_out),
          TEST(reserved_characters_are_escaped), TEST(each_byte_is_escaped_or_plain),
          TEST(secrets_are_taken_whole))
