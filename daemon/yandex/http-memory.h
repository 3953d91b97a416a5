/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libcurl copies header lines, request bodies and answers into buffers of its own, and frees them
 * as they are. With these allocators underneath, whatever it frees is erased first.
 */

#include <curl/curl.h>

/* curl_global_init() with these allocators; to be undone by curl_global_cleanup(). */
CURLcode http_memory_init(void);

/* What was freed goes back to the system, which malloc() by itself does not do with memory in the middle. */
void http_memory_give_back(void);
