/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Null-safe readers over json-c for documents that hold secrets and come from strangers. What is null or of
 * the wrong type, and a string with a NUL in it, reads as absent. A document is erased when it is freed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/strv.h"
#include "model/secret.h"

typedef struct json_object Json;

/* Parses exactly one JSON object of at most 256 KiB; see common/json-text.h for what passes. 0; -EBADMSG where
 * the bytes are not that; -ENOMEM. */
int json_parse(const Secret *text, Json **ret);

int json_new(Json **ret);

/* Erases every string in the document, then frees it. Returns NULL. */
Json *json_free(Json *j);
DEFINE_CLEANUP(Json *, json_free)

/* Serialises. 0, -ENOMEM, -E2BIG. */
int json_print(const Json *j, Secret **ret);

/* The string at key, or NULL; valid as long as the document. */
const char *json_get_string(const Json *j, const char *key);

/* The number at key, also one between quotes, without what is behind its point and cut to the nearest that
 * fits; or fallback. */
int64_t json_get_int(const Json *j, const char *key, int64_t fallback);
bool json_get_bool(const Json *j, const char *key, bool fallback);

/* Whether there is anything at key but null. */
bool json_has(const Json *j, const char *key);

/* The object at key, or NULL; belongs to j. */
Json *json_get_object(const Json *j, const char *key);

/* A non-empty string at key as a secret. 0; -ENODATA where there is none; -ENOMEM. */
int json_get_secret(const Json *j, const char *key, Secret **ret);

/* An array of strings at key; other elements are skipped. 0, -ENOMEM. */
int json_get_strv(const Json *j, const char *key, char ***ret);

/* Writers: 0 or -ENOMEM. NULL values are not written. */
int json_set_string(Json *j, const char *key, const char *value);
int json_set_int(Json *j, const char *key, int64_t value);
int json_set_bool(Json *j, const char *key, bool value);
int json_set_secret(Json *j, const char *key, const Secret *value);
int json_set_strv(Json *j, const char *key, char *const *value);

/* Takes the value, also on failure. */
int json_set_object(Json *j, const char *key, Json *value);

/* Makes every string of the document, but no name, one of letters, digits and "-_.:~/%" (see model/percent.h),
 * so that nothing in it can mean anything to a program that keeps or shows it. 0 or -ENOMEM. */
int json_encode_strings(Json *j);

/* The reverse. 0; -EBADMSG if a string was not encoded so, and then some of them are decoded; -ENOMEM. */
int json_decode_strings(Json *j);
