/* SPDX-License-Identifier: MIT */

/* libcurl and OpenSSL are loaded for the first request. A libcurl that cannot be loaded, does not
 * use OpenSSL, or another one than ours, fails the request and nothing else. */

#include <fcntl.h>
#include <openssl/opensslv.h>

#include "http-rig.h"

static CURLsslset outcome;
static const char *version;

static CURLsslset choose_backend(curl_sslbackend id, const char *name,
                                 const curl_ssl_backend ***available) {
        check_int(id, CURLSSLBACKEND_OPENSSL);
        return outcome;
}

static curl_version_info_data *version_info(CURLversion age) {
        static curl_version_info_data data;

        data.ssl_version = version;
        return &data;
}

/* The program with a folder in which an empty file stands for libcurl. */
_Noreturn static void run_with_broken_libcurl(char *argv[]) {
        char folder[] = "/tmp/test-library-XXXXXX", path[64];

        check(mkdtemp(folder));
        (void) snprintf(path, sizeof(path), "%s/libcurl.so.4", folder);
        check_int(fd_close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), -EBADF);
        check_int(setenv("LD_LIBRARY_PATH", folder, true), 0);
        check_int(setenv("BROKEN_LIBCURL", path, true), 0);
        (void) execv("/proc/self/exe", argv);
        abort();
}

/* After that the system's is found. */
static void mend_libcurl(void) {
        const char *reason;

        (void) unlink(from_environment("BROKEN_LIBCURL"));
        (void) rmdir(getenv("LD_LIBRARY_PATH"));
        check_int(http_library_load(&reason), 0);
}

static void expect_missing(Rig *rig, const char *reason) {
        _cleanup_(asked_done) Asked a = ask(rig, "URL_GOOD", "/ok", "token=t");

        check_int(a.answer.r, CONDITION_LIBRARY_MISSING);
        check_str(a.answer.reason, reason);
        check(!a.answer.lost && !a.answer.untrusted);
        check_int(a.answer.retry_after, HTTP_NO_RETRY_AFTER);
}

static void what_is_missing_is_told_each_time_until_it_is_there(void) {
        Rig rig = rig_new();
        Asked cancelled = {};

        expect_missing(&rig, "a library cannot be loaded (libcurl.so.4)");
        expect_missing(&rig, "a library cannot be loaded (libcurl.so.4)");
        check_int(start(&rig, &cancelled, "URL_GOOD", "/ok", NULL, NULL), 0);
        asked_done(&cancelled);
        check_int(sd_event_run(rig.event, 0), 0);
        check_int(cancelled.n_answers, 0);

        mend_libcurl();
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        rig_done(&rig);
}

static void expect(CURLsslset result, const char *text, bool is_supported) {
        Rig rig = rig_new();

        outcome = result;
        version = text;
        sym_curl_global_sslset = choose_backend;
        sym_curl_version_info = version_info;
        if (is_supported)
                expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        else
                expect_missing(&rig, "the libcurl that is loaded does not use OpenSSL, or another "
                                     "version of it than this program");
        rig_done(&rig);
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

int main(int argc, char *argv[]) {
        /* In this order: what is loaded stays. */
        static const Test tests[] = {
                TEST(what_is_missing_is_told_each_time_until_it_is_there),
                TEST(ours_is_accepted),
                TEST(others_are_refused),
                TEST(other_versions_are_refused),
        };

        if (!getenv("BROKEN_LIBCURL"))
                run_with_broken_libcurl(argv);
        return run_tests(argc, argv, tests, ELEMENTSOF(tests));
}
