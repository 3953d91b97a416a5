/* SPDX-License-Identifier: MIT */
#pragma once

/* A small picture of dots that are drawn or not, and how it looks on a terminal: two dots in each
 * cell, one above the other, by the half blocks of Unicode. */

#include <stdio.h>

#include "common/util.h"

typedef struct Bitmap {
        unsigned width, height;
        bool *dots;
} Bitmap;

/* Nothing is drawn yet. 0 or -ENOMEM. */
int bitmap_init(Bitmap *b, unsigned width, unsigned height);

/* A bitmap of zeros is fine. */
void bitmap_done(Bitmap *b);

void bitmap_draw(Bitmap *b, unsigned x, unsigned y);

/* Outside of it nothing is drawn. */
bool bitmap_is_drawn(const Bitmap *b, unsigned x, unsigned y);

/* How many lines of a terminal it takes; in columns it is as wide as it is. */
unsigned bitmap_lines(const Bitmap *b);

/* Before and after go around each line. */
void bitmap_print(const Bitmap *b, FILE *f, const char *before, const char *after);
