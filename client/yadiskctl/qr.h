/* SPDX-License-Identifier: MIT */
#pragma once

/* An address as a QR picture, for the telephone of whoever sits in front of the terminal. */

#include "yadiskctl/bitmap.h"

/* *ret, to be ended with bitmap_done(), is the smallest one that holds the text, with the empty border
 * that scanners need; what is drawn is meant to be dark. 0 or a negative errno: -ERANGE where the text
 * is too long for any. */
int qr_make(const char *text, Bitmap *ret);
