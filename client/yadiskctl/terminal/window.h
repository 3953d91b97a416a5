/* SPDX-License-Identifier: MIT */
#pragma once

/* The window in which standard output is shown, and what can be drawn there. */

#include <stdbool.h>
#include <stdio.h>

/* What makes a terminal draw in black and white. */
typedef struct Ink {
        const char *dark, *light;  /* grounds */
        const char *dark_on_light; /* the foreground as well */
} Ink;

typedef struct Window {
        unsigned columns, lines;
        bool can_redraw; /* a terminal whose cursor can be moved */
        bool has_blocks; /* its text is UTF-8, so that there are half blocks */
        bool has_seams;  /* its half blocks are those of a font, and do not fill their cells */
        const Ink *ink;  /* NULL where it has no colours */
} Window;

void window_look(Window *ret);

/* How wide the terminal behind f is; 0 where it is none, or does not tell. */
unsigned window_columns(FILE *f);

/* Whether we are the ones who may draw there now: not while another job of the shell is in front. */
bool window_is_ours(void);

/* For tests: the ink of a terminal by the values of TERM and COLORTERM, either of which may be NULL.
 * Static, or NULL where the terminal has no colours. */
const Ink *window_ink(const char *term, const char *colorterm);
