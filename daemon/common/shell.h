/* SPDX-License-Identifier: MIT */
#pragma once

/* Commands that a user is told to paste. */

#include "common/util.h"

/* *ret becomes s as one word of a POSIX shell, quoted if it has to be. The old *ret is freed, and
 * the caller frees the new one. Returns 0 or -ENOMEM. */
int shell_quote_word(const char *s, char **ret);
