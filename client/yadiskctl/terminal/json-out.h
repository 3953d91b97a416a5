/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A JSON document that is being written, on one line.
 *
 * Keys are our own string literals; a value in an array has the key NULL. If memory runs out,
 * json_finish() notices, so the calls before it need no check; each of them accepts NULL in place
 * of a Json. The text may contain a token, so it is erased whenever it is freed.
 */

#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct Json Json;

/* Begins a new document: {"version":1. Returns NULL if memory runs out. */
Json *json_new(void);
Json *json_free(Json *j);
DEFINE_CLEANUP(Json *, json_free)

/* Begin and end an object with "{" and "}", an array with "[" and "]". */
void json_begin(Json *j, const char *key, const char *bracket);
void json_end(Json *j, const char *bracket);

/* NULL becomes null. What is not UTF-8 becomes U+FFFD; what a terminal could act on is escaped. */
void json_string(Json *j, const char *key, const char *value);
void json_strings(Json *j, const char *key, char *const *values);
void json_unsigned(Json *j, const char *key, uint64_t value);
void json_bool(Json *j, const char *key, bool value);

/* Writes UTC seconds; 0 becomes null. */
void json_time(Json *j, const char *key, uint64_t value);

/* Ends the document. Returns its text with a newline, which j owns, or NULL if memory ran out. */
const char *json_finish(Json *j);

/* Ends the document and writes it to stdout. */
ExitStatus json_write(Json *j);
