/* SPDX-License-Identifier: MIT */
#pragma once

/* A client secret, as it comes in: from a file, a pipe or the keyboard. It is erased when freed. */

#include <stddef.h>

#include "common/util.h"

/* No longer line is taken for a secret. */
#define SECRET_MAX_BYTES ((size_t) 1024)

/* The first line of data, without white space around it. Printable ASCII without spaces, since that
 * is what secrets are made of: a wrong file is noticed. -ENODATA where nothing is left, -EMSGSIZE
 * where the line is longer than SECRET_MAX_BYTES, -EBADMSG for other characters. */
int secret_parse(const char *data, size_t size, char **ret);

/* The same for what can be read from fd. May read beyond the first line. */
int secret_read(int fd, char **ret);

/* One line of a terminal, whatever it holds, without white space around it, in which a page that was
 * copied from is inventive; "" where nothing is left. -ECANCELED at the end of the input, -EMSGSIZE
 * for a line longer than SECRET_MAX_BYTES, -EBADMSG for one with a NUL. */
int secret_read_line(int fd, char **ret);

/* The same for the file of that name. */
int secret_read_file(const char *path, char **ret);

/* Erases and frees. NULL is fine. Returns NULL. */
char *secret_free(char *s);
DEFINE_CLEANUP(char *, secret_free)
