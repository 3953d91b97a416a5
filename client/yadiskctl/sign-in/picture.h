/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Pictures on a terminal: an address as a QR picture, for the telephone of the user, and a code in
 * letters so large that it can be read from across the desk and no 0 is taken for an o. And which
 * of them fit into a window, beside the text that says the same.
 *
 * A dot is painted as two spaces on a dark or a light ground, so that the font does not matter; or
 * two dots, one above the other, are drawn in each cell by the half blocks of Unicode.
 */

#include <stdio.h>

#include "common/util.h"
#include "yadiskctl/terminal/terminal.h"

/* Between a picture and the text that stands beside it, in columns. */
#define SIDE_GAP 2U

typedef struct Bitmap {
        unsigned width, height;
        bool *dots;
} Bitmap;

/* All dots are undrawn. Returns 0 or -ENOMEM. */
int bitmap_init(Bitmap *b, unsigned width, unsigned height);

/* A bitmap of zeros is fine. */
void bitmap_done(Bitmap *b);

void bitmap_draw(Bitmap *b, unsigned x, unsigned y);

/* False outside of the bitmap. */
bool bitmap_is_drawn(const Bitmap *b, unsigned x, unsigned y);

/* How many columns or lines of a terminal a side of that many dots takes. */
unsigned bitmap_painted_columns(unsigned dots);
unsigned bitmap_halved_lines(unsigned dots);

/* Paints one line of dots in a border of undrawn ones, without a newline. y counts from the top of
 * the border. */
void bitmap_paint_line(const Bitmap *b, FILE *f, unsigned border, unsigned y, const Ink *ink);

/* Draws the whole bitmap in half blocks, in such a border, and indent before each line. If ink is
 * NULL, it is drawn in the colours of the terminal. */
void bitmap_print_halved(const Bitmap *b, FILE *f, unsigned border, const Ink *ink,
                         const char *indent);

/*
 * Makes the smallest QR picture that holds the address. Drawn dots are meant to be dark; the border
 * is not part of the bitmap. The scheme and the host, whose case does not matter (RFC 3986), are
 * put in capitals, which take less room: https://ya.ru/device becomes the smallest picture there
 * is. *ret is released with bitmap_done(). Returns 0 or a negative errno: -ERANGE if the text is
 * too long for any picture.
 */
int qr_make(const char *address, Bitmap *ret);

/* There are letters for a to z, 0 to 9 and the hyphen. *ret is released with bitmap_done(). Returns
 * 0, -ENOMEM, or -EILSEQ for any other character and for the empty text. */
int letters_make(const char *text, Bitmap *ret);

/* What there is to show. A size of 0 means that there is no such thing. */
typedef struct LayoutContent {
        unsigned text_lines, gaps; /* lines of text, with gaps between them if there is room */
        unsigned side_columns, side_lines; /* the same text in a column of its own */
        unsigned picture_dots;             /* of each side, without the border */
        unsigned letters_columns, letters_lines;
} LayoutContent;

typedef enum PicturePlace {
        PICTURE_NONE,
        PICTURE_PAINTED, /* between the lines of the text */
        PICTURE_BESIDE,  /* painted, with the text at its right */
        PICTURE_HALVED,  /* between the lines of the text */
} PicturePlace;

typedef struct Layout {
        PicturePlace picture;
        unsigned border; /* of the picture, in dots */
        bool letters;
        bool gaps; /* between the lines, or below a picture that has the text beside it */
} Layout;

/* The text is always shown, the rest if all of it can be seen at once: painted pictures, which no
 * font can spoil, are preferred to halved ones, and any picture to the letters. */
Layout layout_choose(const Window *window, const LayoutContent *content);
