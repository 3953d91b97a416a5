/* SPDX-License-Identifier: MIT */
#pragma once

/* NULL-terminated arrays of strings; NULL is the empty array. Whoever holds the array owns it all. */

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

/* Frees the array and its strings. Returns NULL. */
char **strv_free(char **l);
DEFINE_CLEANUP(char **, strv_free)

size_t strv_length(char *const *l);
bool strv_contains(char *const *l, const char *s);

/* Whether both hold the same strings, in whatever order. */
bool strv_same_set(char *const *a, char *const *b);

/* Appends a copy of s. 0 or -ENOMEM, where *l is as before. */
int strv_extend(char ***l, const char *s);

/* *ret becomes a deep copy; NULL for NULL. 0 or -ENOMEM. */
int strv_copy(char *const *l, char ***ret);

/* Splits at spaces, as scopes are written (RFC 6749 section 3.3); no empty strings. */
int strv_split(const char *s, char ***ret);

/* The reverse of strv_split(); "" for the empty array. */
int strv_join(char *const *l, char **ret);
