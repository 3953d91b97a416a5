/* SPDX-License-Identifier: MIT */

/* For preloading: makes libcurl look like one that uses another TLS library. */

#include <curl/curl.h>

CURLsslset curl_global_sslset(curl_sslbackend id, const char *name,
                              const curl_ssl_backend ***available) {
        return CURLSSLSET_UNKNOWN_BACKEND;
}
