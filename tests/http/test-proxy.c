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

/* The address of a server as that of a proxy. */
static void set_proxy(const char *server, const char *user) {
        const char *url = from_environment(server);
        char text[256];

        (void) snprintf(text, sizeof(text), "http://%s%s", user,
                        strstr(url, "://") + strlen("://"));
        check_int(setenv("https_proxy", text, 1), 0);
}

static void unset_proxy(void) {
        check_int(unsetenv("https_proxy"), 0);
}

/* What the user is told: the clause, and the address of the proxy. */
static void expect_reason(Rig *rig, const char *server, const char *clause) {
        _cleanup_(asked_done) Asked a = ask(rig, "URL_GOOD", "/ok", "token=t");
        char text[512];

        (void) snprintf(text, sizeof(text), "%s (http://%s)", clause,
                        strstr(from_environment(server), "://") + strlen("://"));
        check_int(a.answer.r, CONDITION_OFFLINE);
        check(!a.answer.lost && !a.answer.untrusted);
        check_int(a.answer.retry_after, HTTP_NO_RETRY_AFTER);
        check_str(a.answer.reason, text);
}

/* Nothing that it says is an answer of Yandex. */
static void a_proxy_that_refuses(void) {
        static const struct {
                const char *user;
                const char *clause;
        } rows[] = {
                { "",
                  "the proxy does not let this machine through to Yandex; ask those who run it" },
                { "403:se%2Fcr%40t@",
                  "the proxy does not let this machine through to Yandex; ask those who run it" },
                { "407:secret@",
                  "the proxy asks for a user name and a password; put them into https_proxy" },
                { "302:secret@", "the proxy wants to show a page of its own first; open any page "
                                 "in the browser to see it" },
                { "503:secret@", "the proxy itself cannot reach Yandex" },
                { "502:secret@", "the proxy itself cannot reach Yandex" },
                { "400:secret@", "the proxy refuses to connect to Yandex" },
                { "401:secret@", "the proxy refuses to connect to Yandex" },
                { "429:secret@", "the proxy refuses to connect to Yandex" },
                { "garbage:secret@", "the proxy does not answer as one should; check https_proxy" },
                { "closed:secret@", "the proxy does not answer as one should; check https_proxy" },
                { "reset:secret@", "the proxy does not answer as one should; check https_proxy" },
        };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                set_proxy("URL_REFUSING_PROXY", rows[i].user);
                expect_reason(&rig, "URL_REFUSING_PROXY", rows[i].clause);
        }
        unset_proxy();
        check(server_saw(&rig, "refusing-proxy", "CONNECT"));
        check(!server_saw(&rig, "refusing-proxy", "token=t"));
}

static void a_proxy_that_says_nothing(void) {
        static const HttpLimits limits = { .connect_ms = 5000, .total_ms = 300 };
        _cleanup_(rig_done) Rig rig = rig_new();

        http_set_limits(rig.http, limits);
        set_proxy("URL_REFUSING_PROXY", "silent:secret@");
        expect_reason(&rig, "URL_REFUSING_PROXY", "the proxy does not answer in time");
        unset_proxy();
}

static void a_proxy_that_is_not_there(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        set_proxy("URL_REFUSED", "user:secret@");
        expect_reason(&rig, "URL_REFUSED", "the proxy cannot be reached; check https_proxy");

        check_int(setenv("https_proxy", "http://user:secret@proxy.invalid:1/path", 1), 0);
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", NULL);
        check_int(a.answer.r, CONDITION_OFFLINE);
        check_str(
                a.answer.reason,
                "the proxy's name cannot be resolved; check https_proxy (http://proxy.invalid:1)");
        unset_proxy();
}

/* Nothing in the variable is reported as a failure of ours. */
static void a_proxy_that_is_none(void) {
        static const char *const proxies[] = { "http://",
                                               "://",
                                               "http://proxy:port",
                                               "ftp://a.invalid",
                                               "gopher://user:secret@a",
                                               "http://a b",
                                               "@",
                                               "http://[::1",
                                               "http://user:se/secret@127.0.0.1" };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(proxies); i++) {
                check_int(setenv("https_proxy", proxies[i], 1), 0);
                _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", NULL);
                check_int(a.answer.r, CONDITION_OFFLINE);
                check(strstr(a.answer.reason, "; check https_proxy"));
                check(!strstr(a.answer.reason, "secret"));
        }
        unset_proxy();
}

/* A server that fails behind it is not its fault. */
static void a_proxy_that_does_its_work(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        set_proxy("URL_PROXY", "user:secret@");
        _cleanup_(asked_done) Asked untrusted = ask(&rig, "URL_BY_STRANGER", "/ok", NULL);
        check_int(untrusted.answer.r, CONDITION_SERVER_TROUBLE);
        check(untrusted.answer.untrusted);
        check_str(untrusted.answer.reason, "the server's certificate is not trusted");
        _cleanup_(asked_done) Asked broken = ask(&rig, "URL_RESETTING", "/ok", NULL);
        check(broken.answer.r != 0 && !strstr(broken.answer.reason, "proxy"));
        unset_proxy();
}

/* It proves its identity as a server does, and to the same authorities. */
static void a_proxy_behind_tls(void) {
        static const char *const untrusted[] = { "URL_TLS_PROXY_BY_STRANGER",
                                                 "URL_TLS_PROXY_COMMON_NAME" };
        _cleanup_(rig_done) Rig rig = rig_new();

        check_int(setenv("https_proxy", from_environment("URL_TLS_PROXY"), 1), 0);
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        expect_failure(&rig, "URL_BY_STRANGER", "/ok", CONDITION_SERVER_TROUBLE, false);
        expect_failure(&rig, "URL_COMMON_NAME", "/ok", CONDITION_SERVER_TROUBLE, false);
        unset_proxy();
        check(!server_saw(&rig, "common-name", ""));
        check(server_saw(&rig, "tls-proxy", "CONNECT 127.0.0.1:"));

        for (size_t i = 0; i < ELEMENTSOF(untrusted); i++) {
                check_int(setenv("https_proxy", from_environment(untrusted[i]), 1), 0);
                _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/ok", NULL);
                check_int(a.answer.r, CONDITION_OFFLINE);
                check(strstr(a.answer.reason, "the proxy's certificate is not trusted"));
        }
        unset_proxy();
}

TEST_MAIN(TEST(through_a_proxy), TEST(a_loss_behind_a_proxy), TEST(a_proxy_that_refuses),
          TEST(a_proxy_that_says_nothing), TEST(a_proxy_that_is_not_there),
          TEST(a_proxy_that_is_none), TEST(a_proxy_that_does_its_work), TEST(a_proxy_behind_tls))
