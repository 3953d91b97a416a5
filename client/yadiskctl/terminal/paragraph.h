/* SPDX-License-Identifier: MIT */
#pragma once

/* Text that is broken between words, so that no line of a terminal ends in the middle of one. */

#include <stdio.h>

/* For a person who is being asked something: easier to read than a line of a wide window. */
#define PARAGRAPH_COLUMNS 79

/*
 * How a line is broken. Further lines begin at the margin. Where a margin, or the spaces that a line begins
 * with, leave hardly any room for words, they are smaller.
 */
typedef struct Measure {
        unsigned columns; /* 0: the line is not broken */
        unsigned margin;
} Measure;

/*
 * Writes a line, without a newline at its end, in which nothing is left that a terminal acts on but the
 * colours of colour_begin(). Spaces are kept where the line is not broken. Neither a word, such as an
 * address, nor what stands in quotes, such as a command, is ever broken by us: what the terminal breaks is
 * one line again when it is copied, while half a command may do harm.
 */
void paragraph_write(FILE *f, const char *line, Measure measure);

/* How many columns a line takes, but for its colours. */
unsigned paragraph_columns(const char *line);

/* How many lines that takes on a terminal, which breaks what is too long for one. */
unsigned paragraph_lines(const char *line, Measure measure);

/* Writes a text, which is translated already, and a newline: no line has more than PARAGRAPH_COLUMNS, nor
 * more than the window that f is shown in. With the care of text_print(). */
void paragraph_print(FILE *f, const char *text);
