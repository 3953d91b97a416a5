/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A small picture of dots that are drawn or not, and how it looks on a terminal: painted, each dot being two
 * spaces on a dark or a light ground, so that no font has a say in it; or halved, two dots in each cell, one
 * above the other, by the half blocks of Unicode.
 */

#include <stdio.h>

#include "common/util.h"
#include "yadiskctl/terminal/terminal.h"

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

/* How many columns or lines of a terminal a side of that many dots takes. */
unsigned bitmap_painted_columns(unsigned dots);
unsigned bitmap_halved_lines(unsigned dots);

/* Paints one line of dots in a border of undrawn ones; y counts from the top of the border. No newline. */
void bitmap_paint_line(const Bitmap *b, FILE *f, unsigned border, unsigned y, const Ink *ink);

/* Draws all of it halved, in such a border. ink may be NULL: in the colours of the terminal. Before each line
 * stands indent. */
void bitmap_print_halved(const Bitmap *b, FILE *f, unsigned border, const Ink *ink,
                         const char *indent);
