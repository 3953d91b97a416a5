/* SPDX-License-Identifier: MIT */

/*
 * Documents from strangers: what is read, and what reads as absent. All versions of json-c from
 * 0.15 to 0.19 pass these tests; see common/json-text.h.
 */

#include "common/json-text.h"
#include "model-rig.h"

static int parse_bytes(const void *bytes, size_t length) {
        _cleanup_(secret_unrefp) Secret *s = secret_of(bytes, length);
        _cleanup_(json_freep) Json *j = NULL;
        int r = json_parse(s, &j);

        check(r == 0 ? j != NULL : !j);
        return r;
}

static int parse_text(const char *text) {
        return parse_bytes(text, strlen(text));
}

static void malformed_documents_are_refused(void) {
        static const char *const malformed[] = {
                "",
                " ",
                "{",
                "}",
                "{]",
                "[",
                "nul",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1.}",
                "{\"a\\u0000\":1}",
                "{\"a\":'1'}",
                "{\"a\" 1}",
                "{\"a\":\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":True}",
                "{\"a\":1 /* comment */}",
                "// comment\n{}",
                "{\"a\":1\xff}",
                "{\"a\":\"\xc3}",
                "\xef\xbb\xbf",
                "\xef\xbb\xbf\xef\xbb\xbf{}",
                " \xef\xbb\xbf{}",
                "<html></html>",
        };

        for (size_t i = 0; i < ELEMENTSOF(malformed); i++) {
                int r = parse_text(malformed[i]);

                if (r != -EBADMSG)
                        fprintf(stderr, "number %zu: %s\n", i, malformed[i]);
                check_int(r, -EBADMSG);
        }
}

/* Python's, among others. */
static void numbers_that_are_none_are_harmless(void) {
        _cleanup_(json_freep) Json *j = parse("{\"a\": NaN, \"b\": -Infinity, \"c\": Infinity}");

        check_int(json_get_int(j, "a", -1), -1);
        check_int(json_get_int(j, "b", -1), INT64_MIN);
        check_int(json_get_int(j, "c", -1), INT64_MAX);
}

/* Raw and escaped, as a value and as a name, beside what is looked for. */
static void any_language_is_read(void) {
        _cleanup_(json_freep) Json *j = parse(
                "{\"имя\": \"Иван\", \"escaped\": \"\\u0418\\u0432\\u0430\\u043d\", "
                "\"emoji\": \"😀 👩‍👩‍👧\", \"pair\": \"\\ud83d\\ude00\", \"中\": "
                "{\"ключ\": \"د\"}, \"half\": \"a\\ud83db\", \"raw\": \"a\tb\nc\x7f\", "
                "\"n\": 7, \"list\": [\"диск\", \"💾\"]}");
        _cleanup_(strv_freep) char **l = NULL;

        check_str(json_get_string(j, "имя"), "Иван");
        check_str(json_get_string(j, "escaped"), "Иван");
        check_str(json_get_string(j, "emoji"), "😀 👩‍👩‍👧");
        check_str(json_get_string(j, "pair"), "😀");
        check_str(json_get_string(json_get_object(j, "中"), "ключ"), "د");
        check_str(json_get_string(j, "half"), "a\xef\xbf\xbd"
                                              "b");
        check_str(json_get_string(j, "raw"), "a\tb\nc\x7f");
        check_int(json_get_int(j, "n", -1), 7);
        check_int(json_get_strv(j, "list", &l), 0);
        check_int(strv_length(l), 2);
        check_str(l[0], "диск");
        check_str(l[1], "💾");
}

/* As a value and as a name, beside what is looked for. */
static void bytes_that_are_no_utf8_spoil_nothing_else(void) {
        _cleanup_(json_freep) Json *j =
                parse("\xef\xbb\xbf{\"a\": \"\xc8\xe2\xe0\xed\", \"\xff\": \"\xc3\", \"b\": \"c\", "
                      "\"n\": \"7\xff\"}");

        check_str(json_get_string(j, "a"), "\xc8\xe2\xe0\xed");
        check_str(json_get_string(j, "b"), "c");
        check_int(json_get_int(j, "n", -1), -1);
}

static void what_is_no_object_is_refused(void) {
        static const char *const others[] = { "null",     "true", "1",          "1.5",
                                              "\"text\"", "[]",   "[{\"a\":1}]" };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                check_int(parse_text(others[i]), -EBADMSG);
}

static void only_space_may_follow(void) {
        check_int(parse_text("{}"), 0);
        check_int(parse_text(" \n\t{} \r\n\t "), 0);
        check_int(parse_text("{}x"), -EBADMSG);
        check_int(parse_text("{}{}"), -EBADMSG);
        check_int(parse_text("{} null"), -EBADMSG);
        check_int(parse_bytes("{}\0", 3), -EBADMSG);
        check_int(parse_bytes("{}\0{}", 5), -EBADMSG);
}

