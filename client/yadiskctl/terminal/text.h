/* SPDX-License-Identifier: MIT */
#pragma once

/* Text that others wrote (the daemon, Yandex, whoever named an account) on its way to a terminal. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Whether a character could make a terminal do or show something else than a character: C0 and C1
 * controls, DEL, line and paragraph separators, and what changes the direction of writing. */
bool text_is_unsafe(uint32_t c);

/* Writes s with U+FFFD in place of every unsafe character and of every byte that is not UTF-8.
 * Newlines are unsafe too: one string stays one line. */
void text_print(FILE *f, const char *s);

/* The same in memory, which the caller frees; NULL where there is none. */
char *text_clean(const char *s);

/* How many columns of a terminal s takes there: two for a character that is wide, none for one that is put
 * above another. */
size_t text_columns(const char *s);

/* The width for printf's "%-*s" which pads s to that many columns; printf counts bytes. */
int text_padding(const char *s, size_t columns);
