/* SPDX-License-Identifier: MIT */

/* What people paste where a code is asked for. */

#include "check.h"
#include "yandex/confirmation.h"

#define PAGE "https://oauth.yandex.ru/verification_code"

static Confirmation parsed(const char *text) {
        Confirmation c = {};

        check_int(confirmation_parse(text, &c), 0);
        return c;
}

static void check_code(const char *text, const char *expected) {
        Confirmation c = parsed(text);

        check(!c.is_address && !c.refused && !c.state);
        check_str(secret_string(c.code), expected);
        confirmation_done(&c);
}

static void check_address(const char *text, const char *code, const char *state) {
        Confirmation c = parsed(text);

        check(c.is_address && !c.refused);
        check_str(secret_string(c.code), code);
        check_str(secret_string(c.state), state);
        confirmation_done(&c);
}

static void check_damaged(const char *text) {
        Confirmation c = {};

        check_int(confirmation_parse(text, &c), -EBADMSG);
        check(!c.code && !c.state);
}

static void a_code_has_any_shape(void) {
        check_code("1234567", "1234567");
        check_code("abcdef0123456789", "abcdef0123456789");
        check_code("ABCD-EFGH_/.~=:%+", "ABCD-EFGH_/.~=:%+");
        check_code("код", "код");
        check_code("12 34", "12 34");
}

static void a_code_of_a_known_shape_is_found_among_words(void) {
        check_code("1234567.", "1234567");
        check_code("123 4567", "1234567");
        check_code("123-4567", "1234567");
        check_code("123\u20134567", "1234567");
        check_code("Код: 1234567", "1234567");
        check_code("Ваш код: 1234567.", "1234567");
        check_code("Ваш код 1234567", "1234567");
        check_code("code:1234567", "1234567");
        check_code("Код: abcdef0123456789.", "abcdef0123456789");
        check_code("Your code is ABCdef0123456789", "ABCdef0123456789");
        check_code("abcdef0123456789,", "abcdef0123456789");
        check_code("x1234567", "x1234567"); /* of another shape */
        check_code("12345678.", "12345678.");
        check_code("x-abcdef0123456789", "x-abcdef0123456789");
        check_code("Code: abc", "Code: abc");
        check_code("12:34", "12:34");
}

static void white_space_around_it_is_dropped(void) {
        check_code(" \t1234567\r\n", "1234567");
        check_address("\n " PAGE "?code=12&state=s \n", "12", "s");
}

/* What mail programs, messengers, word processors and terminals put around a code, or into it. */
static void what_stands_around_it_is_dropped(void) {
        static const char *const around[][2] = {
                { "\"", "\"" },
                { "'", "'" },
                { "`", "`" },
                { "«", "»" },
                { "“", "”" },
                { "„", "“" },
                { "‘", "’" },
                { "‹", "›" },
                { "<", ">" },
                { "(", ")" },
                { "[", "]" },
                { "<\"", "\">" },
                { "« ", " »" },
                { "\"", "" },
                { "", "»" },
                { "\u00a0", "\u00a0" },         /* no-break spaces */
                { "\u202f\u3000", "\u2009\n" }, /* others */
                { "\ufeff", "" },               /* byte order mark */
                { "\u200b\u2060", "\u200d\u200b" },
                { "\u202a", "\u202c" }, /* which way to write */
                { "\ufeff\u00a0“", "”\u200b\r\n" },
        };
        char text[256];

        for (size_t i = 0; i < ELEMENTSOF(around); i++) {
                (void) snprintf(text, sizeof(text), "%s1234567%s", around[i][0], around[i][1]);
                check_code(text, "1234567");
                (void) snprintf(text, sizeof(text), "%s" PAGE "?code=12&state=s%s", around[i][0],
                                around[i][1]);
                check_address(text, "12", "s");
        }
}

static void what_cannot_be_seen_is_dropped_anywhere(void) {
        check_code("123\u200b4\u00ad567\ufeff", "1234567");
        check_address(
                "https://oauth.yandex.ru/\u200bverification_code?co\u2060de=1\u200b2&state=\u200es",
                "12", "s");
        check_address("\"code=12&state=s\"", "12", "s");
        check_code("12\u00a034", "12 34");
        check_damaged(PAGE "?code=1\u00a02&state=s");
}

static void nothing_is_no_code(void) {
        check_code("", NULL);
        check_code(" \t\r\n\f\v", NULL);
        check_code("\ufeff\u00a0\u200b", NULL);
        check_code("\"\"", NULL);
        check_code("<>", NULL);
}

