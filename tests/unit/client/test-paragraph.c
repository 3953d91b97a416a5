/* SPDX-License-Identifier: MIT */

/* Lines that break between words. */

#include "yadiskctl/terminal/text.h"

#include <locale.h>

#include "check.h"
#include "yadiskctl/terminal/output.h"

#define FIFTEEN "fifteen-letters"                                       /* 15 */
#define LINE    FIFTEEN " " FIFTEEN " " FIFTEEN " " FIFTEEN " " FIFTEEN /* 79 */

#define TEN  "ten-is-ten"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void check_prints(const char *text, const char *expected) {
        Capture *c = capture(STDERR_FILENO);

        paragraph_print(stderr, text);
        CHECK_STR(captured(c), expected);
}

/* A line in a window, and how many lines of it that are. */
static void check_writes(unsigned columns, unsigned margin, const char *line,
                         const char *expected) {
        Measure measure = { columns, margin };
        unsigned lines = 1;
        char *text;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        CHECK(f);
        paragraph_write(f, line, measure);
        CHECK(fclose(f) == 0);
        CHECK_STR(text, expected);
        for (const char *at = text; *at; at++)
                lines += *at == '\n';
        free(text);
        if (columns > 0)
                CHECK_INT(paragraph_lines(line, measure), lines);
}

static void words_stay_whole(void) {
        check_writes(10, 0, "one two three four", "one two\nthree four");
        check_writes(9, 0, "one two three four", "one two\nthree\nfour");
        check_writes(0, 0, "one two three four", "one two three four");
        check_writes(10, 0, "диск папка файл", "диск папка\nфайл");
        check_writes(10, 0, "磁盘磁 盘磁盘", "磁盘磁\n盘磁盘"); /* six columns each */
        check_writes(13, 0, "磁盘磁 盘磁盘", "磁盘磁 盘磁盘");
        check_writes(10, 0, "e\xcc\x81t\xc3\xa9 \xc3\xa9t\xc3\xa9 ici",
                     "e\xcc\x81t\xc3\xa9 \xc3\xa9t\xc3\xa9\nici");
}

static void spaces_are_those_of_the_line(void) {
        check_writes(20, 0, "one   two", "one   two");
        check_writes(8, 0, "one      two", "one\ntwo");
        check_writes(30, 4, "    one two three four five six",
                     "    one two three four five\n    six");
        check_writes(4, 0, "one  ", "one");
}

static void a_margin_leaves_room(void) {
        check_writes(40, 20, "trouble   Keyring   It is locked and so no token can be kept",
                     "trouble   Keyring   It is locked and so\n"
                     "                    no token can be kept");
        check_writes(39, 20, "trouble   Keyring   It is locked and so no token can be kept",
                     "trouble   Keyring   It is locked and so\n"
                     "    no token can be kept");
        check_writes(39, 20, "                    Unlock it, for example with Seahorse",
                     "    Unlock it, for example with\n    Seahorse");
        check_writes(3, 0, "a b c", "a b\nc");
        check_writes(30, 10, "id:       " TEN TEN "x y", "id:\n    " TEN TEN "x y");
        check_writes(30, 10, "id:       " TEN TEN "abcdefgh", "id:\n  " TEN TEN "abcdefgh");
        check_writes(30, 10, "id:       " TEN TEN TEN " y", "id:\n" TEN TEN TEN "\n          y");
}

static void what_is_quoted_is_copied(void) {
        check_writes(24, 0, "Please run \"yadiskctl login\" now",
                     "Please run\n\"yadiskctl login\" now");
        check_writes(24, 0, "Выполните «yadiskctl login»; сейчас",
                     "Выполните\n«yadiskctl login»;\nсейчас");
        check_writes(22, 0, "Run \"yadiskctl login now\" then",
                     "Run\n\"yadiskctl login now\"\nthen");
        check_writes(30, 16, "Keyring:        Run \"yadiskctl login now\" then",
                     "Keyring:        Run\n    \"yadiskctl login now\" then");
        check_writes(12, 0, "a 24\" screen is wide", "a 24\" screen\nis wide");
}

/* The terminal breaks what is longer than its lines. */
static void long_words_are_left_to_the_terminal(void) {
        Measure ten = { .columns = 10 };

        check_writes(30, 0, "see " TEN TEN TEN, "see\n" TEN TEN TEN);
        CHECK_INT(paragraph_lines("see " TEN TEN TEN, ten), 4);
        CHECK_INT(paragraph_lines(TEN TEN, ten), 2);
        CHECK_INT(paragraph_lines("see \"a command that is long\"", ten), 4);
        CHECK_INT(paragraph_lines(TEN "abc def", ten), 3);
        CHECK_INT(paragraph_lines("", ten), 1);
}

static void colours_take_no_room(void) {
        static const char coloured[] = "\033[1;31mдом\033[0m";

        check_writes(9, 0, "\033[1;31mone two\033[0m three", "\033[1;31mone two\033[0m\nthree");
        check_writes(9, 0, "one \033[2mtwo three\033[0m", "one \033[2mtwo\nthree\033[0m");
        CHECK_INT(paragraph_columns(coloured, strlen(coloured)), 3);
}

int main(void) {
        CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
        words_stay_whole();
        spaces_are_those_of_the_line();
        a_margin_leaves_room();
        what_is_quoted_is_copied();
        long_words_are_left_to_the_terminal();
        colours_take_no_room();

        check_prints("", "\n");
        check_prints("one", "one\n");
        check_prints("one two", "one two\n");
        check_prints(LINE, LINE "\n");
        check_prints(LINE "x", FIFTEEN " " FIFTEEN " " FIFTEEN " " FIFTEEN "\n" FIFTEEN "x\n");
        check_prints(LINE " a b", LINE "\na b\n");
        /* Characters count, not bytes; a word that is too long is not broken; nothing acts on the
         * terminal. */
        check_prints("тридцать-две-буквы-и-ещё-немного тридцать-две-буквы-и-ещё-немного длинный",
                     "тридцать-две-буквы-и-ещё-немного тридцать-две-буквы-и-ещё-немного длинный\n");
        check_prints("a " LONG " b", "a\n" LONG "\nb\n");
        check_prints("a\033[2Jb\nc", "a\xef\xbf\xbd[2Jb\xef\xbf\xbd"
                                     "c\n");
        return EXIT_SUCCESS;
}
