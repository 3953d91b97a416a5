/* SPDX-License-Identifier: MIT */

/* Which proxy libcurl takes, what may be said of it, and the reasons that name something. */

#include "yandex/http-private.h"

#include "check.h"
#include "common/i18n.h"

#define URL "https://oauth.yandex.ru/token"

static void forget(void) {
        static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
                                             "ALL_PROXY",   "no_proxy",    "NO_PROXY" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                check_int(unsetenv(names[i]), 0);
}

static void set(const char *name, const char *value) {
        check_int(setenv(name, value, 1), 0);
}

static void check_proxy(const char *url, const char *expected) {
        _cleanup_free_ char *proxy = NULL;

        check_int(http_proxy_find(url, &proxy), 0);
        check_str(proxy, expected);
}

static void the_first_that_is_set_counts(void) {
        forget();
        check_proxy(URL, NULL);
        set("ALL_PROXY", "http://four");
        check_proxy(URL, "http://four");
        set("all_proxy", "http://three");
        check_proxy(URL, "http://three");
        set("HTTPS_PROXY", "http://two");
        check_proxy(URL, "http://two");
        set("https_proxy", "http://one");
        check_proxy(URL, "http://one");
        set("https_proxy", "");
        check_proxy(URL, NULL);
}

static void no_part_of_a_password_is_told(void) {
        static const char *const rows[][2] = {
                { "http://proxy.corp:3128", "http://proxy.corp:3128" },
                { "http://user:secret@proxy.corp:3128", "http://proxy.corp:3128" },
                { "http://user:secret@proxy.corp:3128/secret?secret#secret",
                  "http://proxy.corp:3128" },
                { "http://user:se/cr@et@proxy.corp:3128/", "http://proxy.corp:3128" },
                { "user:secret@proxy.corp:3128", "proxy.corp:3128" },
                { "user:sec://ret@proxy.corp", "proxy.corp" },
                { "socks5h://user:secret@[::1]:1080", "socks5h://[::1]:1080" },
                { "secret@", "" },
                { "http://", "http://" },
        };

        forget();
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                set("https_proxy", rows[i][0]);
                check_proxy(URL, rows[i][1]);
        }
}

static void what_is_exempt_has_none(void) {
        static const char *const exempt[] = {
                "*",         "oauth.yandex.ru",  "yandex.ru",         ".yandex.ru",
                "YANDEX.RU", "a.test,yandex.ru", "a.test, ru b.test", "localhost *",
                ",,.ru,",
        };
        static const char *const others[] = {
                "",     "andex.ru", "oauth.yandex.ru.a", "a.oauth.yandex.ru",   "yandex.com",
                ", \t", ".",        "10.0.0.0/8",        "oauth.yandex.ru:443",
        };

        forget();
        set("https_proxy", "http://proxy");
        for (size_t i = 0; i < ELEMENTSOF(exempt); i++) {
                set("no_proxy", exempt[i]);
                check_proxy(URL, NULL);
                check_proxy("https://oauth.yandex.ru", NULL);
                check_proxy("https://oauth.yandex.ru:443/", NULL);
        }
        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                set("no_proxy", others[i]);
                check_proxy(URL, "http://proxy");
        }
        set("no_proxy", "::1 127.0.0.1");
        check_proxy("https://[::1]:4430/", NULL);
        check_proxy("https://127.0.0.1:4430/", NULL);
        set("no_proxy", "a.test");
        set("NO_PROXY", "yandex.ru"); /* the other one is set */
        check_proxy(URL, "http://proxy");
        check_int(unsetenv("no_proxy"), 0);
        check_proxy(URL, NULL);
}

static void a_proxy_that_let_us_through_is_no_reason(void) {
        check(!http_proxy_reason(CURLE_SSL_CONNECT_ERROR, 200));
        check(!http_proxy_reason(CURLE_OPERATION_TIMEDOUT, 200));
        check(!http_proxy_reason(CURLE_COULDNT_RESOLVE_HOST, 0));
        check(http_proxy_reason(CURLE_RECV_ERROR, 407));
        check(http_proxy_reason(CURLE_OPERATION_TIMEDOUT, 0));
}

static void a_reason_names_what_can_be_shown(void) {
        const char *reason = http_reason_with_name("it is so", "a name");
        char long_name[200];

        check_str(reason, "it is so (a name)");
        check(http_reason_with_name("it is so", "a name") == reason);
        check_str(http_reason_with_name("it is so", NULL), "it is so");
        check_str(http_reason_with_name("it is so", ""), "it is so");
        check_str(http_reason_with_name("it is so", "a\nb"), "it is so");
        check_str(http_reason_with_name("it is so", "\x1b[31m"), "it is so");
        check_str(http_reason_with_name("it is so", "имя"), "it is so");
        memset(long_name, 'x', sizeof(long_name) - 1);
        long_name[sizeof(long_name) - 1] = '\0';
        check_str(http_reason_with_name("it is so", long_name), "it is so");
}

/* Reasons are never freed, so there is a limit. */
static void no_server_fills_our_memory(void) {
        const char *first = http_reason_with_name("it is so", "a name");
        unsigned named = 0;

        for (unsigned i = 0; i < 1000; i++) {
                char name[16];

                (void) snprintf(name, sizeof(name), "n%u", i);
                named += !streq(http_reason_with_name("it is so", name), "it is so");
        }
        check_within(named, 8, 16);
        check_str(first, "it is so (a name)");
        check(http_reason_with_name("it is so", "a name") == first);
}

/* Without a catalogue; test_proxy.py has one. */
static void a_reason_is_translated_around_its_name(void) {
        check_str(i18n_reason("it is so"), "it is so");
        check_str(i18n_reason("it is so (a (name))"), "it is so (a (name))");
        check_str(i18n_reason(""), "");
}

TEST_MAIN(TEST(the_first_that_is_set_counts), TEST(no_part_of_a_password_is_told),
          TEST(what_is_exempt_has_none), TEST(a_proxy_that_let_us_through_is_no_reason),
          TEST(a_reason_names_what_can_be_shown), TEST(no_server_fills_our_memory),
          TEST(a_reason_is_translated_around_its_name))
