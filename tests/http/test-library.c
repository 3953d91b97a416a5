/* SPDX-License-Identifier: MIT */

/* A libcurl that does not use OpenSSL, or another one than ours, is refused. */

#include <openssl/opensslv.h>

#include "http-rig.h"

static CURLsslset outcome;
static const char *version;

/* They take the place of libcurl's. */
CURLsslset curl_global_sslset(curl_sslbackend id, const char *name,
                              const curl_ssl_backend ***available) {
        check_int(id, CURLSSLBACKEND_OPENSSL);
        return outcome;
}

curl_version_info_data *curl_version_info(CURLversion age) {
        static curl_version_info_data data;

        data.ssl_version = version;
        return &data;
}

static void expect(CURLsslset result, const char *text, bool is_supported) {
        sd_event *event = NULL;
        Http *http = NULL;

        outcome = result;
        version = text;
        check_int(sd_event_new(&event), 0);
        check_int(http_is_supported(), is_supported);
        check_int(http_new(event, NULL, &http), is_supported ? 0 : -ENOPKG);
        http_free(http);
        sd_event_unref(event);
}

static void ours_is_accepted(void) {
        expect(CURLSSLSET_OK, "OpenSSL/" OPENSSL_VERSION_STR, true);
        expect(CURLSSLSET_OK, "(GnuTLS/3.7.9) OpenSSL/" OPENSSL_VERSION_STR, true);
}

static void others_are_refused(void) {
        expect(CURLSSLSET_UNKNOWN_BACKEND, "GnuTLS/3.7.9", false);
        expect(CURLSSLSET_NO_BACKENDS, NULL, false);
        expect(CURLSSLSET_TOO_LATE, "(OpenSSL/" OPENSSL_VERSION_STR ") GnuTLS/3.7.9", false);
}

/* What we hand over is of our version. */
static void other_versions_are_refused(void) {
        expect(CURLSSLSET_OK, "OpenSSL/1.1.1w", false);
        expect(CURLSSLSET_OK, "OpenSSL/30.0", false);
        expect(CURLSSLSET_OK, "LibreSSL/3.7.2", false);
        expect(CURLSSLSET_OK, "BoringSSL", false);
        expect(CURLSSLSET_OK, NULL, false);
}

TEST_MAIN(TEST(ours_is_accepted), TEST(others_are_refused), TEST(other_versions_are_refused))
