/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Null-safe readers over json-c for documents that hold secrets and come from the network or the
 * keyring. A value that is null or has the wrong type, and a string that contains a NUL, read as
 * absent. A string may have bytes that are no UTF-8; a caller that uses it checks it. If a name
 * comes twice, the last one counts, even if it reads as absent.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/strv.h"
#include "model/secret.h"

typedef struct json_object Json;

/* Parses exactly one JSON object of at most 256 KiB, also behind a byte order mark; see
 * json_text_is_well_formed() for what passes. Returns 0; -EBADMSG if the text is anything else;
 * -ENOMEM. */
int json_parse(const Secret *text, Json **ret);

int json_new(Json **ret);

/* Returns NULL. Takes NULL. */
Json *json_free(Json *j);
DEFINE_CLEANUP(Json *, json_free)

/* Prints a document as text. Returns 0, -ENOMEM or -E2BIG. */
int json_print(const Json *j, Secret **ret);

/* The string at key, or NULL. Valid as long as the document. */
const char *json_get_string(const Json *j, const char *key);

/* The number at key, which may stand between quotes; or fallback if there is none. What is behind
 * the point is cut off, and what does not fit becomes the nearest number that does. */
int64_t json_get_int(const Json *j, const char *key, int64_t fallback);
bool json_get_bool(const Json *j, const char *key, bool fallback);

/* Whether there is anything at key but null. */
bool json_has(const Json *j, const char *key);

/* The object at key, or NULL. It belongs to j. */
Json *json_get_object(const Json *j, const char *key);

/* A non-empty string at key as a secret. Returns 0; -ENODATA if there is none; -ENOMEM. */
int json_get_secret(const Json *j, const char *key, Secret **ret);

/* The array of strings at key; other elements are skipped. Returns 0 or -ENOMEM. */
int json_get_strv(const Json *j, const char *key, char ***ret);

/* Write a value. Return 0 or -ENOMEM. A value that is NULL is not written. */
int json_set_string(Json *j, const char *key, const char *value);
int json_set_int(Json *j, const char *key, int64_t value);
int json_set_bool(Json *j, const char *key, bool value);
int json_set_secret(Json *j, const char *key, const Secret *value);
int json_set_strv(Json *j, const char *key, char *const *value);

/* Takes the value, also on failure. */
int json_set_object(Json *j, const char *key, Json *value);

/* Percent-encodes every string of the document, but no name, so that it consists of letters, digits
 * and "-_.:~/%" (see model/percent.h): nothing in it can mean anything to a program that keeps or
 * shows it. Returns 0 or -ENOMEM. */
int json_encode_strings(Json *j);

/* The reverse. Returns 0; -EBADMSG if a string was not encoded so, in which case some strings are
 * already decoded; -ENOMEM. */
int json_decode_strings(Json *j);
