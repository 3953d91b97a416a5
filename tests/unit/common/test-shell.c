/* SPDX-License-Identifier: MIT */

/* A command that is shown means the same in a shell. */

#include "check.h"
#include "common/shell.h"

static void becomes(const char *s, const char *expected) {
        _cleanup_free_ char *word = NULL;

        check_int(shell_quote_word(s, &word), 0);
        check_str(word, expected);
}

/* What a shell makes of it. */
static void survives(const char *s) {
        _cleanup_free_ char *word = NULL;
        char command[512], answer[512] = {};
        FILE *shell;

        check_int(shell_quote_word(s, &word), 0);
        check(snprintf(command, sizeof(command), "printf '<%%s>' %s", word) <
              (int) sizeof(command));
        shell = popen(command, "r");
        check(shell);
        check(fread(answer, 1, sizeof(answer) - 1, shell) == strlen(s) + 2);
        check(pclose(shell) == 0);
        check(strncmp(answer + 1, s, strlen(s)) == 0);
}

static void quotes_where_they_are_needed(void) {
        becomes("disk", "disk");
        becomes("/home/ivan/rclone.conf", "/home/ivan/rclone.conf");
        becomes("", "''");
        becomes("my disk", "'my disk'");
        becomes("it's", "'it'\\''s'");
        becomes("диск", "'диск'");
        becomes("~", "'~'");
}

static void a_shell_reads_the_same(void) {
        survives("");
        survives("'''");
        survives("$(touch x) `id` \"q\" \\ ! * ? [a] {b,c} ~ # ; & | < > ( ) \n\t");
}

TEST_MAIN(TEST(quotes_where_they_are_needed), TEST(a_shell_reads_the_same))
