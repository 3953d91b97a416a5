/* SPDX-License-Identifier: MIT */

/* Which servers are trusted. */

#include "http-rig.h"

/* The server is not believed, and learns nothing. */
static void expect_distrust(Rig *rig, const char *url, const char *server) {
        expect_failure(rig, url, "/ok", CONDITION_SERVER_TROUBLE, false);
        if (server)
                check(!server_saw(rig, server, ""));
}

static void untrusted_servers_get_nothing(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_distrust(&rig, "URL_SELF_SIGNED", "self-signed");
        expect_distrust(&rig, "URL_EXPIRED", "expired");
        expect_distrust(&rig, "URL_NOT_YET_VALID", "not-yet-valid");
        expect_distrust(&rig, "URL_WRONG_HOST", "wrong-host");
        expect_distrust(&rig, "URL_COMMON_NAME", "common-name");
        expect_distrust(&rig, "URL_COMMON_NAME_AND_OTHERS", "common-name-and-others");
        expect_distrust(&rig, "URL_BY_STRANGER", "by-stranger");
        expect_distrust(&rig, "URL_BY_SYSTEM", "by-system");
        expect_distrust(&rig, "URL_TLS_1_1", NULL);
        check(!server_saw(&rig, "good", "POST"));
}

static const char *why_untrusted(Rig *rig, const char *server) {
        _cleanup_(asked_done) Asked a = ask(rig, server, "/ok", NULL);

        check_int(a.answer.r, CONDITION_SERVER_TROUBLE);
        check(a.answer.untrusted);
        return a.answer.reason;
}

static void what_is_wrong_with_a_certificate_is_told(void) {
        static const char distrust[] = "the server's certificate is not trusted";
        _cleanup_(rig_done) Rig rig = rig_new();

        check_str(why_untrusted(&rig, "URL_SELF_SIGNED"), distrust);
        check_str(why_untrusted(&rig, "URL_WRONG_HOST"), distrust);
        check_str(why_untrusted(&rig, "URL_BY_STRANGER"), distrust);

        /* Which may be the fault of our clock. */
        check_str(why_untrusted(&rig, "URL_EXPIRED"),
                  "the server's certificate is no longer valid by the clock of this machine");
        check_str(why_untrusted(&rig, "URL_NOT_YET_VALID"),
                  "the server's certificate is not valid yet by the clock of this machine");
}

static void a_host_name_that_does_not_count_is_told(void) {
        static const char nameless[] = "the server's certificate has no subjectAltName with a host "
                                       "name, and elsewhere in it a host name does not count";
        _cleanup_(rig_done) Rig rig = rig_new();

        check_str(why_untrusted(&rig, "URL_COMMON_NAME"), nameless);
        /* libcurl 8.23 keeps to itself what we have told it of this one. */
        if (curl_version_info(CURLVERSION_NOW)->version_num < 0x081700)
                check_str(why_untrusted(&rig, "URL_COMMON_NAME_AND_OTHERS"), nameless);
}

static void what_is_no_matter_of_trust_is_not_called_so(void) {
        static const char *const others[] = { "URL_TLS_1_1", "URL_REFUSED", "URL_RESETTING" };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                _cleanup_(asked_done) Asked a = ask(&rig, others[i], "/ok", NULL);

                check(a.answer.r != 0);
                check(!a.answer.untrusted);
        }
        _cleanup_(asked_done) Asked good = ask(&rig, "URL_GOOD", "/ok", NULL);

        check(!good.answer.untrusted);
}

static void a_server_without_tls_gets_no_request(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        char url[128] = "https";

        (void) snprintf(url, sizeof(url), "https%s",
                        from_environment("URL_PLAIN") + strlen("http"));
        expect_failure(&rig, url, "/", CONDITION_SERVER_TROUBLE, false);
        check(server_saw(&rig, "plain", "")); /* the beginning of a handshake */
        check(!server_saw(&rig, "plain", "token"));
}

