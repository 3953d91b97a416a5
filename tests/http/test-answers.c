/* SPDX-License-Identifier: MIT */

/* Answers that come whole, and those that are too much or no HTTP. */

#include "http-rig.h"

static void good_answers(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        expect_answer(&rig, "/no-content", 204, "");
        expect_answer(&rig, "/unauthorized", 401, "{}");
        expect_answer(&rig, "/bad-gateway", 502, "<html>");
        expect_answer(&rig, "/no-such-path", 404, "");
        expect_answer(&rig, "/continued", 200, "after all");
        expect_answer(&rig, "/bad-encoding", 200, "not gzip");
        expect_answer(&rig, "/trailers", 200, "body");
}

/* Only a reader who knows how JSON ends can tell that such an answer is not whole. */
static void an_answer_without_a_length_ends_with_the_connection(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_answer(&rig, "/unframed", 200, "until I close");
}

/* An attacker may have cut it. Newer versions of curl say so; others pass on what came, which is no
 * JSON. */
static void the_end_of_a_connection_without_notice_is_no_good_end(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/cut-unframed", NULL);

        if (a.answer.r == 0) {
                check_str(secret_string(a.body), "{\"status\":");
        } else {
                check_int(a.answer.r, CONDITION_OFFLINE);
                check(a.answer.lost);
        }
}

static void redirects_are_not_followed(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_answer(&rig, "/redirect", 302, "elsewhere");
        expect_answer(&rig, "/permanent", 308, "");
        check(server_saw(&rig, "good", "GET /redirect"));
        check(!server_saw(&rig, "good", "/trap"));
}

static void nul_bytes_are_kept(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/nul", NULL);

        check_int(a.answer.r, 0);
        check_int((int64_t) secret_length(a.body), 4);
        check(memcmp(secret_string(a.body), "a\0b\0", 4) == 0);
}

static void up_to_the_limit(void) {
        static const char *const paths[] = { "/limit", "/limit-chunked" };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", paths[i], NULL);

                check_int(a.answer.r, 0);
                check_int((int64_t) secret_length(a.body), HTTP_ANSWER_MAX);
        }
}

static void too_much_or_no_http(void) {
        static const char *const paths[] = {
                "/beyond-limit", "/beyond-limit-chunked", "/mebibyte", "/mebibyte-chunked",
                "/long-line",    "/many-lines",           "/not-http", "/bare",
                "/bad-length",   "/nul-in-head",
        };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                expect_failure(&rig, "URL_GOOD", paths[i], CONDITION_SERVER_TROUBLE, true);
}

static void the_date_is_read(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked with = ask(&rig, "URL_GOOD", "/ok", NULL);
        _cleanup_(asked_done) Asked without = ask(&rig, "URL_GOOD", "/nul", NULL);

        check_int(with.answer.date, 784111777);
        check_int(without.answer.date, 0);
}

static void retry_after(void) {
        static const struct {
                const char *path;
                int64_t seconds;
        } rows[] = {
                { "/headers", HTTP_NO_RETRY_AFTER },
                { "/headers?Retry-After=17", 17 },
                { "/headers?retry-after=0", 0 },
                { "/headers?Retry-After=%20%2017%20", 17 },
                { "/headers?Retry-After=999999999999999999999", HTTP_RETRY_AFTER_MAX },
                { "/headers?Retry-After=soon", HTTP_NO_RETRY_AFTER },
                { "/headers?Retry-After=-1", HTTP_NO_RETRY_AFTER },
                { "/headers?Retry-After=", HTTP_NO_RETRY_AFTER },
                { "/headers?Date=Sun,%2006%20Nov%201994%2008:49:37%20GMT"
                  "&Retry-After=Sun,%2006%20Nov%201994%2008:50:37%20GMT",
                  60 },
                { "/headers?Date=Sun,%2006%20Nov%201994%2008:49:37%20GMT"
                  "&Retry-After=Sun,%2006%20Nov%201994%2008:48:37%20GMT",
                  0 },
                /* No Date: by our clock. */
                { "/headers?Retry-After=Sun,%2006%20Nov%201994%2008:48:37%20GMT", 0 },
                { "/headers?Retry-After=Fri,%2001%20Jan%202100%2000:00:00%20GMT",
                  HTTP_RETRY_AFTER_MAX },
        };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", rows[i].path, NULL);

                check_int(a.answer.status, 429);
                check_int(a.answer.retry_after, rows[i].seconds);
        }
}

static void many_at_once(void) {
        static Asked many[90]; /* what the budget lets through at once */
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(many); i++)
                check_int(start(&rig, &many[i], "URL_GOOD", "/ok", "a=b", NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(many); i++) {
                run_until_answered(&rig, &many[i]);
                check_int(many[i].answer.r, 0);
                check_str(secret_string(many[i].body), "{\"status\": \"ok\"}");
                asked_done(&many[i]);
        }
}

TEST_MAIN(TEST(good_answers), TEST(an_answer_without_a_length_ends_with_the_connection),
          TEST(the_end_of_a_connection_without_notice_is_no_good_end),
          TEST(redirects_are_not_followed), TEST(nul_bytes_are_kept), TEST(up_to_the_limit),
          TEST(too_much_or_no_http), TEST(the_date_is_read), TEST(retry_after), TEST(many_at_once))
