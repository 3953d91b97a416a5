/* SPDX-License-Identifier: MIT */
#pragma once

/* Words of a command that is shown to people, to be copied into a shell. */

/* *ret becomes s as one word of a POSIX shell, quoted where it has to be. 0 or -ENOMEM. */
int shell_word(const char *s, char **ret);
