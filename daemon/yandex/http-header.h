/* SPDX-License-Identifier: MIT */
#pragma once

/* The two header fields of an answer that we read (RFC 9110, sections 5.6.7 and 10.2.3). */

#include <stdint.h>

/* UTC seconds of an HTTP-date, or 0 where it is none. Takes NULL. */
int64_t http_parse_date(const char *value);

/* Seconds to wait, from 0 to HTTP_RETRY_AFTER_MAX, of a value in seconds or of a date as seen from
 * now (UTC seconds); HTTP_NO_RETRY_AFTER where it is neither. Takes NULL. */
int64_t http_parse_retry_after(const char *value, int64_t now);
