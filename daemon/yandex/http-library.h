/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libcurl and OpenSSL, which a daemon that only serves does without: with the thirty libraries that
 * come with them they are half of its memory at rest, and of its start. Both are loaded for the
 * first request, and stay. Their functions are called by pointers: sym_curl_easy_init().
 */

#include <curl/curl.h>

#include "common/dynamic-library.h"

/* For a list of functions: declares the pointers, defines them, and makes the table. */
#define SYMBOL_DECLARE(function) extern __typeof__(function) *sym_##function;
#define SYMBOL_DEFINE(function)  __typeof__(function) *sym_##function;
#define SYMBOL_ROW(function)     { #function, &sym_##function },

/* clang-format off */
#define LIBCURL_FUNCTIONS(F)                                                                       \
        F(curl_easy_cleanup) F(curl_easy_getinfo) F(curl_easy_header) F(curl_easy_init)            \
        F(curl_easy_setopt) F(curl_getdate) F(curl_global_cleanup) F(curl_global_init)             \
        F(curl_global_sslset) F(curl_multi_add_handle) F(curl_multi_assign) F(curl_multi_cleanup)  \
        F(curl_multi_info_read) F(curl_multi_init) F(curl_multi_remove_handle)                     \
        F(curl_multi_setopt) F(curl_multi_socket_action) F(curl_slist_append)                      \
        F(curl_slist_free_all) F(curl_version_info)
/* clang-format on */

LIBCURL_FUNCTIONS(SYMBOL_DECLARE)

/* Checks what the macro of libcurl's headers would: that a number has the type that is read. */
#define easy_setopt(easy, option, value)                                                           \
        ({                                                                                         \
                _Static_assert((option) >= CURLOPTTYPE_OBJECTPOINT ||                              \
                                       __builtin_types_compatible_p(__typeof__(value), long),      \
                               "this option takes a long");                                        \
                _Static_assert(                                                                    \
                        (option) < CURLOPTTYPE_OFF_T ||                                            \
                                __builtin_types_compatible_p(__typeof__(value), curl_off_t),       \
                        "this option takes a curl_off_t");                                         \
                sym_curl_easy_setopt(easy, option, value);                                         \
        })

/* Loads libcurl. Returns 0, or CONDITION_LIBRARY_MISSING with the name of what is missing. */
int http_library_load(const char **ret_soname);

/* The same for another library. */
int http_library_load_as(DynamicLibrary *library, const char **ret_soname);
