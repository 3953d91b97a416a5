/* SPDX-License-Identifier: MIT */
#pragma once

/* A code in letters so large that it can be read from across the desk, and no 0 is taken for an o. */

#include "yadiskctl/sign-in/bitmap.h"

/* *ret is to be ended with bitmap_done(). There are letters for a to z, 0 to 9 and the hyphen: -EILSEQ
 * for any other character and for the empty text. -ENOMEM. */
int letters_make(const char *text, Bitmap *ret);
