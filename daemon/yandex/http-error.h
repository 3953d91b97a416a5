/* SPDX-License-Identifier: MIT */
#pragma once

/* What libcurl's result codes mean to us. */

#include <curl/curl.h>

/* 0 for CURLE_OK, a Condition, or a negative errno; *ret_reason is a static sentence for a log, or
 * NULL for 0. */
int http_error(CURLcode code, const char **ret_reason);
