/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Secrets in sealed memory files: what a file descriptor carries to another process without the
 * bytes passing anything in between.
 */

#include "model/secret.h"

/* A memory file with the bytes, sealed against any change, its offset at the start. The caller owns
 * *ret_fd. 0 or a negative errno. */
int memfd_from_secret(const char *name, const Secret *s, int *ret_fd);

/* Reads all of it, of at most 256 KiB, from the start. 0 or a negative errno. */
int memfd_to_secret(int fd, Secret **ret);
