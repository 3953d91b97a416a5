/* SPDX-License-Identifier: MIT */
#pragma once

/* Questions to the person at the terminal which have few answers. 0, -ECANCELED under the rules of
 * terminal_ask(), or another negative errno; *ret is untouched then. */

#include <stdbool.h>
#include <stddef.h>

/* Yes or no, in the language of the person (rpmatch(3)); Enter is yes. The question ends in "[Y/n]". */
int choice_confirm(const char *question, bool *ret);

/* A number from 1 to n; Enter is 1. */
int choice_number(const char *question, size_t n, size_t *ret);

/* The same where nothing is done unless it was asked for: Enter is 0, for none of them. */
int choice_number_or_none(const char *question, size_t n, size_t *ret);
