/* SPDX-License-Identifier: MIT */

/* What goes over the wire. */

#include "http-rig.h"

static bool has(const Asked *a, const char *text) {
        return strstr(secret_string(a->body), text) != NULL;
}

static void a_get(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = {};

        check_int(start(&rig, &a, "URL_GOOD", "/echo", NULL, "OAuth y0_a-b_c"), 0);
        run_until_answered(&rig, &a);
        check(has(&a, "GET /echo HTTP/1.1\r\n"));
        check(has(&a, "\r\nAuthorization: OAuth y0_a-b_c\r\n"));
        check(has(&a, "\r\nAccept: application/json\r\n"));
        check(has(&a, "\r\nUser-Agent: yadisk-tokend/" YADISK_VERSION "\r\n"));
        check(!has(&a, "Authorization: Basic")); /* of ~/.netrc */
        check(!has(&a, "Content-"));
        check(!has(&a, "Expect"));
        check(!has(&a, "Cookie"));
}

static void a_post(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/echo", "a=1&b=%2F");

        check(has(&a, "POST /echo HTTP/1.1\r\n"));
        check(has(&a, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
        check(has(&a, "\r\nContent-Length: 9\r\n"));
        check(has(&a, "\r\n\r\na=1&b=%2F"));
        check(!has(&a, "Authorization"));
        check(!has(&a, "Expect"));
}

static void an_empty_post(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/echo", "");

        check(has(&a, "POST /echo HTTP/1.1\r\n"));
        check(has(&a, "\r\nContent-Length: 0\r\n"));
}

static void a_long_post(void) {
        static char form[60001];
        _cleanup_(rig_done) Rig rig = rig_new();

        memset(form, 'f', sizeof(form) - 1);
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/echo", form);

        check(has(&a, "\r\nContent-Length: 60000\r\n"));
        check(has(&a, form));
        check(!has(&a, "Expect"));
}

/* From 1 MiB on libcurl would ask first whether it may send so much. */
static void a_very_long_post(void) {
        static char form[1024 * 1024 + 2];
        _cleanup_(rig_done) Rig rig = rig_new();

        memset(form, 'f', sizeof(form) - 1);
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", form);

        check_int(a.answer.r, 0);
        check(server_saw(&rig, "good", "POST /ok"));
        check(!server_saw(&rig, "good", "Expect"));
}

static void nothing_is_kept_between_requests(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked first = {};

        check_int(start(&rig, &first, "URL_GOOD", "/cookie", NULL, "OAuth y0_a"), 0);
        run_until_answered(&rig, &first);

        _cleanup_(asked_done) Asked second = ask(&rig, "URL_GOOD", "/echo", NULL);

        check(!has(&second, "Cookie"));
        check(!has(&second, "Authorization"));
}

static void only_https(void) {
        static const char *const urls[] = {
                "",     "127.0.0.1",           "http://127.0.0.1/", "file:///etc/passwd",
                "//a/", "gopher://127.0.0.1/", "https:/127.0.0.1/", " https://127.0.0.1/",
        };
        _cleanup_(rig_done) Rig rig = rig_new();
        Asked a = {};

        for (size_t i = 0; i < ELEMENTSOF(urls); i++)
                check_int(start(&rig, &a, urls[i], "", NULL, NULL), -EINVAL);
        check_int(start(&rig, &a, "URL_PLAIN", "/", NULL, NULL), -EINVAL);
        check(!a.call);
        check(!server_saw(&rig, "plain", ""));
}

static void addresses_that_are_none(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_failure(&rig, "https://", "", -EINVAL, false);
        expect_failure(&rig, "https://127.0.0.1:99999", "/", -EINVAL, false);
}

static void no_user_in_the_address(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_failure(&rig, "https://user:password@127.0.0.1:1", "/", CONDITION_SERVER_TROUBLE,
                       false);
}

/* A header value that is two lines would be two headers. */
static void authorization_is_one_line(void) {
        static const char *const values[] = { "", "OAuth a\r\nX: y", "OAuth a\n", "OAuth \x7f",
                                              "OAuth\ta" };
        _cleanup_(rig_done) Rig rig = rig_new();
        Asked a = {};

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                check_int(start(&rig, &a, "URL_GOOD", "/echo", NULL, values[i]), -EINVAL);
        check(!a.call);
}

/* The very long one is first, since only the beginning of what a server saw can be asked. */
TEST_MAIN(TEST(a_very_long_post), TEST(a_get), TEST(a_post), TEST(an_empty_post), TEST(a_long_post),
          TEST(nothing_is_kept_between_requests), TEST(only_https), TEST(addresses_that_are_none),
          TEST(no_user_in_the_address), TEST(authorization_is_one_line))
