/* SPDX-License-Identifier: MIT */
#pragma once

/* A text of several lines for the person who is being asked something. */

#include <stdio.h>

#define PARAGRAPH_COLUMNS 79

/* Writes the text, which is translated already, broken between words so that no line has more than
 * PARAGRAPH_COLUMNS, where words are not longer. With the care of text_print(). */
void paragraph_print(FILE *f, const char *text);
