/* SPDX-License-Identifier: MIT */

/* A proxy from the environment: it is used, and sees the host name and nothing else. */

#include "http-rig.h"

static void through_a_proxy(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = {};

        check_int(setenv("https_proxy", from_environment("URL_PROXY"), 1), 0);
        check_int(start(&rig, &a, "URL_GOOD", "/echo", "secret=form", "OAuth secret-token"), 0);
        run_until_answered(&rig, &a);
        check_int(unsetenv("https_proxy"), 0);

        check_int(a.answer.r, 0);
        check(strstr(secret_string(a.body), "secret=form"));
        check(strstr(secret_string(a.body), "Authorization: OAuth secret-token"));
        check(server_saw(&rig, "proxy", "CONNECT 127.0.0.1:"));
        check(!server_saw(&rig, "proxy", "secret"));
        check(!server_saw(&rig, "proxy", "Authorization"));
}

static void a_loss_behind_a_proxy(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        check_int(setenv("https_proxy", from_environment("URL_PROXY"), 1), 0);
        expect_failure(&rig, "URL_GOOD", "/reset", CONDITION_OFFLINE, true);
        check_int(unsetenv("https_proxy"), 0);
}

static void a_proxy_that_refuses(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        check_int(setenv("https_proxy", from_environment("URL_REFUSING_PROXY"), 1), 0);
        expect_failure(&rig, "URL_GOOD", "/ok", CONDITION_OFFLINE, false);
        check_int(unsetenv("https_proxy"), 0);
        check(server_saw(&rig, "refusing-proxy", "CONNECT"));
        check(!server_saw(&rig, "refusing-proxy", "token=t"));
}

static void a_proxy_that_is_not_there(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        char url[128];

        (void) snprintf(url, sizeof(url), "http%s",
                        from_environment("URL_REFUSED") + strlen("https"));
        check_int(setenv("https_proxy", url, 1), 0);
        expect_failure(&rig, "URL_GOOD", "/ok", CONDITION_OFFLINE, false);
        check_int(setenv("https_proxy", "http://proxy.invalid:1", 1), 0);
        expect_failure(&rig, "URL_GOOD", "/ok", CONDITION_OFFLINE, false);
        check_int(unsetenv("https_proxy"), 0);
}

TEST_MAIN(TEST(through_a_proxy), TEST(a_loss_behind_a_proxy), TEST(a_proxy_that_refuses),
          TEST(a_proxy_that_is_not_there))
