/* SPDX-License-Identifier: MIT */
#pragma once

/* An address as a QR picture, for the telephone of whoever sits in front of the terminal. */

#include "yadiskctl/sign-in/bitmap.h"

/* Scanners need an empty border of that many dots (ISO/IEC 18004). Those in use do with one dot, if they
 * must. */
#define QR_BORDER     4U
#define QR_BORDER_MIN 1U

/*
 * *ret, to be ended with bitmap_done(), is the smallest picture that holds the address; what is drawn is meant
 * to be dark, and the border is not part of it. The scheme and the host, in which case does not matter (RFC
 * 3986), are in capitals, which take less room: https://ya.ru/device becomes the smallest picture there is. 0
 * or a negative errno: -ERANGE where the text is too long for any.
 */
int qr_make(const char *address, Bitmap *ret);
