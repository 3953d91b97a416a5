/* SPDX-License-Identifier: MIT */
#pragma once

/* Spans of time as people write and read them. */

#include <stdint.h>

/* Enough for every language that is there. */
#define DURATION_MAX_BYTES 96
#define MOMENT_MAX_BYTES   160

/* "90", "90s", "5min", "2h", "1h 30min", "1d", "2w": *ret is in seconds. A number without a unit
 * stands alone. -EINVAL for anything else, negative ones too; -ERANGE above 2^32-1 seconds. */
int duration_parse(const char *s, uint32_t *ret);

/* How far away, rounded down: "in 364 days", "3 hours ago", "now". Returns buffer. */
const char *duration_print(uint64_t when, uint64_t now, char buffer[static DURATION_MAX_BYTES]);

/* The same without "in" or "ago": "5 minutes". Returns buffer. */
const char *duration_print_span(uint64_t seconds, char buffer[static DURATION_MAX_BYTES]);

/* When, in local time, and how far away: "2027-11-23 14:42 (in 364 days)". UTC seconds; 0 is
 * "unknown". Returns buffer. */
const char *moment_print(uint64_t when, uint64_t now, char buffer[static MOMENT_MAX_BYTES]);

/* UTC seconds. */
uint64_t moment_now(void);