static void a_nul_byte_is_no_part_of_a_document(void) {
        check_int(parse_bytes("{\"a\":\"b\0c\"}", 11), -EBADMSG);
        check_int(parse_bytes("{\"a\0\":1}", 8), -EBADMSG);
        check_int(parse_bytes("\0{}", 3), -EBADMSG);
        check_int(parse_bytes("\0", 1), -EBADMSG);
}

static void nesting_ends_at_16(void) {
        char text[256] = "";

        for (unsigned depth = 1; depth <= 40; depth++) {
                text[0] = '\0';
                for (unsigned i = 0; i < depth; i++)
                        strcat(text, "{\"a\":");
                strcat(text, "1");
                for (unsigned i = 0; i < depth; i++)
                        strcat(text, "}");
                check_int(parse_text(text), depth <= 16 ? 0 : -EBADMSG);
        }
}

static void a_document_has_at_most_256_kib(void) {
        size_t size = 256 * 1024;
        _cleanup_free_ char *text = malloc(size + 2);

        memset(text, ' ', size + 2);
        text[0] = '{';
        text[1] = '}';
        check_int(parse_bytes(text, size), 0);
        check_int(parse_bytes(text, size + 1), -EBADMSG);
}

static void strings_are_strings(void) {
        _cleanup_(json_freep) Json *j =
                parse("{\"s\": \"text\", \"empty\": \"\", \"n\": 5, \"null\": null, "
                      "\"nul\": \"a\\u0000b\", \"russian\": \"\\u0414\", \"list\": [\"x\"]}");
        _cleanup_(secret_unrefp) Secret *s = NULL;

        check_str(json_get_string(j, "s"), "text");
        check_str(json_get_string(j, "empty"), "");
        check_str(json_get_string(j, "russian"), "Д");
        check(!json_get_string(j, "n"));
        check(!json_get_string(j, "null"));
        check(!json_get_string(j, "nul")); /* would be cut short */
        check(!json_get_string(j, "list"));
        check(!json_get_string(j, "absent"));
        check(!json_get_string(NULL, "s"));

        check_int(json_get_secret(j, "s", &s), 0);
        check_str(secret_string(s), "text");
        check_int(json_get_secret(j, "empty", &s), -ENODATA);
        check_int(json_get_secret(j, "nul", &s), -ENODATA);
        check_int(json_get_secret(j, "n", &s), -ENODATA);
        check_int(json_get_secret(j, "absent", &s), -ENODATA);
        check_int(json_get_secret(NULL, "s", &s), -ENODATA);
        check_str(secret_string(s), "text"); /* untouched by what failed */
}

static void of_two_keys_one_counts(void) {
        _cleanup_(json_freep) Json *j = parse("{\"a\": 1, \"a\": 2}");

        check_int(json_get_int(j, "a", -1), 2);
}

