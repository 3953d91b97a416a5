/* SPDX-License-Identifier: MIT */
#pragma once

/* How a client secret comes in: from a file, a pipe or the keyboard. The caller erases and frees every *ret
 * with secret_free(). All return 0 or a negative errno. */

#include <stddef.h>

#include "shared/sealed.h"

/* A longer line is not taken for a secret. */
#define SECRET_MAX_BYTES ((size_t) 1024)

/* Takes the first line of data without white space around it. It must be printable ASCII without spaces, as
 * secrets are, so that a wrong file is noticed. Returns -ENODATA if nothing is left, -EMSGSIZE if the line is
 * longer than SECRET_MAX_BYTES, -EBADMSG if it has other characters. */
int secret_parse(const char *data, size_t size, char **ret);

/* Does the same with what can be read from fd, or from the file of that name. May read beyond the first line. */
int secret_read(int fd, char **ret);
int secret_read_file(const char *path, char **ret);

/* Reads one line from a terminal, whatever it contains, without white space around it: what is copied from a
 * page has all kinds of it. *ret is "" if nothing is left. Returns -ECANCELED at the end of the input,
 * -EMSGSIZE if the line is longer than SECRET_MAX_BYTES, -EBADMSG if it contains a NUL. */
int secret_read_line(int fd, char **ret);
