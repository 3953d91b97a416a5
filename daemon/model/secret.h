/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A secret: bytes which live in pages of their own, kept out of swap and core dumps, and erased
 * when the last reference goes. No format can print it; its bytes leave only through
 * secret_string(), so that a reader can find every place where that happens.
 *
 * Whoever creates one may append to it; once it has been handed to somebody else it is read only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

typedef struct Secret Secret;

/* An empty secret with room for capacity bytes. 0, -ENOMEM. */
int secret_new(size_t capacity, Secret **ret);

/* The same in the memory file fd, which this makes long enough: whoever else has the file sees what is
 * appended, even after our death, and it is erased there, too, when the last reference goes. The file
 * stays the caller's. 0 or a negative errno. */
int secret_new_shared(int fd, size_t capacity, Secret **ret);

/* A copy of length bytes. 0, -ENOMEM. */
int secret_new_from(const void *data, size_t length, Secret **ret);

Secret *secret_ref(Secret *s);

/* Returns NULL. Takes NULL. */
Secret *secret_unref(Secret *s);
DEFINE_CLEANUP(Secret *, secret_unref)

/* Appends bytes. 0; -E2BIG, and nothing changed, where they exceed the capacity. */
int secret_append(Secret *s, const void *data, size_t length);

/* Appends a string. As secret_append(). */
int secret_append_string(Secret *s, const char *text);

/* The bytes, always followed by a NUL that is not counted. Valid as long as the reference. NULL
 * for NULL. */
const char *secret_string(const Secret *s);
size_t secret_length(const Secret *s);

/* Whether both hold the same bytes, in a time that tells only the lengths. NULL equals NULL. */
bool secret_equal(const Secret *a, const Secret *b);

/* A memory file with the bytes, sealed against any change, its offset at the start: it carries them to another
 * process. name is for debugging. The caller owns *ret_fd. Returns 0, or a negative errno. */
int secret_to_memfd(const Secret *s, const char *name, int *ret_fd);

/* The bytes of a memory file, from its start to the first NUL. Returns 0, -EBADMSG if it is empty or larger than
 * 256 KiB, or a negative errno. */
int secret_from_memfd(int fd, Secret **ret);
