/* SPDX-License-Identifier: MIT */
#pragma once

/* Secrets in our memory, and how to read a token from the sealed memfd in which the daemon passes
 * it. */

#include <stddef.h>

#include "common/util.h"

/* No token is longer. Those of Yandex are well below 200 bytes. */
#define SEALED_MAX_BYTES ((size_t) 16384)

/*
 * Reads the whole content of fd and puts prefix in front of it. The caller erases and frees *ret
 * with secret_free(). The file offset is neither used nor changed.
 *
 * Returns 0 or a negative errno: -EPERM unless fd is sealed against writing, growing and shrinking,
 * so that the content cannot change while it is read; -EBADMSG unless it is 1 to SEALED_MAX_BYTES
 * printable ASCII characters, so that the result always fits into a header line.
 */
int sealed_read(int fd, const char *prefix, char **ret);

/* Erases and frees a string. NULL is fine. Returns NULL. */
char *secret_free(char *s);
DEFINE_CLEANUP(char *, secret_free)
