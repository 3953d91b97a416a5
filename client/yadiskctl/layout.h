/* SPDX-License-Identifier: MIT */
#pragma once

/* What of a prompt is drawn, so that all of it can be seen at once. */

#include <stdbool.h>

#include "yadiskctl/window.h"

/* What there is to show: lines of text, with gaps between them where there is room. A size of 0: there
 * is no such thing. */
typedef struct Material {
        unsigned text_lines, gaps;
        unsigned picture_columns, picture_lines;
        unsigned letters_columns, letters_lines;
} Material;

typedef struct Layout {
        bool picture, letters, gaps;
} Layout;

/* The text is always shown, and the rest where it fits: the picture before the letters. */
Layout layout_choose(const Window *window, const Material *material);
