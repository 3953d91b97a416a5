/* SPDX-License-Identifier: MIT */
#pragma once

/* The person at the terminal, if there is one. */

#include <stdbool.h>

/* Whether somebody can answer a question: stdin and stderr are a terminal. */
bool terminal_can_ask(void);

/* Whether somebody is there at all, whom an unlock prompt would not surprise. */
bool terminal_is_attended(void);

/*
 * Asks on stderr and reads one line from stdin, under the rules of secret_read_line(): an answer may
 * hold anything, and may be "". A hidden answer is not shown while it is typed. The terminal is as
 * before when this returns. -ECANCELED where the person pressed Ctrl-C, or Ctrl-D instead of an answer.
 * The answer is freed with secret_free().
 */
int terminal_ask(const char *question, bool hidden, char **ret);
