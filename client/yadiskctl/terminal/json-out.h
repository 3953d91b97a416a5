/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A JSON document being written, on one line.
 *
 * Keys are string literals of ours; NULL is the key of what stands in an array. Running out of
 * memory is noticed by json_finish(), so the calls in between need no check; NULL in place of a Json
 * is such a case. The text may hold a token, so it is erased wherever it is freed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct Json Json;

/* A new document, begun: {"version":1 */
Json *json_new(void);
Json *json_free(Json *j);
DEFINE_CLEANUP(Json *, json_free)

void json_object_begin(Json *j, const char *key);
void json_object_end(Json *j);
void json_array_begin(Json *j, const char *key);
void json_array_end(Json *j);

/* NULL is null. What is not UTF-8 becomes U+FFFD; what a terminal could act on is escaped. */
void json_string(Json *j, const char *key, const char *value);
void json_strings(Json *j, const char *key, char *const *values);
void json_unsigned(Json *j, const char *key, uint64_t value);
void json_bool(Json *j, const char *key, bool value);

/* UTC seconds; 0 is null. */
void json_time(Json *j, const char *key, uint64_t value);

/* Closes the document. Returns its text with an end of line, or NULL where memory ran out. It stays
 * with j. */
const char *json_finish(Json *j);

/* Closes the document and writes it to stdout. */
ExitStatus json_write(Json *j);
