/* SPDX-License-Identifier: MIT */
#pragma once

/* What libcurl's result codes mean to us. */

#include <curl/curl.h>

/* 0 for CURLE_OK, a Condition, or a negative errno; *ret_reason is a static clause, or
 * NULL for 0. */
int http_error(CURLcode code, const char **ret_reason);

/* Why a certificate was not trusted, by CURLINFO_SSL_VERIFYRESULT: where it is its time, the clock may be
 * wrong. Static. */
const char *http_distrust(long verify_result);
