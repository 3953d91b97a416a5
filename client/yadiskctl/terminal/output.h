/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything that yadiskctl says passes through here, except for pictures.
 *
 * Throughout yadiskctl, if a function returns another ExitStatus than EXIT_STATUS_OK, it has
 * already said why on stderr, in one line. The caller only has to return the status.
 *
 * Formats are translated here, so write them in English. Arguments are not translated: use _() for
 * a text that is an argument, and N_() for a text in a table. Control characters in arguments do
 * not reach the terminal.
 *
 * A line that is longer than the window is broken between words, as paragraph_write() does. Further
 * lines of the window begin below the first character, or at the margin if the line was said in
 * parts. One line stays one line if it goes to a file or a pipe, or if the width is not known.
 */

#include "common/condition.h"
#include "common/dynamic-library.h"

/* No line of paragraph_print() is longer: a line as wide as a wide window is harder to read. */
#define PARAGRAPH_COLUMNS 79

/* Colours make a text quicker to read. They never say anything by themselves: the coloured word
 * says the same. */
typedef enum Colour {
        COLOUR_PLAIN,
        COLOUR_STRONG, /* the name of something */
        COLOUR_FAINT,  /* said only for completeness */
        COLOUR_GOOD,
        COLOUR_ATTENTION,
        COLOUR_TROUBLE,
        _COLOUR_MAX,
        _COLOUR_INVALID = -EINVAL,
} Colour;

/* Makes sure that 0, 1 and 2 are open, so that no socket can take the place of a closed stdout and
 * be written to. Writing to one that was closed still fails. Call this before anything else. */
void output_init(void);

/* From now on there is no user: what is said is dropped, and nothing is asked. */
ExitStatus output_hush(void);

/* Whether this stream may be coloured: it is a terminal, $TERM can show colours, and $NO_COLOR is
 * empty or not set. Ask for each stream, since one of them may be a file. */
bool colour_is_wanted(FILE *f);

/* What to write before and after a text. Empty if no colour is wanted. Static. */
const char *colour_begin(FILE *f, Colour colour);
const char *colour_end(FILE *f, Colour colour);

/* The width of the terminal behind f. 0 if f is no terminal, or if its width is not known. */
unsigned output_columns(FILE *f);

/* Says one line on stdout. */
void say(const char *format, ...) _printf_(1, 2);

/* Says a line that people copy, such as an address or a command: it is not broken. */
void say_to_copy(const char *format, ...) _printf_(1, 2);

/* Says a part of a line on stdout, in a colour if stdout may be coloured. */
void say_part(Colour colour, const char *format, ...) _printf_(2, 3);

/* Makes the beginning of the next part the margin of this line. */
void say_margin(void);

/* Ends a line that was said in parts. It is not shown before. */
void say_end(void);

/* Writes an empty line to stdout. */
void say_gap(void);

/* Says one line on stderr, after "yadiskctl: ". Returns status. */
ExitStatus fail(ExitStatus status, const char *format, ...) _printf_(2, 3);

/* The same for a mistake of the user. Returns EXIT_STATUS_USAGE. */
ExitStatus fail_usage(const char *format, ...) _printf_(1, 2);

/* Says "Cannot <doing>: <why>." for a negative errno; doing is translated, too. Returns
 * EXIT_STATUS_FAILURE. */
ExitStatus fail_errno(int r, const char *doing);

/* Loads a library, or says that it is missing, and what to install. */
ExitStatus library_expect(DynamicLibrary *l);

/* Says one line on stderr about something that does not end the program. */
void remark(const char *format, ...) _printf_(1, 2);

/* Asks a question on stderr. The answer is typed behind it. */
void inquire(const char *format, ...) _printf_(1, 2);

/* Writes a text, which is already translated, and a newline. No line is longer than
 * PARAGRAPH_COLUMNS, nor than the window of f. */
void paragraph_print(FILE *f, const char *text);

/* Writes bytes to stdout past stdio, so that no copy stays in a buffer of stdio. */
ExitStatus output_write(const void *data, size_t size);

/* Writes out what is buffered. Fails if anything that was said did not arrive. */
ExitStatus output_flush(void);
