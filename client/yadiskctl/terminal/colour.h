/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Colours on a terminal. They make a text quicker to read and never say anything by themselves: what
 * is coloured is a word that tells the same.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum Colour {
        COLOUR_PLAIN,
        COLOUR_STRONG, /* the name of something */
        COLOUR_FAINT,  /* what is there only for completeness */
        COLOUR_GOOD,
        COLOUR_ATTENTION,
        COLOUR_TROUBLE,
        _COLOUR_MAX,
        _COLOUR_INVALID = -EINVAL,
} Colour;

/* Whether this stream may be coloured: it is a terminal, $TERM can show colours, and $NO_COLOR, which
 * asks for none, is empty or not set. Each stream is asked for itself, since one may be a file. */
bool colour_is_wanted(FILE *f);

/* What to write before and after a text; empty where no colour is wanted. Static. */
const char *colour_begin(FILE *f, Colour colour);
const char *colour_end(FILE *f, Colour colour);
