/* SPDX-License-Identifier: MIT */
#pragma once

/* NULL-terminated arrays of strings; NULL is the empty array. The owner of the array owns its
 * strings. */

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

/* Frees the array and its strings. Returns NULL. */
char **strv_free(char **l);
DEFINE_CLEANUP(char **, strv_free)

size_t strv_length(char *const *l);
bool strv_contains(char *const *l, const char *s);

/* Whether both hold the same strings, in any order. */
bool strv_same_set(char *const *a, char *const *b);

/* Appends a copy of s. Returns 0, or -ENOMEM, in which case *l is as before. */
int strv_extend(char ***l, const char *s);

/* Removes and frees the strings that are equal to s. */
void strv_remove(char ***l, const char *s);

/* A deep copy; NULL for the empty array. Returns 0, or -ENOMEM. */
int strv_copy(char *const *l, char ***ret);

/* Splits at spaces, as scopes are written (RFC 6749 section 3.3), without empty strings. Returns 0,
 * or -ENOMEM. */
int strv_split(const char *s, char ***ret);

/* The reverse of strv_split(); "" for the empty array. Returns 0, or -ENOMEM. */
int strv_join(char *const *l, char **ret);
