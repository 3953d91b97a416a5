/* SPDX-License-Identifier: MIT */

/* What is let through to terminals, header lines and the keyring. */

#include "yandex/oauth-answer.h"

#include "check.h"

/* A string of n times c; static. */
static const char *repeat(char c, size_t n) {
        static char text[32768];

        memset(text, c, n);
        text[n] = '\0';
        return text;
}

static void tokens_are_visible_ascii(void) {
        check(oauth_is_token("y0_AgAAAABkLm-_x"));
        check(oauth_is_token("1:AbC:dEf:gHi"));
        check(oauth_is_token("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"));
        check(!oauth_is_token(NULL));
        check(!oauth_is_token(""));
        check(!oauth_is_token("a b"));
        check(!oauth_is_token("a\r\nX-Evil: 1"));
        check(!oauth_is_token("a\tb"));
        check(!oauth_is_token("a\x7f"));
        check(!oauth_is_token("a\x1b[0m"));
        check(!oauth_is_token("тоkен"));
        check(!oauth_is_token("a\xff"));
}

static void tokens_have_a_length(void) {
        check(oauth_is_token(repeat('a', 1)));
        check(oauth_is_token(repeat('a', 16384)));
        check(!oauth_is_token(repeat('a', 16385)));
}

static void user_codes_can_be_shown(void) {
        check(oauth_is_user_code("abcd1234"));
        check(oauth_is_user_code("ABC DEF-12"));
        check(oauth_is_user_code(repeat('a', 64)));
        check(!oauth_is_user_code(repeat('a', 65)));
        check(!oauth_is_user_code(NULL));
        check(!oauth_is_user_code(""));
        check(!oauth_is_user_code("ab\ncd"));
        check(!oauth_is_user_code("ab\x1b]0;x\x07"));
        check(!oauth_is_user_code("код"));
}

static void logins_may_be_of_any_script(void) {
        check(oauth_is_login("ivan.petrov"));
        check(oauth_is_login("вася@домен.рф"));
        check(oauth_is_login(repeat('a', 256)));
        check(!oauth_is_login(repeat('a', 257)));
        check(!oauth_is_login(NULL));
        check(!oauth_is_login(""));
        check(!oauth_is_login("a\nb"));
        check(!oauth_is_login("a\x1b[2J"));
        check(!oauth_is_login("a\x7f"));
        check(!oauth_is_login("a\xc2\x9b"
                              "2J"));
        check(oauth_is_login("a\xc2\xa0"
                             "b"));
}

TEST_MAIN(TEST(tokens_are_visible_ascii), TEST(tokens_have_a_length), TEST(user_codes_can_be_shown),
          TEST(logins_may_be_of_any_script))
