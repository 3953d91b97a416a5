/* SPDX-License-Identifier: MIT */

/* JSON as it is written. */

#include "yadiskctl/terminal/json-out.h"

#include "check.h"

#define DOCUMENT(members) "{\"version\":1" members "}\n"

static void check_string(const char *value, const char *expected) {
        _cleanup_(json_freep) Json *j = json_new();
        char document[512];

        json_string(j, "s", value);
        (void) snprintf(document, sizeof(document), DOCUMENT(",\"s\":%s"), expected);
        CHECK_STR(json_finish(j), document);
}

static void strings_are_escaped(void) {
        check_string("plain", "\"plain\"");
        check_string("", "\"\"");
        check_string(NULL, "null");
        check_string("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
        check_string("\n\t\033", "\"\\u000a\\u0009\\u001b\"");
        check_string("\x7f", "\"\\u007f\"");
        check_string("\xc2\x9b", "\"\\u009b\"");
        check_string("\xe2\x80\xae", "\"\\u202e\"");
        check_string("\xf3\xa0\x81\x81", "\"\\udb40\\udc41\""); /* U+E0041: two surrogates */
        check_string("дом 🏠", "\"дом 🏠\"");
}

static void what_is_not_utf8_becomes_a_replacement(void) {
        check_string("a\xff", "\"a\\ufffd\"");
        check_string("\xc0\xa2", "\"\\ufffd\\ufffd\""); /* an overlong quote ends nothing */
        check_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
        check_string("\xe2\x82", "\"\\ufffd\\ufffd\"");
}

static void scalars_are_written(void) {
        _cleanup_(json_freep) Json *j = json_new();

        json_unsigned(j, "zero", 0);
        json_unsigned(j, "largest", UINT64_MAX);
        json_bool(j, "yes", true);
        json_bool(j, "no", false);
        json_time(j, "then", 1800000000);
        json_time(j, "never", 0);
        CHECK_STR(json_finish(j), DOCUMENT(",\"zero\":0,\"largest\":18446744073709551615"
                                           ",\"yes\":true,\"no\":false"
                                           ",\"then\":1800000000,\"never\":null"));
}

static void commas_stand_between(void) {
        char *words[] = { (char *) "a", (char *) "b", NULL };
        _cleanup_(json_freep) Json *j = json_new();

        json_begin(j, "list", "[");
        json_begin(j, NULL, "{");
        json_end(j, "}");
        json_begin(j, NULL, "{");
        json_bool(j, "x", true);
        json_bool(j, "y", true);
        json_end(j, "}");
        json_end(j, "]");
        json_strings(j, "words", words);
        json_strings(j, "none", NULL);
        json_begin(j, "empty", "{");
        json_end(j, "}");
        CHECK_STR(json_finish(j), DOCUMENT(",\"list\":[{},{\"x\":true,\"y\":true}]"
                                           ",\"words\":[\"a\",\"b\"],\"none\":[],\"empty\":{}"));
}

static void a_document_grows(void) {
        _cleanup_(json_freep) Json *j = json_new();
        const char *text;

        for (int i = 0; i < 10000; i++)
                json_string(j, "key", "value");
        text = json_finish(j);
        CHECK_INT((long long) strlen(text),
                  (long long) strlen(DOCUMENT("")) +
                          10000 * (long long) strlen(",\"key\":\"value\""));
}

/* What every function gets where json_new() ran out of memory. */
static void no_document_is_harmless(void) {
        Capture *err = capture(STDERR_FILENO);

        json_begin(NULL, "a", "{");
        json_string(NULL, "b", "c");
        json_strings(NULL, "d", NULL);
        json_unsigned(NULL, "e", 1);
        json_bool(NULL, "f", true);
        json_time(NULL, "g", 1);
        json_end(NULL, "}");
        CHECK(!json_finish(NULL));
        CHECK(!json_free(NULL));
        CHECK_INT(json_write(NULL), EXIT_STATUS_FAILURE);
        CHECK_STR(captured(err), "yadiskctl: Cannot write JSON: Cannot allocate memory.\n");
}

static void it_is_written_after_what_was_said(void) {
        _cleanup_(json_freep) Json *j = json_new();
        Capture *out = capture(STDOUT_FILENO);

        say("before");
        CHECK_INT(json_write(j), EXIT_STATUS_OK);
        say("after");
        CHECK_STR(captured(out), "before\n" DOCUMENT("") "after\n");
}

int main(void) {
        strings_are_escaped();
        what_is_not_utf8_becomes_a_replacement();
        scalars_are_written();
        commas_stand_between();
        a_document_grows();
        no_document_is_harmless();
        it_is_written_after_what_was_said();
        return EXIT_SUCCESS;
}
