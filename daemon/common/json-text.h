/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What we take for JSON, whatever version of json-c reads it afterwards.
 *
 * json-c's strict mode differs between its versions: 0.18 refuses every byte above 0x7f in a
 * string, 0.19 every number that overflows. Its lax mode is the same in all of them, but takes a
 * lot that is no JSON. So a text is checked here first, and json-c reads it in its lax mode.
 *
 * A text passes if it is one value of RFC 8259 in valid UTF-8, with nothing but white space around
 * it, and at most JSON_DEPTH_MAX objects and arrays inside of each other. Two things pass beyond
 * that, since there are programs that write them and only one thing they can mean, and since a
 * token must not be lost because of what stands beside it: control characters inside a string that
 * are not escaped, and NaN, Infinity and -Infinity, which Python writes. Comments, single quotes,
 * commas at the end, leading zeros, names without quotes and words in capitals do not pass. Neither
 * does a name with a NUL in it, which json-c would cut short.
 *
 * If a name comes twice, the last one counts. One difference remains: up to 0.18 json-c reads some
 * characters beyond U+FFFF as U+FFFD if they are escaped, such as U+1D800 and U+2D800, which can
 * only be in a text for people.
 */

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 16

bool json_text_is_valid(const char *text);

/* The same, but bytes that are no UTF-8 pass inside of strings. json-c takes them as they are, so a
 * string that is used must be checked. */
bool json_text_is_well_formed(const char *text);

/* The text behind a byte order mark, which RFC 8259 lets a reader ignore. json-c does not. */
const char *json_text_begin(const char *text);

/* Reads a number that stands between quotes, such as "31536000" or "-1.5". What is behind the point
 * is cut off, and what does not fit becomes the nearest number that does. False if s is no such
 * number, with *ret untouched. */
bool json_text_to_int(const char *s, int64_t *ret);
