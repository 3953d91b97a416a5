/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whom to trust when there is a CA file of the user's: the system's certificates and that file.
 * CURLOPT_CAINFO would replace the system's, so both are handed over together.
 */

#include <curl/curl.h>

/* Reads a file of PEM certificates. 0; the errno of reading it; -EISDIR, -EINVAL, -EFBIG where it
 * is no ordinary file or longer than 4 MiB; -EBADMSG where it holds no certificate. */
int http_trust_read(const char *path, char **ret_pem);

/* Makes a fresh handle trust system_bundle (NULL: the one libcurl was built with; may be missing),
 * libcurl's directory of certificates, and the given ones. The bundle is read each time, since
 * system updates replace it while the daemon lives for years. 0, -ENOMEM, or -ENOTSUP where libcurl
 * was built with a TLS library that cannot (GnuTLS before curl 8). */
int http_trust_apply(CURL *easy, const char *system_bundle, const char *pem);
