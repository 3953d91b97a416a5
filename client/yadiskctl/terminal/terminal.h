/* SPDX-License-Identifier: MIT */
#pragma once

/* The terminal: the person who sits at it, questions to this person, and what can be drawn in its
 * window. And how a client secret comes in: from the keyboard, a pipe or a file. */

#include "shared/sealed.h"

/* Whether a question can be asked and answered: stdin and stderr are a terminal. */
bool terminal_can_ask(void);

/* Whether a person is there, who would not be surprised by an unlock prompt: stdin or stderr is a
 * terminal. */
bool terminal_is_attended(void);

/*
 * Asks on stderr and reads one line from stdin as secret_read_line() does: an answer may contain
 * anything, and may be "". A hidden answer is not shown while it is typed. When this returns, the
 * terminal is as it was before. The caller frees *ret with secret_free().
 *
 * Returns 0 or a negative errno: -ECANCELED if the person pressed Ctrl-C, or Ctrl-D instead of an
 * answer. The three below return the same, and ask again until they get an answer that they
 * understand.
 */
int terminal_ask(const char *question, bool hidden, char **ret);

/* Asks for yes or no, in the language of the user (rpmatch(3)). Enter is yes. The question ends in
 * "[Y/n]". */
int terminal_confirm(const char *question, bool *ret);

/* Asks for a number from 1 to n. Enter alone is 1 or, if what is asked cannot be undone, 0 for
 * none. */
int terminal_ask_number(const char *question, size_t n, bool enter_is_one, size_t *ret);

/* The sequences that make a terminal draw in black and white. */
typedef struct Ink {
        const char *dark, *light;  /* backgrounds */
        const char *dark_on_light; /* background and foreground */
} Ink;

#define INK_END "\033[0m"

/* The window of standard output. */
typedef struct Window {
        unsigned columns, lines;
        bool can_redraw; /* it is a terminal whose cursor can be moved */
        bool has_blocks; /* its text is UTF-8, so that there are half blocks */
        bool has_seams;  /* its half blocks come from a font and do not fill their cells */
        const Ink *ink;  /* NULL: it has no colours */
} Window;

void window_look(Window *ret);

/* Whether we may draw in the window now: not while another job of the shell is in the
 * foreground. */
bool window_is_ours(void);

/* For tests: the ink of a terminal by the values of TERM and COLORTERM, which may be NULL. Static,
 * or NULL if the terminal has no colours. */
const Ink *window_ink(const char *term, const char *colorterm);

/* A longer line is not taken for a secret. */
#define SECRET_MAX_BYTES ((size_t) 1024)

/* Takes the first line of data without white space of any kind around it: no-break spaces and a
 * byte order mark, too. It must be printable ASCII without spaces, as secrets are, so that a wrong
 * file is noticed. Returns -ENODATA if nothing is left, -EMSGSIZE if the line is longer than
 * SECRET_MAX_BYTES, -EBADMSG if it has other characters. */
int secret_parse(const char *data, size_t size, char **ret);

/* Does the same with what can be read from fd, or from the file of that name. May read beyond the
 * first line. */
int secret_read(int fd, char **ret);
int secret_read_file(const char *path, char **ret);

/* Reads one line from a terminal, whatever it contains, without white space around it: what is
 * copied from a page has all kinds of it. *ret is "" if nothing is left. Returns -ECANCELED at the
 * end of the input, -EMSGSIZE if the line is longer than SECRET_MAX_BYTES, -EBADMSG if it contains
 * a NUL. */
int secret_read_line(int fd, char **ret);
