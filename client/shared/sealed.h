/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading a token out of the sealed memfd in which the daemon hands it over. */

#include <stddef.h>

#include "common/util.h"

/* No token is longer. Yandex's are well below 200 bytes. */
#define SEALED_MAX_BYTES ((size_t) 16384)

/*
 * Reads prefix followed by the whole content of fd into one new string, which the caller erases and
 * frees with sealed_free(). The file offset does not matter and stays.
 *
 * The content cannot change underneath: -EPERM unless fd is sealed against writing, growing and
 * shrinking. -EBADMSG where it is not 1 to SEALED_MAX_BYTES printable ASCII characters, so what is
 * returned is always fit for a header line.
 */
int sealed_read(int fd, const char *prefix, char **ret);

/* Erases and frees a string. NULL is fine. Returns NULL. */
char *sealed_free(char *s);
DEFINE_CLEANUP(char *, sealed_free)
