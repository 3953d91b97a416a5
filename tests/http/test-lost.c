/* SPDX-License-Identifier: MIT */

/* Connections that fail: before the request went out, and after. */

#include "http-rig.h"

static void before_the_request(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_failure(&rig, "URL_REFUSED", "/", CONDITION_OFFLINE, false);
        expect_failure(&rig, "https://name.invalid", "/", CONDITION_OFFLINE, false);
        expect_failure(&rig, "URL_RESETTING", "/", CONDITION_SERVER_TROUBLE, false);
}

static void no_handshake_in_time(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        http_set_limits(rig.http, (HttpLimits){ .connect_ms = 50, .total_ms = 60000 });
        expect_failure(&rig, "URL_DEAF", "/", CONDITION_OFFLINE, false);
        http_set_limits(rig.http, (HttpLimits){ .connect_ms = 60000, .total_ms = 50 });
        expect_failure(&rig, "URL_DEAF", "/", CONDITION_OFFLINE, false);
}

static void after_the_request(void) {
        static const char *const paths[] = {
                "/reset", "/reset-midway", "/closed",    "/closed-without-notice",
                "/cut",   "/cut-head",     "/cut-chunk",
        };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                expect_failure(&rig, "URL_GOOD", paths[i], CONDITION_OFFLINE, true);
                check(server_saw(&rig, "good", paths[i]));
        }
}

/* If the answer to a request was lost, only the caller may send it again. */
static void nothing_is_sent_twice(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = {};

        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        a = ask(&rig, "URL_GOOD", "/closed", "once=a73c");
        check(a.answer.lost);
        check(server_saw(&rig, "good", "once=a73c"));

        _cleanup_(asked_done) Asked seen = ask(&rig, "URL_GOOD", "/seen/good", NULL);
        const char *first = strstr(secret_string(seen.body), "once=a73c");

        check(first && !strstr(first + 1, "once=a73c"));
}

/* If the machine is too busy for a handshake within the limit, a longer one is tried. */
static void no_answer_in_time(void) {
        static const char *const paths[] = { "/silent", "/stuck", "/drip" };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                bool lost = false;

                for (long ms = 100; !lost; ms *= 2) {
                        _cleanup_(rig_done) Rig rig = rig_new();
                        _cleanup_(asked_done) Asked a = {};

                        http_set_limits(rig.http, (HttpLimits){ ms, ms });
                        a = ask(&rig, "URL_GOOD", paths[i], "token=t");
                        check_int(a.answer.r, CONDITION_OFFLINE);
                        lost = a.answer.lost;
                }
        }
}

TEST_MAIN(TEST(before_the_request), TEST(no_handshake_in_time), TEST(after_the_request),
          TEST(nothing_is_sent_twice), TEST(no_answer_in_time))
