/* SPDX-License-Identifier: MIT */

/* Text of others on its way to a terminal. */

#include "yadiskctl/terminal/text.h"

#include <locale.h>

#include "check.h"
#include "common/utf8.h"
#include "yadiskctl/terminal/output.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static const char *printed(const char *s) {
        static char text[1024];
        FILE *f;

        memset(text, 0, sizeof(text));
        f = fmemopen(text, sizeof(text), "w");
        CHECK(f);
        text_print(f, s);
        fclose(f);
        return text;
}

static void what_is_text_stays(void) {
        CHECK_STR(printed(""), "");
        CHECK_STR(printed("plain ~ text"), "plain ~ text");
        CHECK_STR(printed("дом — 家 🏠"), "дом — 家 🏠");
        CHECK_STR(printed("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf"); /* U+10FFFF */
}

static void controls_are_replaced(void) {
        CHECK_STR(printed("a\033[2Jb"), "a" BAD "[2Jb");
        CHECK_STR(printed("a\nb\rc\td\be"), "a" BAD "b" BAD "c" BAD "d" BAD "e");
        CHECK_STR(printed("\x7f"), BAD);
        CHECK_STR(printed("\xc2\x80\xc2\x9b\xc2\x9f"), BAD BAD BAD); /* C1, with CSI */
        CHECK_STR(printed("\xc2\xa0"), "\xc2\xa0");                  /* the first beyond C1 */
        for (char c = 1; c < ' '; c++)
                CHECK_STR(printed((char[]){ c, '\0' }), BAD);
}

static void direction_cannot_be_changed(void) {
        CHECK_STR(printed("\xe2\x80\xae"), BAD);            /* U+202E right-to-left override */
        CHECK_STR(printed("\xe2\x80\xaa"), BAD);            /* U+202A */
        CHECK_STR(printed("\xe2\x81\xa6"), BAD);            /* U+2066 isolate */
        CHECK_STR(printed("\xe2\x81\xa9"), BAD);            /* U+2069 */
        CHECK_STR(printed("\xe2\x80\x8f"), BAD);            /* U+200F mark */
        CHECK_STR(printed("\xd8\x9c"), BAD);                /* U+061C mark */
        CHECK_STR(printed("\xe2\x80\xa8"), BAD);            /* U+2028 line separator */
        CHECK_STR(printed("\xe2\x80\xaf"), "\xe2\x80\xaf"); /* U+202F is a space */
        CHECK_STR(printed("\xd7\xa9\xd7\x9c"), "\xd7\xa9\xd7\x9c"); /* Hebrew may be written */
}

static void what_is_not_utf8_is_replaced(void) {
        CHECK_STR(printed("\xff"), BAD);
        CHECK_STR(printed("a\x80z"), "a" BAD "z");
        CHECK_STR(printed("\xc0\xaf"), BAD BAD);                 /* overlong / */
        CHECK_STR(printed("\xe0\x80\xaf"), BAD BAD BAD);         /* longer still */
        CHECK_STR(printed("\xed\xa0\x80"), BAD BAD BAD);         /* a surrogate */
        CHECK_STR(printed("\xf4\x90\x80\x80"), BAD BAD BAD BAD); /* U+110000 */
        CHECK_STR(printed("cut \xe2\x82"), "cut " BAD BAD);
        CHECK_STR(printed("cut \xf0\x9f\x8f"), "cut " BAD BAD BAD);
}

static void utf8_is_told_apart(void) {
        CHECK(utf8_is_valid(""));
        CHECK(utf8_is_valid("дом"));
        CHECK(utf8_is_valid("\033"));
        CHECK(!utf8_is_valid("a\xff"));
        CHECK(!utf8_is_valid("\xd0"));
}

static void columns_are_those_of_the_terminal(void) {
        CHECK_INT((long long) text_columns("дом"), 3);
        CHECK_INT((long long) text_columns("\xff\xff"), 2);
        CHECK_INT((long long) text_columns("a\033\n"), 3); /* each is shown as U+FFFD */
        CHECK_INT((long long) text_columns("磁盘"), 4);
        CHECK_INT((long long) text_columns("e\xcc\x81"), 1); /* an accent above the e */
        CHECK_INT(text_padding("磁盘", 5), 7);
        CHECK_INT(text_padding("дом", 5), 8); /* six bytes and two spaces */
        CHECK_INT(text_padding("abc", 5), 5);
        CHECK_INT(text_padding("", 0), 0);
}

/* Not only text_print() is clean, but all that is said by way of it. */
static void what_is_said_is_one_clean_line(void) {
        Capture *out = capture(STDOUT_FILENO), *err;

        say("%s is %s", "a\033b", "c\nd");
        CHECK_STR(captured(out), "a" BAD "b is c" BAD "d\n");

        err = capture(STDERR_FILENO);
        CHECK_INT(fail(EXIT_STATUS_KEYRING, "no: %s", "x\033]0;title\a\ny"), EXIT_STATUS_KEYRING);
        CHECK_STR(captured(err), "yadiskctl: no: x" BAD "]0;title" BAD BAD "y\n");

        err = capture(STDERR_FILENO);
        CHECK_INT(fail_errno(-ENOSPC, "write"), EXIT_STATUS_FAILURE);
        CHECK_STR(captured(err), "yadiskctl: Cannot write: No space left on device.\n");
}

int main(void) {
        CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
        what_is_text_stays();
        controls_are_replaced();
        direction_cannot_be_changed();
        what_is_not_utf8_is_replaced();
        utf8_is_told_apart();
        columns_are_those_of_the_terminal();
        what_is_said_is_one_clean_line();
        return EXIT_SUCCESS;
}