static void numbers_are_whole_and_cut_to_fit(void) {
        static const struct {
                const char *text;
                int64_t n;
        } rows[] = {
                { "5", 5 },
                { "0", 0 },
                { "-5", -5 },
                { "-0", 0 },
                { "9223372036854775807", INT64_MAX },
                { "9223372036854775808", INT64_MAX },
                { "18446744073709551615", INT64_MAX },
                { "99999999999999999999999999", INT64_MAX },
                { "-9223372036854775808", INT64_MIN },
                { "-99999999999999999999999999", INT64_MIN },
                { "31536000.0", 31536000 },
                { "3.1536e7", 31536000 },
                { "5.9", 5 },
                { "-5.9", -5 },
                { "1e300", INT64_MAX },
                { "-1e300", INT64_MIN },
                { "1e999", INT64_MAX },
                { "1e-999", 0 },
                { "\"31536000\"", 31536000 },
                { "\"31536000.0\"", 31536000 },
                { "\"-5\"", -5 },
                { "\"99999999999999999999999999\"", INT64_MAX },
                { "\"\"", -1 },
                { "\"5 \"", -1 },
                { "\"5\\u0000\"", -1 },
                { "\"five\"", -1 },
                { "\"５\"", -1 },
                { "\"NaN\"", -1 },
                { "null", -1 },
                { "true", -1 },
                { "[5]", -1 },
                { "{\"n\": 5}", -1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(json_freep) Json *j = NULL;
                char text[128];

                (void) snprintf(text, sizeof(text), "{\"n\": %s, \"after\": \"a\"}", rows[i].text);
                j = parse(text);
                if (json_get_int(j, "n", -1) != rows[i].n)
                        fprintf(stderr, "%s\n", rows[i].text);
                check_int(json_get_int(j, "n", -1), rows[i].n);
                check_str(json_get_string(j, "after"), "a");
        }
        check_int(json_get_int(NULL, "n", -1), -1);
}

static void booleans_are_no_numbers(void) {
        _cleanup_(json_freep) Json *j =
                parse("{\"yes\": true, \"no\": false, \"one\": 1, \"text\": \"true\"}");

        check(json_get_bool(j, "yes", false));
        check(!json_get_bool(j, "no", true));
        check(!json_get_bool(j, "one", false));
        check(!json_get_bool(j, "text", false));
        check(json_get_bool(j, "absent", true));
        check(json_get_bool(NULL, "yes", true));
}

static void null_is_nothing(void) {
        _cleanup_(json_freep) Json *j = parse("{\"null\": null, \"o\": {\"x\": 1}, \"l\": []}");

        check(!json_has(j, "null"));
        check(json_has(j, "o"));
        check(!json_has(j, "absent"));
        check(!json_has(NULL, "null"));
        check_int(json_get_int(json_get_object(j, "o"), "x", -1), 1);
        check(!json_get_object(j, "null"));
        check(!json_get_object(j, "l"));
        check(!json_get_object(j, "absent"));
        check(!json_get_object(NULL, "o"));
}

static void of_a_list_the_strings_count(void) {
        _cleanup_(json_freep) Json *j = parse(
                "{\"l\": [\"a\", 1, null, \"b\", \"c\\u0000d\", [\"e\"], \"\"], \"s\": \"a\"}");
        _cleanup_(strv_freep) char **l = NULL, **none = NULL;

        check_int(json_get_strv(j, "l", &l), 0);
        check_int(strv_length(l), 3);
        check_str(l[0], "a");
        check_str(l[1], "b");
        check_str(l[2], "");
        check_int(json_get_strv(j, "s", &none), 0);
        check(!none);
        check_int(json_get_strv(j, "absent", &none), 0);
        check(!none);
}

static void what_is_written_is_read(void) {
        char *list[] = { (char *) "one", (char *) "\"two\"\n", NULL };
        _cleanup_(secret_unrefp) Secret *text = NULL, *s = secret("to\\ken\"");
        _cleanup_(json_freep) Json *j = NULL, *back = NULL;
        _cleanup_(secret_unrefp) Secret *read_back = NULL;
        _cleanup_(strv_freep) char **l = NULL;
        Json *inner;

        check_int(json_new(&j), 0);
        check_int(json_new(&inner), 0);
        check_int(json_set_int(inner, "x", INT64_MIN + 1), 0);
        check_int(json_set_string(j, "s", "Дом ☕ \t\"/\\"), 0);
        check_int(json_set_string(j, "none", NULL), 0);
        check_int(json_set_secret(j, "secret", s), 0);
        check_int(json_set_secret(j, "no-secret", NULL), 0);
        check_int(json_set_bool(j, "b", true), 0);
        check_int(json_set_int(j, "n", INT64_MAX), 0);
        check_int(json_set_strv(j, "l", list), 0);
        check_int(json_set_strv(j, "no-list", NULL), 0);
        check_int(json_set_object(j, "o", inner), 0);
        check_int(json_print(j, &text), 0);

        check_int(json_parse(text, &back), 0);
        check_str(json_get_string(back, "s"), "Дом ☕ \t\"/\\");
        check(!json_has(back, "none"));
        check(!json_has(back, "no-secret"));
        check(!json_has(back, "no-list"));
        check_int(json_get_secret(back, "secret", &read_back), 0);
        check(secret_equal(read_back, s));
        check(json_get_bool(back, "b", false));
        check_int(json_get_int(back, "n", 0), INT64_MAX);
        check_int(json_get_int(json_get_object(back, "o"), "x", 0), INT64_MIN + 1);
        check_int(json_get_strv(back, "l", &l), 0);
        check(strv_same_set(l, list));
}

static void slashes_are_not_escaped(void) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        _cleanup_(json_freep) Json *j = NULL;

        check_int(json_new(&j), 0);
        check_int(json_set_string(j, "s", "1//a/b"), 0);
        check_int(json_print(j, &text), 0);
        check_str(secret_string(text), "{\"s\":\"1//a/b\"}");
}

