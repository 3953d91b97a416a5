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

TEST_MAIN(TEST(tokens_are_visible_ascii), TEST(tokens_have_a_length), TEST(user_codes_can_be_shown),
          TEST(logins_may_be_of_any_script))
