/* SPDX-License-Identifier: MIT */

/* A command that is shown means the same in a shell. */

#include "yadiskctl/terminal/text.h"

#include "check.h"
#include "common/util.h"

static void becomes(const char *s, const char *expected) {
        _cleanup_free_ char *word = NULL;

        CHECK_INT(text_quote_word(s, &word), 0);
        CHECK_STR(word, expected);
}

/* What a shell makes of it. */
static void survives(const char *s) {
        _cleanup_free_ char *word = NULL;
        char command[512], answer[512] = {};
        FILE *shell;

        CHECK_INT(text_quote_word(s, &word), 0);
        CHECK(snprintf(command, sizeof(command), "printf '<%%s>' %s", word) <
              (int) sizeof(command));
        shell = popen(command, "r");
        CHECK(shell);
        CHECK(fread(answer, 1, sizeof(answer) - 1, shell) == strlen(s) + 2);
        CHECK(pclose(shell) == 0);
        CHECK(strncmp(answer + 1, s, strlen(s)) == 0);
}

int main(void) {
        becomes("disk", "disk");
        becomes("/home/ivan/rclone.conf", "/home/ivan/rclone.conf");
        becomes("", "''");
        becomes("my disk", "'my disk'");
        becomes("it's", "'it'\\''s'");
        becomes("диск", "'диск'");
        becomes("~", "'~'");

        survives("");
        survives("'''");
        survives("$(touch x) `id` \"q\" \\ ! * ? [a] {b,c} ~ # ; & | < > ( ) \n\t");
        return EXIT_SUCCESS;
}
