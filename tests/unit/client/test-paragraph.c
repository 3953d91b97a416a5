/* SPDX-License-Identifier: MIT */

/* Lines that break between words. */

#include "yadiskctl/paragraph.h"

#include "check.h"

#define FIFTEEN "fifteen-letters"                                       /* 15 */
#define LINE    FIFTEEN " " FIFTEEN " " FIFTEEN " " FIFTEEN " " FIFTEEN /* 79 */

#define TEN  "ten-is-ten"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void check_prints(const char *text, const char *expected) {
        Capture *c = capture(STDERR_FILENO);

        paragraph_print(stderr, text);
        CHECK_STR(captured(c), expected);
}

int main(void) {
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
