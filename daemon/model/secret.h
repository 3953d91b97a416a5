/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A secret: bytes which live in pages for secrets, are kept out of swap and core dumps, and are
 * erased when the last reference goes. No format can print it; its bytes leave only through
 * secret_string(), so that a reader can find every place where that happens.
 *
 * Only its creator appends to it, and only until it is handed on.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

typedef struct Secret Secret;

/* An empty secret with room for capacity bytes. Returns 0 or -ENOMEM. */
int secret_new(size_t capacity, Secret **ret);

/* The same in the memory file fd, which is made long enough. Other holders of the file see what is
 * appended, even after this process has died; the bytes are erased there as well when the last
 * reference goes. The caller keeps fd. Returns 0 or a negative errno. */
int secret_new_shared(int fd, size_t capacity, Secret **ret);

/* A copy of length bytes. Returns 0 or -ENOMEM. */
int secret_new_from(const void *data, size_t length, Secret **ret);

/* prefix followed by the bytes of s. Returns 0 or -ENOMEM. */
int secret_new_prefixed(const char *prefix, const Secret *s, Secret **ret);

Secret *secret_ref(Secret *s);

/* Returns NULL. Takes NULL. */
Secret *secret_unref(Secret *s);
DEFINE_CLEANUP(Secret *, secret_unref)

/* Appends bytes, or a string. Returns 0; or -E2BIG if they exceed the capacity, in which case
 * nothing has changed. */
int secret_append(Secret *s, const void *data, size_t length);
int secret_append_string(Secret *s, const char *text);

/* Erases the bytes, so that there are none. */
void secret_clear(Secret *s);

/* The bytes, always followed by a NUL that is not counted. Valid as long as the reference. NULL
 * for NULL. */
const char *secret_string(const Secret *s);
size_t secret_length(const Secret *s);

/* Whether both hold the same bytes. The time this takes tells only the lengths. NULL equals
 * NULL. */
bool secret_equal(const Secret *a, const Secret *b);

/* A memory file with the bytes, sealed against any change, its offset at the start: it carries them
 * to another process. name is for debugging. The caller owns *ret_fd. Returns 0, or a negative
 * errno. */
int secret_to_memfd(const Secret *s, const char *name, int *ret_fd);

/* The bytes of a memory file, from its start to the first NUL. Returns 0, -EBADMSG if it is empty
 * or larger than 256 KiB, or a negative errno. */
int secret_from_memfd(int fd, Secret **ret);
