/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which servers are trusted: those with a certificate by one of the system's authorities or of the
 * CA file, in which the host name stands where it counts.
 *
 * All requests share one OpenSSL store, since to parse the authorities of the world takes libcurl
 * most of a request's time, and it would do so for each connection. The store is made when the
 * first connection needs it. It takes most of a megabyte, so it is given back a minute after the
 * last request was over. The system's files are read anew each time, since updates replace them
 * while the daemon lives for years.
 */

#include <curl/curl.h>
#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct HttpTrust HttpTrust;

/* ca_file: trusted certificates (PEM) beside the system's, or NULL; read once. Returns 0; the errno
 * of reading it; -EISDIR, -EINVAL or -EFBIG if it is no ordinary file or longer than 4 MiB;
 * -EBADMSG if it holds no certificate; another negative errno. */
int http_trust_new(sd_event *event, const char *ca_file, HttpTrust **ret);
HttpTrust *http_trust_free(HttpTrust *t);
DEFINE_CLEANUP(HttpTrust *, http_trust_free)

/* Before curl_global_init(), when libcurl is loaded: loads OpenSSL, and chooses it for libcurl.
 * Returns 0, even if that was done before; or CONDITION_LIBRARY_MISSING, with the name of OpenSSL
 * if it cannot be loaded, or with NULL if this libcurl cannot work with it. */
int http_trust_open(const char **ret_soname);

/* A request begins, and easy is its transfer, which ends with CURLE_SSL_CACERT_BADFILE if the
 * authorities cannot be read or parsed. If the result is not CURLE_OK, the request has not
 * begun. */
CURLcode http_trust_begin(HttpTrust *t, CURL *easy);

/* The request is over, and its transfer is gone. */
void http_trust_end(HttpTrust *t);

/* For the tests alone. What counts as the system's, borrowed: a file and a folder of certificates,
 * each NULL for none. How long the store stays, and whether it is there. */
void http_trust_set_system(HttpTrust *t, const char *bundle, const char *directory);
void http_trust_set_keep(HttpTrust *t, uint64_t usec);
bool http_trust_is_loaded(const HttpTrust *t);
