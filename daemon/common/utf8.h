/* SPDX-License-Identifier: MIT */
#pragma once

/* What a text consists of: UTF-8 as the standard has it (no overlong forms, no surrogates, nothing
 * above U+10FFFF), and ASCII. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASCII_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ASCII_DIGITS  "0123456789"

#define UTF8_MAX_BYTES 4 /* of a character */

/* Reads the character at s, which must not be empty. Returns its length in bytes, 1 to 4; or 0 if s
 * does not start with a character, or with one that the end of s cuts off. */
size_t utf8_decode(const char *s, uint32_t *ret);

bool utf8_is_valid(const char *s);

/* Whether a character is white space of any width; and whether it is one that programs put into a
 * text and do not show, such as a byte order mark. */
bool utf8_is_blank(uint32_t c);
bool utf8_is_invisible(uint32_t c);

/* Whether s is a text that every message can carry: not empty, at most max bytes, no control
 * characters (U+0000 to U+001F, U+007F to U+009F), and no noncharacters, which sd-bus refuses.
 * False for NULL. */
bool utf8_is_text(const char *s, size_t max);

/* Whether s consists of 1 to max printable ASCII characters; if it is to be visible, without a
 * space. NULL does not. */
bool ascii_is_printable(const char *s, size_t max);
bool ascii_is_visible(const char *s, size_t max);
