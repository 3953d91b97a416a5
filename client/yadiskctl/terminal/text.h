/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Text on its way to a terminal: made safe, since it comes from others (the daemon, Yandex, the
 * program that named an account), measured in columns, and broken between
 * words.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Whether a character could make a terminal do something, or show something else than this
 * character: C0 and C1 controls, DEL, line and paragraph separators, and what changes the direction
 * of writing. */
bool text_is_unsafe(uint32_t c);

/* Writes s with U+FFFD in place of every unsafe character and of every byte that is not UTF-8. A
 * newline is unsafe too, so one string stays on one line. */
void text_print(FILE *f, const char *s);

/* Does the same in memory. The caller frees the result, which is NULL if memory runs out. */
char *text_clean(const char *s);

/* How many columns of a terminal s takes when it is printed: two for a wide character, none for a
 * combining one. */
size_t text_columns(const char *s);

/* The width for printf's "%-*s" which pads s to that many columns; printf counts bytes. */
int text_padding(const char *s, size_t columns);

/*
 * How a line is broken. Further lines begin at the margin. If a margin, or the spaces at the
 * beginning of the line, leave hardly any room for words, they are reduced.
 */
typedef struct Measure {
        unsigned columns; /* 0: the line is not broken */
        unsigned margin;
} Measure;

/*
 * Writes a line without a newline at its end. The line must be clean, but may contain the sequences
 * of colour_begin(). Spaces are kept if the line is not broken. We break neither a word, such as an
 * address, nor what stands in quotes, such as a command: what the terminal breaks is copied as one
 * line, while half a command may do harm.
 */
void paragraph_write(FILE *f, const char *line, Measure measure);

/* How many columns that many bytes of a line take, not counting its colours. */
unsigned paragraph_columns(const char *line, size_t size);

/* How many lines paragraph_write() fills on a terminal, which breaks what is too long for one
 * line. */
unsigned paragraph_lines(const char *line, Measure measure);
