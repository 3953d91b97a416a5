/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything yadiskctl says passes through here, but for what it draws.
 *
 * Throughout yadiskctl a function which returns ExitStatus has already said on stderr, in one line,
 * why it returned anything else than EXIT_STATUS_OK; its caller only has to return it.
 *
 * Formats are translated here: write them in English. What goes into them is not: use _() for a text
 * that is an argument, and N_() for one in a table.
 */

#include <stddef.h>

#include "common/condition.h"
#include "yadiskctl/terminal/colour.h"

/*
 * A line that is longer than the window it is shown in is broken between words (yadiskctl/paragraph.h):
 * further lines of the window begin below the first character, or at the margin of a line said in pieces.
 * Where it goes to a file or a pipe, or the width is not known, one line stays one line.
 */

/* Makes sure that 0, 1 and 2 are open, so that no socket can take the place of a closed stdout and
 * be written to. Writing to one that was closed still fails. To be called before anything else. */
void output_init(void);

/* One line to stdout. Control characters of the arguments do not reach the terminal. */
void say(const char *format, ...) _printf_(1, 2);

/* The same for what is to be copied, such as an address or a command: it is not broken. */
void say_to_copy(const char *format, ...) _printf_(1, 2);

/* A piece of a line to stdout, with the same care, in a colour where stdout is to have any. */
void say_part(Colour colour, const char *format, ...) _printf_(2, 3);

/* Where the piece that comes next begins is the margin of this line. */
void say_margin(void);

/* Ends a line that was said in pieces; before that nothing of it is shown. */
void say_end(void);

/* An empty line to stdout. */
void say_gap(void);

/* One line to stderr, after "yadiskctl: ", with the same care. Returns status. */
ExitStatus fail(ExitStatus status, const char *format, ...) _printf_(2, 3);

/* The same for a negative errno: "Cannot <doing>: <why>." doing is translated, too. Returns
 * EXIT_STATUS_FAILURE. */
ExitStatus fail_errno(int r, const char *doing);

/* One line to stderr about something that ends nothing. */
void remark(const char *format, ...) _printf_(1, 2);

/* A question to stderr, behind which the answer is typed. */
void inquire(const char *format, ...) _printf_(1, 2);

/* Writes bytes to stdout, past stdio, so that no copy stays in a buffer of stdio. */
ExitStatus output_write(const void *data, size_t size);

/* Writes out what is buffered, and tells whether all that was ever said arrived. */
ExitStatus output_flush(void);
