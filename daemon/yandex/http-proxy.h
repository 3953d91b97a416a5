/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether it was the proxy that a request failed at, and what is wrong with it. libcurl says the same of a proxy as
 * of a server, or that the connection broke. */

#include <curl/curl.h>

/* The proxy that libcurl takes from the environment for this address: "http://proxy.example:3128", as it is written
 * there but without a user, a password and a path. *ret is NULL if there is none. 0 or -ENOMEM. */
int http_proxy_find(const char *url, char **ret);

/* What is wrong, of a request that failed before it was sent and goes through a proxy. connect_code is what the proxy
 * answered, or 0 (CURLINFO_HTTP_CONNECTCODE). A static clause; NULL if the proxy did its work. */
const char *http_proxy_reason(CURLcode code, long connect_code);
