/* SPDX-License-Identifier: MIT */

#include "yadiskctl/paragraph.h"

#include <stdlib.h>

#include "common/util.h"
#include "yadiskctl/text.h"

/* Prints a word and what parts it from the one before; returns the column behind it. */
static size_t print_word(FILE *f, const char *word, size_t column) {
        size_t length = text_length(word);

        if (column > 0 && column + 1 + length > PARAGRAPH_COLUMNS) {
                fputc('\n', f);
                column = 0;
        } else if (column > 0) {
                fputc(' ', f);
                column++;
        }
        text_print(f, word);
        return column + length;
}

void paragraph_print(FILE *f, const char *text) {
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *word;
        size_t column = 0;

        if (!copy) {
                text_print(f, text);
                rest = NULL;
        }
        while ((word = strsep(&rest, " ")))
                if (*word)
                        column = print_word(f, word, column);
        fputc('\n', f);
}
