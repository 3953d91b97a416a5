/* SPDX-License-Identifier: MIT */
#pragma once

/* Whole files. */

#include "common/util.h"

/* Reads up to max bytes until the end. A NUL follows them. Returns 0, -EFBIG if there are more, or
 * another negative errno. The caller frees *ret. */
int input_read(FILE *f, size_t max, char **ret, size_t *ret_size);
int input_read_file(const char *path, size_t max, char **ret, size_t *ret_size);
