/* SPDX-License-Identifier: MIT */

/* What is taken for JSON, and numbers between quotes. */

#include "check.h"
#include "common/json-text.h"

static void passes(const char *text) {
        check_str(json_text_is_valid(text) ? text : "refused", text);
}

static void is_refused(const char *text) {
        check_str(json_text_is_valid(text) ? text : "refused", "refused");
}

static void values(void) {
        static const char *const texts[] = {
                "{}",
                "[]",
                "\"\"",
                "null",
                "true",
                "false",
                "0",
                " \t\r\n{ \t\r\n} \t\r\n",
                "[ ]",
                "[1,2 , 3]",
                "{\"a\":1,\"b\" : {\"c\":[null]} , \"a\":2}",
                "{\"\":0}",
                "{\"имя\":\"Иван 😀\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                passes(texts[i]);
}

static void numbers(void) {
        static const char *const good[] = {
                "0",   "-0",     "7",    "-7",     "1234567890123456789012345678901234567890",
                "0.0", "-1.250", "1e5",  "1E5",    "1e+5",
                "1e0", "1.5e-7", "0e00", "1e9999", "-1e-9999",
        };
        static const char *const bad[] = {
                "",    "-",    "+1",   "01",  "-01", "00",    ".5",    "1.",
                "-.5", "1.e5", "1e",   "1e+", "1e-", "1e1.5", "1e5e5", "1.2.3",
                "--1", "1-",   "0x1f", "1 2", "1,",  "1_0",   "１",
        };

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                passes(good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                is_refused(bad[i]);
}

static void words(void) {
        static const char *const bad[] = { "Null",  "TRUE", "False", "nul",       "nulll",
                                           "nan",   "NAN",  "inf",   "-infinity", "+Infinity",
                                           "-NaN",  "Inf",  "a",     "undefined", "- Infinity",
                                           "truex", "Na",   "None" };

        passes("[NaN, Infinity, -Infinity]"); /* as Python writes them */
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                is_refused(bad[i]);
}

static void strings(void) {
        static const char *const bad[] = {
                "\"",          "\"a",         "a\"",      "'a'",         "\"\\\"",
                "\"\\x41\"",   "\"\\'\"",     "\"\\u\"",  "\"\\u12\"",   "\"\\u123\"",
                "\"\\u123g\"", "\"\\U0041\"", "\"\\\n\"", "\"a\" \"b\"", "\"\\u 041\"",
                "\"\\",        "\"\\u00",
        };

        passes("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\uABCD\\ud83d\\ude00\\ud83d\"");
        passes("\"{[]},:'/**/\"");
        passes("\"a\nb\tc\x01\x1f\x7f\""); /* not escaped, but there is no doubt about it */
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                is_refused(bad[i]);
}

static void lists(void) {
        static const char *const bad[] = {
                "{",
                "}",
                "[",
                "]",
                "{]",
                "[}",
                "[,]",
                "[1,]",
                "[,1]",
                "[1,,2]",
                "[1 2]",
                "[1",
                "[1,",
                "{,}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\" 1}",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1,,\"b\":2}",
                "{a:1}",
                "{1:1}",
                "{null:1}",
                "{'a':1}",
                "{\"a\"=1}",
                "{\"a\"::1}",
                "[\"a\":1]",
                "{\"a\":1}}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                is_refused(bad[i]);
}

static void nothing_else_around_it(void) {
        static const char *const bad[] = {
                "",
                " ",
                "{}x",
                "x{}",
                "{}{}",
                "{} null",
                "{},",
                "{}/* */",
                "// comment\n{}",
                "# comment\n{}",
                "{/**/}",
                "\xef\xbb\xbf{}",
                "{}\v",
                "\f{}",
                "{\xc2\xa0}",
                "<html></html>",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                is_refused(bad[i]);
}

static void only_utf8(void) {
        static const char *const bad[] = {
                "\"\xff\"",
                "\"\xc3\"",
                "\"\xc3(\"",
                "\"\xc0\x80\"",         /* a NUL in two bytes */
                "\"\xed\xa0\xbd\"",     /* half of a pair */
                "\"\xf4\x90\x80\x80\"", /* above U+10FFFF */
                "\"\xc8\xe2\xe0\xed\"", /* a name in windows-1251 */
                "{\"\xff\":1}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                is_refused(bad[i]);
                check(json_text_is_well_formed(bad[i]));
        }
        check(!json_text_is_well_formed("{\xff}"));
        check(!json_text_is_well_formed("[\xc2\xa0]"));
        check(!json_text_is_well_formed("\"\xff"));
}

static void a_byte_order_mark_is_passed_over(void) {
        check_str(json_text_begin("\xef\xbb\xbf{}"), "{}");
        check_str(json_text_begin("\xef\xbb{}"), "\xef\xbb{}");
        check_str(json_text_begin("{}"), "{}");
        check_str(json_text_begin(""), "");
}

/* json-c would take it for "error". */
static void no_name_is_cut_short(void) {
        is_refused("{\"error\\u0000\":1}");
        is_refused("{\"a\":{\"\\u0000\":1}}");
        passes("{\"a\":\"\\u0000\"}");
        passes("{\"a\\\\u0000\":1}");
        passes("{\"a\\u0001\":1}");
}

static void it_is_at_most_16_deep(void) {
        for (unsigned depth = 1; depth <= 40; depth++) {
                char objects[256] = "", arrays[128] = "", siblings[512] = "[";

                for (unsigned i = 0; i < depth; i++) {
                        strcat(objects, "{\"a\":");
                        strcat(arrays, "[");
                        strcat(siblings, "[[]],");
                }
                strcat(objects, "1");
                strcat(siblings, "0]");
                for (unsigned i = 0; i < depth; i++) {
                        strcat(objects, "}");
                        strcat(arrays, "]");
                }
                check(json_text_is_valid(objects) == (depth <= 16));
                check(json_text_is_valid(arrays) == (depth <= 16));
                check(json_text_is_valid(siblings));
        }
}

static void is_number(const char *s, int64_t expected) {
        int64_t n = -77;

        check(json_text_to_int(s, &n));
        check_int(n, expected);
}

static void numbers_between_quotes(void) {
        static const char *const bad[] = { "",    " 1",  "1 ", "+1",   "-",  "1.",   ".5",
                                           "1e5", "0x1", "1a", "a",    "１", "1.5.", "NaN",
                                           "1,5", "--1", "1-", "null", "1\n" };
        int64_t n = -77;

        is_number("0", 0);
        is_number("31536000", 31536000);
        is_number("31536000.0", 31536000);
        is_number("-12", -12);
        is_number("-1.999", -1);
        is_number("007", 7);
        is_number("9223372036854775807", INT64_MAX);
        is_number("9223372036854775808", INT64_MAX);
        is_number("99999999999999999999999.5", INT64_MAX);
        is_number("-99999999999999999999999", INT64_MIN);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                check(!json_text_to_int(bad[i], &n));
        check_int(n, -77);
}

TEST_MAIN(TEST(values), TEST(numbers), TEST(words), TEST(strings), TEST(lists),
          TEST(nothing_else_around_it), TEST(only_utf8), TEST(a_byte_order_mark_is_passed_over),
          TEST(no_name_is_cut_short), TEST(it_is_at_most_16_deep), TEST(numbers_between_quotes))
