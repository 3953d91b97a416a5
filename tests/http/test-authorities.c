/* SPDX-License-Identifier: MIT */

/* How often the certificates of the authorities are read: fopen() is ours here, by which OpenSSL
 * opens them for us, and would for libcurl. */

#include <dlfcn.h>

#include "http-rig.h"

#define MINUTE UINT64_C(60000000)

static const char *watched;
static unsigned n_opened;

static FILE *count_and_open(const char *name, const char *path, const char *mode) {
        FILE *(*real)(const char *, const char *);

        *(void **) &real = dlsym(RTLD_NEXT, name);
        n_opened += streq(path, watched);
        return real(path, mode);
}

/* They take the place of the C library's. */
__attribute__((visibility("default"))) FILE *fopen(const char *path, const char *mode) {
        return count_and_open("fopen", path, mode);
}

__attribute__((visibility("default"))) FILE *fopen64(const char *path, const char *mode) {
        return count_and_open("fopen64", path, mode);
}

static void find_bundle(void) {
        CURL *easy = curl_easy_init();

        check_int(curl_easy_getinfo(easy, CURLINFO_CAINFO, &watched), CURLE_OK);
        curl_easy_cleanup(easy);
        check(watched);
        n_opened = 0;
}

static void expect_trusted(Rig *rig, bool is_trusted) {
        _cleanup_(asked_done) Asked a = ask(rig, "URL_GOOD", "/ok", NULL);

        check_int(a.answer.r, is_trusted ? 0 : CONDITION_SERVER_TROUBLE);
}

static void run_until_given_back(Rig *rig) {
        while (http_trust_is_loaded(http_trust(rig->http)))
                check(sd_event_run(rig->event, UINT64_MAX) >= 0);
}

static void they_are_read_once_for_many_requests(Rig rig, bool is_trusted) {
        find_bundle();
        check(!http_trust_is_loaded(http_trust(rig.http)));
        for (unsigned i = 0; i < 5; i++)
                expect_trusted(&rig, is_trusted);
        check_int(n_opened, 1);

        /* The rest of that minute is not waited for. */
        http_trust_set_keep(http_trust(rig.http), 0);
        expect_trusted(&rig, is_trusted);
        check_int(n_opened, 1);
        run_until_given_back(&rig);

        http_trust_set_keep(http_trust(rig.http), MINUTE);
        for (unsigned i = 0; i < 3; i++)
                expect_trusted(&rig, is_trusted);
        check_int(n_opened, 2);
        rig_done(&rig);
}

static void with_a_file(void) {
        they_are_read_once_for_many_requests(rig_new_with(from_environment("CA_OURS")), true);
}

static void without_a_file(void) {
        they_are_read_once_for_many_requests(rig_new_with(NULL), false);
}

/* Nor does a request that waits for an answer give them back. */
static void they_stay_while_any_request_runs(void) {
        _cleanup_(rig_done) Rig rig = rig_new_with(from_environment("CA_OURS"));
        _cleanup_(asked_done) Asked silent = {};

        find_bundle();
        http_trust_set_keep(http_trust(rig.http), 0);
        check_int(start(&rig, &silent, "URL_GOOD", "/silent", NULL, NULL), 0);
        for (unsigned i = 0; i < 5; i++)
                expect_trusted(&rig, true);
        while (sd_event_run(rig.event, 0) > 0)
                ;
        check(http_trust_is_loaded(http_trust(rig.http)));
        check_int(n_opened, 1);

        asked_done(&silent);
        run_until_given_back(&rig);
}

static void without_a_connection_nothing_is_read(void) {
        _cleanup_(rig_done) Rig rig = rig_new_with(from_environment("CA_OURS"));

        find_bundle();
        expect_failure(&rig, "URL_REFUSED", "/", CONDITION_OFFLINE, false);
        check_int(n_opened, 0);
}

TEST_MAIN(TEST(with_a_file), TEST(without_a_file), TEST(they_stay_while_any_request_runs),
          TEST(without_a_connection_nothing_is_read))