static void the_address_of_the_page(void) {
        check_address(PAGE "?code=1234567&state=abc&cid=99", "1234567", "abc");
        check_address(PAGE "?cid=99&state=abc&code=1234567#top", "1234567", "abc");
        check_address("http://localhost:8080/callback?code=1&state=2", "1", "2");
        check_address("oauth.yandex.ru/verification_code?code=1&state=2", "1", "2");
        check_address("?code=1&state=2", "1", "2");
        check_address("code=1&state=2", "1", "2");
        check_address("state=2&code=1", "1", "2");
        check_address("code=1", "1", NULL);
}

static void only_the_query_counts(void) {
        check_address("https://code=1/state=2", NULL, NULL);
        check_address(PAGE, NULL, NULL);
        check_address(PAGE "?", NULL, NULL);
        check_address(PAGE "#code=1&state=2", NULL, NULL);
        check_address(PAGE "?x=1#?code=1", NULL, NULL);
}

static void names_are_compared_whole(void) {
        check_address(PAGE "?codes=1&xcode=2&Code=3&co%64e=4&state=5", NULL, "5");
        check_address(PAGE "?code&state", NULL, NULL);
        check_address(PAGE "?code=&state=", NULL, NULL);
        check_address(PAGE "?&&code=1&&state=2&", "1", "2");
        check_address(PAGE "?code=1=2&state==", "1=2", "=");
}

static void values_are_decoded(void) {
        check_address(PAGE "?code=%31+%2B%2b%26%3d%D0%B4&state=a%20b", "1 ++&=д", "a b");
        check_address(PAGE "?code=1&state=2&cid=%zz%0", "1", "2"); /* it is not looked at */
}

static void what_is_damaged_is_refused(void) {
        check_damaged(PAGE "?code=1%&state=2");
        check_damaged(PAGE "?code=1%3&state=2");
        check_damaged(PAGE "?code=%3g&state=2");
        check_damaged(PAGE "?code=1&state=%g3");
        check_damaged(PAGE "?code=1&state=2%00");
        check_damaged(PAGE "?code=1&state=2\n3");
        check_damaged(PAGE "?code=1 2&state=2");
        check_damaged(PAGE "?error=%");
}

static void what_comes_twice_has_no_meaning(void) {
        check_damaged(PAGE "?code=1&code=1&state=2");
        check_damaged(PAGE "?code=1&state=2&state=3");
        check_damaged(PAGE "?error=a&error=b");
}

static void an_error_is_an_answer_of_yandex(void) {
        const struct {
                const char *error;
                int condition;
        } table[] = {
                { "access_denied", CONDITION_ACCESS_DENIED },
                { "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
                { "invalid_scope", CONDITION_INVALID_ARGS },
                { "invalid_request", CONDITION_SERVER_TROUBLE },
                { "something+new", condition_unknown_refusal("something new") },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char text[256];
                Confirmation c;

                (void) snprintf(text, sizeof(text),
                                PAGE "?error=%s&error_description=User+%%1b&state=2",
                                table[i].error);
                c = parsed(text);
                check(c.refused && !c.code);
                check_str(secret_string(c.state), "2");
                check_int(c.error.r, table[i].condition);
                confirmation_done(&c);
        }
}

/* Whatever is cut off anywhere: an answer or a refusal, never more than was there. */
static void any_beginning_of_an_address(void) {
        static const char whole[] =
                "\ufeff<“" PAGE "?code=%31%2B3&error=acc%65ss&state=a%20b#x\u200b”>";

        for (size_t n = 0; n < sizeof(whole); n++) {
                _cleanup_free_ char *text = strndup(whole, n);
                Confirmation c = {};
                int r = confirmation_parse(text, &c);

                check(r == 0 || r == -EBADMSG);
                check(secret_length(c.code) <= n && secret_length(c.state) <= n);
                if (r == 0)
                        confirmation_done(&c);
        }
}

TEST_MAIN(TEST(a_code_has_any_shape), TEST(a_code_of_a_known_shape_is_found_among_words),
          TEST(white_space_around_it_is_dropped), TEST(what_stands_around_it_is_dropped),
          TEST(what_cannot_be_seen_is_dropped_anywhere), TEST(nothing_is_no_code),
          TEST(the_address_of_the_page), TEST(only_the_query_counts),
          TEST(names_are_compared_whole), TEST(values_are_decoded),
          TEST(what_is_damaged_is_refused), TEST(what_comes_twice_has_no_meaning),
          TEST(an_error_is_an_answer_of_yandex), TEST(any_beginning_of_an_address))
