/* SPDX-License-Identifier: MIT */
#pragma once

/* What of a prompt is drawn, and where, so that all of it can be seen at once. */

#include <stdbool.h>

#include "yadiskctl/terminal/terminal.h"

/* Between the picture and what stands beside it. */
#define SIDE_GAP 2U

/* What there is to show. A size of 0: there is no such thing. */
typedef struct Material {
        unsigned text_lines, gaps; /* lines of text, with gaps between them where there is room */
        unsigned side_columns,
                side_lines;    /* the text in a column of its own, which it just fits into */
        unsigned picture_dots; /* of each side, without the border */
        unsigned letters_columns, letters_lines;
} Material;

typedef enum Picture {
        PICTURE_NONE,
        PICTURE_PAINTED, /* between the lines of the text */
        PICTURE_BESIDE,  /* painted, with the text at its right */
        PICTURE_HALVED,  /* between the lines of the text */
} Picture;

typedef struct Layout {
        Picture picture;
        unsigned border; /* of the picture, in dots */
        bool letters;
        bool gaps; /* beside the picture: one below it */
} Layout;

/* The text is always shown, and the rest where it fits: a picture that no font can spoil before one that a
 * font can, and any picture before the letters. */
Layout layout_choose(const Window *window, const Material *material);