static void both_the_system_and_the_file_are_trusted(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        http_trust_set_system(http_trust(rig.http), from_environment("CA_SYSTEM"), NULL);
        _cleanup_(asked_done) Asked ours = ask(&rig, "URL_GOOD", "/ok", NULL);
        _cleanup_(asked_done) Asked systems = ask(&rig, "URL_BY_SYSTEM", "/ok", NULL);

        check_int(ours.answer.r, 0);
        check_int(systems.answer.r, 0);
        expect_distrust(&rig, "URL_BY_STRANGER", "by-stranger");
}

static void the_folder_of_the_system_is_trusted(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        http_trust_set_system(http_trust(rig.http), NULL, from_environment("CA_HASHED"));
        _cleanup_(asked_done) Asked ours = ask(&rig, "URL_GOOD", "/ok", NULL);
        _cleanup_(asked_done) Asked systems = ask(&rig, "URL_BY_SYSTEM", "/ok", NULL);

        check_int(ours.answer.r, 0);
        check_int(systems.answer.r, 0);
        expect_distrust(&rig, "URL_BY_STRANGER", "by-stranger");
}

/* As the daemon has it. */
static void the_real_bundle_does_no_harm(void) {
        _cleanup_(rig_done) Rig rig = rig_new_with(from_environment("CA_OURS"));

        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", NULL);

        check_int(a.answer.r, 0);
        expect_distrust(&rig, "URL_BY_STRANGER", "by-stranger");
}

static void without_a_file_the_system_alone_is_trusted(void) {
        _cleanup_(asked_done) Asked a = {};
        _cleanup_(rig_done) Rig rig = rig_new_with(NULL);

        a = ask(&rig, "URL_GOOD", "/ok", NULL);
        check_int(a.answer.r, CONDITION_SERVER_TROUBLE);
        check(!a.answer.lost);
}

static void bad_files_are_refused(void) {
        static const struct {
                const char *file;
                int r;
        } rows[] = {
                { "CA_MISSING", -ENOENT },
                { "CA_FOLDER", -EISDIR },
                { "CA_EMPTY", -EBADMSG },
                { "CA_KEY_ONLY", -EBADMSG },
        };
        _cleanup_(rig_done) Rig rig = rig_new();
        Http *http = NULL;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                check_int(http_new(rig.event, from_environment(rows[i].file), &http), rows[i].r);
        check_int(http_new(rig.event, "/dev/null", &http), -EINVAL);
        check(!http);
}

static void expect_unreadable(Rig rig) {
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", "a=b");

        check_int(a.answer.r, CONDITION_SERVER_TROUBLE);
        check_str(a.answer.reason, "the trusted certificates cannot be read");
        check(!a.answer.lost);
        rig_done(&rig);
}

/* What looks like certificates from afar, also behind a good one. Nobody is asked for a
 * password. */
static void a_garbled_file_means_no_connection(void) {
        expect_unreadable(rig_new_with(from_environment("CA_GARBLED")));
        expect_unreadable(rig_new_with(from_environment("CA_HALF_GARBLED")));
        expect_unreadable(rig_new_with(from_environment("CA_PASSWORD")));
}

/* A system without any, such as a container. */
static void without_the_bundle_of_the_system_there_is_no_connection(void) {
        Rig rig = rig_new_with(NULL);

        http_trust_set_system(http_trust(rig.http), from_environment("CA_MISSING"), NULL);
        expect_unreadable(rig);
}

/* With a file of one's own there is. */
static void the_file_alone_will_do(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        http_trust_set_system(http_trust(rig.http), from_environment("CA_MISSING"),
                              from_environment("CA_MISSING"));
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
}

TEST_MAIN(TEST(untrusted_servers_get_nothing), TEST(what_is_wrong_with_a_certificate_is_told),
          TEST(what_is_no_matter_of_trust_is_not_called_so),
          TEST(a_server_without_tls_gets_no_request),
          TEST(both_the_system_and_the_file_are_trusted), TEST(the_real_bundle_does_no_harm),
          TEST(without_a_file_the_system_alone_is_trusted), TEST(bad_files_are_refused),
          TEST(a_garbled_file_means_no_connection), TEST(the_folder_of_the_system_is_trusted),
          TEST(a_host_name_that_does_not_count_is_told),
          TEST(without_the_bundle_of_the_system_there_is_no_connection),
          TEST(the_file_alone_will_do))