static void every_string_is_encoded_and_decoded(void) {
        char *list[] = { (char *) "a b", (char *) "", (char *) "disk:read", NULL };
        _cleanup_(secret_unrefp) Secret *text = NULL;
        _cleanup_(json_freep) Json *j = NULL, *inner = NULL;
        _cleanup_(strv_freep) char **l = NULL;

        check_int(json_new(&j), 0);
        check_int(json_new(&inner), 0);
        check_int(json_set_string(inner, "x", "\"\n"), 0);
        check_int(json_set_string(j, "s", "Д%{}\\"), 0);
        check_int(json_set_string(j, "same", "aZ09-_.:~/"), 0);
        check_int(json_set_int(j, "n", -5), 0);
        check_int(json_set_bool(j, "b", true), 0);
        check_int(json_set_strv(j, "l", list), 0);
        check_int(json_set_object(j, "o", TAKE_PTR(inner)), 0);
        check_int(json_encode_strings(j), 0);
        check_int(json_print(j, &text), 0);
        check_str(secret_string(text),
                  "{\"s\":\"%D0%94%25%7B%7D%5C\",\"same\":\"aZ09-_.:~/\",\"n\":-5,\"b\":true,"
                  "\"l\":[\"a%20b\",\"\",\"disk:read\"],\"o\":{\"x\":\"%22%0A\"}}");

        check_int(json_decode_strings(j), 0);
        check_str(json_get_string(j, "s"), "Д%{}\\");
        check_str(json_get_string(j, "same"), "aZ09-_.:~/");
        check_int(json_get_int(j, "n", 0), -5);
        check_int(json_get_strv(j, "l", &l), 0);
        check_int(strv_length(l), 3);
        check_str(l[0], "a b");
        check_str(l[1], "");
        check_str(json_get_string(json_get_object(j, "o"), "x"), "\"\n");
}

static void what_is_not_encoded_is_not_decoded(void) {
        static const char *const bad[] = { "%", "%4", "a%4", "%4g", "%g4", "%%41", "% 41" };
        _cleanup_(json_freep) Json *nul = parse("{\"a\": \"x%00y\", \"b\": \"+%2b%2B\"}");

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                _cleanup_(json_freep) Json *j = NULL;
                char text[64];

                (void) snprintf(text, sizeof(text), "{\"l\": [\"%s\"], \"a\": \"%%41\"}", bad[i]);
                j = parse(text);
                check_int(json_decode_strings(j), -EBADMSG);
        }

        check_int(json_decode_strings(nul), 0);
        check(!json_get_string(nul, "a"));
        check_str(json_get_string(nul, "b"), "+++");
}

static void what_is_too_long_is_not_written(void) {
        size_t size = 300 * 1024;
        _cleanup_free_ char *text = malloc(size + 1);
        _cleanup_(secret_unrefp) Secret *printed = NULL;
        _cleanup_(json_freep) Json *j = NULL;

        memset(text, 'x', size);
        text[size] = '\0';
        check_int(json_new(&j), 0);
        check_int(json_set_string(j, "s", text), 0);
        check_int(json_print(j, &printed), -E2BIG);
        check(!printed);
}

/* Any one byte changed: no crash, and nothing but 0 or -EBADMSG. */
static void every_mutation_has_an_answer(void) {
        static const char good[] = "{\"a\": \"b\\u00e9\", \"n\": [1, -2.5e3, true], \"o\": {}}";
        char text[sizeof(good)];

        for (size_t i = 0; i < sizeof(good) - 1; i++)
                for (unsigned byte = 0; byte < 256; byte++) {
                        int r;

                        memcpy(text, good, sizeof(good));
                        text[i] = (char) byte;
                        r = parse_bytes(text, sizeof(good) - 1);
                        /* json-c never has a word in it. */
                        check_int(r, byte != 0 && json_text_is_well_formed(text) ? 0 : -EBADMSG);
                }
        for (size_t length = 0; length < sizeof(good) - 1; length++)
                check_int(parse_bytes(good, length), -EBADMSG);
}

TEST_MAIN(TEST(malformed_documents_are_refused), TEST(numbers_that_are_none_are_harmless),
          TEST(any_language_is_read), TEST(bytes_that_are_no_utf8_spoil_nothing_else),
          TEST(what_is_no_object_is_refused), TEST(only_space_may_follow),
          TEST(a_nul_byte_is_no_part_of_a_document), TEST(nesting_ends_at_16),
          TEST(a_document_has_at_most_256_kib), TEST(strings_are_strings),
          TEST(of_two_keys_one_counts), TEST(numbers_are_whole_and_cut_to_fit),
          TEST(booleans_are_no_numbers), TEST(null_is_nothing), TEST(of_a_list_the_strings_count),
          TEST(what_is_written_is_read), TEST(slashes_are_not_escaped),
          TEST(every_string_is_encoded_and_decoded), TEST(what_is_not_encoded_is_not_decoded),
          TEST(what_is_too_long_is_not_written), TEST(every_mutation_has_an_answer))
