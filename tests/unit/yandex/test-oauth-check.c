/* SPDX-License-Identifier: MIT */

/* What is let through to terminals, header lines and the keyring. */

#include "yandex/oauth-check.h"

#include "check.h"

/* A string of n times c; static. */
static const char *repeat(char c, size_t n) {
        static char text[32768];

        memset(text, c, n);
        text[n] = '\0';
        return text;
}

static void tokens_are_visible_ascii(void) {
        check(check_token("y0_AgAAAABkLm-_x"));
        check(check_token("1:AbC:dEf:gHi"));
        check(check_token("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"));
        check(!check_token(NULL));
        check(!check_token(""));
        check(!check_token("a b"));
        check(!check_token("a\r\nX-Evil: 1"));
        check(!check_token("a\tb"));
        check(!check_token("a\x7f"));
        check(!check_token("a\x1b[0m"));
        check(!check_token("тоkен"));
        check(!check_token("a\xff"));
}

static void tokens_have_a_length(void) {
        check(check_token(repeat('a', 1)));
        check(check_token(repeat('a', 16384)));
        check(!check_token(repeat('a', 16385)));
}

static void user_codes_can_be_shown(void) {
        check(check_user_code("abcd1234"));
        check(check_user_code("ABC DEF-12"));
        check(check_user_code(repeat('a', 64)));
        check(!check_user_code(repeat('a', 65)));
        check(!check_user_code(NULL));
        check(!check_user_code(""));
        check(!check_user_code("ab\ncd"));
        check(!check_user_code("ab\x1b]0;x\x07"));
        check(!check_user_code("код"));
}

static void logins_may_be_of_any_script(void) {
        check(check_login("ivan.petrov"));
        check(check_login("вася@домен.рф"));
        check(check_login(repeat('a', 256)));
        check(!check_login(repeat('a', 257)));
        check(!check_login(NULL));
        check(!check_login(""));
        check(!check_login("a\nb"));
        check(!check_login("a\x1b[2J"));
        check(!check_login("a\x7f"));
        check(!check_login("a\xc2\x9b"
                           "2J"));
        check(check_login("a\xc2\xa0"
                          "b"));
}

static void good_addresses(void) {
        check(check_url("https://ya.ru/device"));
        check(check_url("https://oauth.yandex.ru/device"));
        check(check_url("HTTPS://ya.ru"));
        check(check_url("https://ya.ru:443/a?b=c@d#e"));
        check(check_url("https://[::1]/"));
}

static void bad_addresses(void) {
        static const char *const urls[] = {
                NULL,
                "",
                "ya.ru/device",
                "http://ya.ru/device",
                "ftp://ya.ru/",
                "javascript:alert(1)",
                "file:///etc/passwd",
                "https:/ya.ru",
                "https://",
                "https:///device",
                "https://?a",
                "https://#a",
                "https://:443/",
                "https://ya.ru@evil.example/",
                "https://user:password@ya.ru/",
                "https://evil.example\\@ya.ru/",
                "https://ya.ru\\.evil.example/",
                "https://ya.ru/a b",
                "https://ya.ru/\n",
                "https://ya.ru/\x1b[0m",
                "https://яндекс.рф/",
                " https://ya.ru/",
                "-https://ya.ru/",
        };

        for (size_t i = 0; i < ELEMENTSOF(urls); i++)
                check(!check_url(urls[i]));
}

static void addresses_have_a_length(void) {
        char url[600] = "https://ya.ru/";

        memset(url + strlen(url), 'a', 512 - strlen(url));
        check_int((int64_t) strlen(url), 512);
        check(check_url(url));
        url[512] = 'a';
        check(!check_url(url));
}

TEST_MAIN(TEST(tokens_are_visible_ascii), TEST(tokens_have_a_length), TEST(user_codes_can_be_shown),
          TEST(logins_may_be_of_any_script), TEST(good_addresses), TEST(bad_addresses),
          TEST(addresses_have_a_length))
