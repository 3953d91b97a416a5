/* SPDX-License-Identifier: MIT */
#pragma once

/* Spans of time and points in time, as people read and write them, and the clocks. */

#include <stdint.h>

#define USEC_PER_SEC UINT64_C(1000000)

/* The end of the year 9999, the last one that RFC 3339 has; UTC seconds. */
#define TIME_LAST INT64_C(253402300799)

/* Enough for every language of the catalogue. */
#define DURATION_MAX_BYTES 96
#define TIME_MAX_BYTES     160

/* Reads "90", "90s", "5min", "2h", "1h 30min", "1d" or "2w"; *ret is in seconds. A number without a
 * unit stands alone. Returns 0; -EINVAL for anything else, also for a negative number; -ERANGE
 * above 2^32-1 seconds. */
int duration_parse(const char *s, uint32_t *ret);

/* Prints how far away a time is, rounded down: "in 364 days", "3 hours ago", "now". Both are UTC
 * seconds. Returns buffer. */
const char *duration_print(uint64_t when, uint64_t now, char buffer[static DURATION_MAX_BYTES]);

/* Prints the same without "in" or "ago": "5 minutes". Returns buffer. */
const char *duration_print_span(uint64_t seconds, char buffer[static DURATION_MAX_BYTES]);

/* Prints a time of UTC seconds in local time, and how far away it is: "2027-11-23 14:42 (in 364
 * days)". 0 is "unknown". Returns buffer. */
const char *time_print(uint64_t when, uint64_t now, char buffer[static TIME_MAX_BYTES]);

/* UTC seconds. */
uint64_t time_now(void);

/* Microseconds of CLOCK_MONOTONIC, for waiting: no change of the machine's clock affects it. */
uint64_t monotonic_usec(void);
