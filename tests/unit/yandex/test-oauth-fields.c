/* SPDX-License-Identifier: MIT */

/* Every field of every answer that is read, with everything in it that could be there: what can be
 * done without is left out, and what cannot makes the answer one that is not understood. */

#include "odd-values.h"
#include "parse-rig.h"

/* A field of an answer, whose value is "@". */
typedef struct Field {
        OauthRequest request;
        int status;
        const char *body;
        int r;         /* with any of … */
        unsigned good; /* … these; with any other: CONDITION_SERVER_TROUBLE */
} Field;

#define DEVICE(code, user, url, interval, life)                                                    \
        OAUTH_DEVICE_CODE, 200,                                                                    \
                "{\"device_code\": " code ", \"user_code\": " user ", \"verification_url\": " url  \
                ", \"interval\": " interval ", \"expires_in\": " life "}"
#define TOKEN(access, refresh, life, scope)                                                        \
        OAUTH_TOKEN_REFRESH, 200,                                                                  \
                "{\"access_token\": " access ", \"refresh_token\": " refresh                       \
                ", \"expires_in\": " life ", \"scope\": " scope ", \"token_type\": \"bearer\"}"
#define IDENTITY(uid, login, client)                                                               \
        OAUTH_IDENTITY, 200, "{\"id\": " uid ", \"login\": " login ", \"client_id\": " client "}"

static const Field fields[] = {
        { DEVICE("@", "\"u\"", "\"\"", "5", "300"), 0, ODD_ASCII },
        { DEVICE("\"d\"", "@", "\"\"", "5", "300"), 0, ODD_ASCII },
        { DEVICE("\"d\"", "\"u\"", "@", "5", "300"), 0, ODD_ANY },
        { DEVICE("\"d\"", "\"u\"", "\"\"", "@", "300"), 0, ODD_ANY },
        { DEVICE("\"d\"", "\"u\"", "\"\"", "5", "@"), 0, ODD_ANY },
        { OAUTH_DEVICE_CODE, 200, "{\"имя\": @, \"device_code\": \"d\", \"user_code\": \"u\"}", 0,
          ODD_ANY },

        { TOKEN("@", "\"r\"", "5", "\"s\""), 0, ODD_ASCII },
        { TOKEN("\"a\"", "@", "5", "\"s\""), 0, ODD_ASCII | ODD_NOTHING },
        { TOKEN("\"a\"", "\"r\"", "@", "\"s\""), 0, ODD_ANY },
        { TOKEN("\"a\"", "\"r\"", "5", "@"), 0, ODD_ANY },
        { OAUTH_TOKEN_DEVICE, 200, "{\"access_token\": \"a\", \"token_type\": @}", 0, ODD_ANY },
        { OAUTH_TOKEN_CODE, 200, "{\"имя\": @, \"access_token\": \"a\"}", 0, ODD_ANY },

        { IDENTITY("@", "\"l\"", "\"c\""), 0, ODD_NUMBERS },
        { IDENTITY("\"1\"", "@", "\"c\""), 0, ODD_ANY },
        { IDENTITY("\"1\"", "\"l\"", "@"), 0, ODD_ANY },
        { OAUTH_IDENTITY, 200, "{\"first_name\": @, \"id\": \"1\", \"login\": \"l\"}", 0, ODD_ANY },

        { OAUTH_REVOKE, 200, "{\"status\": @}", 0, 0 },
        { OAUTH_REVOKE, 200, "{\"status\": \"ok\", \"имя\": @}", 0, ODD_ANY },

        { OAUTH_REVOKE, 400, "{\"error\": @}", 0, 0 },
        { OAUTH_TOKEN_REFRESH, 400, "{\"error\": \"invalid_grant\", \"error_description\": @}",
          CONDITION_SIGN_IN_NEEDED, ODD_ANY },
        { OAUTH_TOKEN_DEVICE, 400,
          "{\"error_description\": @, \"error\": \"authorization_pending\"}", CONDITION_PENDING,
          ODD_ANY },
        { OAUTH_TOKEN_CODE, 400, "{\"error_description\": @, \"error\": \"expired_token\"}",
          CONDITION_EXPIRED, ODD_ANY },
        { OAUTH_DEVICE_CODE, 400, "{\"error\": \"invalid_client\", \"имя\": @}",
          CONDITION_APP_REFUSED, ODD_ANY },
        { OAUTH_REVOKE, 400, "{\"error\": \"invalid_client\", \"error_description\": @}",
          CONDITION_APP_REFUSED, ODD_ANY },

        { OAUTH_PROBE, 404, "{\"error\": @}", 0, 0 },
        { OAUTH_PROBE, 404, "{\"error\": \"DiskOperationNotFoundError\", \"message\": @}", 0,
          ODD_ANY },
        { OAUTH_DISK, 403, "{\"error\": @}", 0, 0 },
        { OAUTH_DISK, 403, "{\"error\": \"ForbiddenError\", \"description\": @}", 0, ODD_ANY },
        { OAUTH_DISK, 404, "{\"error\": \"DiskNotFoundError\", \"message\": @}", 0, ODD_ANY },
        { OAUTH_DISK, 200, "{\"is_paid\": @}", 0, ODD_ANY },
};

static void parse_with(const Field *f, OddKind kind, OauthParsed *ret) {
        parse(f->request, f->status, odd_document(f->body, kind), ret);
}

/* With a whole grant at stake it matters that what can be done without is. */
static void what_is_odd_costs_its_field_alone(void) {
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                        _cleanup_(oauth_parsed_done) OauthParsed p = {};
                        bool good = fields[i].good & (1U << kind);
                        int expected = good ? fields[i].r : CONDITION_SERVER_TROUBLE;

                        parse_with(&fields[i], kind, &p);
                        if (p.answer.r != expected)
                                fprintf(stderr, "%s with %s\n", fields[i].body, odd_values[kind]);
                        check_int(p.answer.r, expected);
                        check((p.answer.r == 0) == (p.answer.reason == NULL));
                }
}

/* Whatever is there before, which alone would be good or bad. */
static void of_what_comes_twice_the_last_counts(void) {
        static const char *const others[] = {
                "\"other\"",         "null", "1", "\"\"", "[{}]", "99999999999999999999",
                "\"invalid_grant\"",
        };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (unsigned j = 0; j < ELEMENTSOF(others) * _ODD_MAX; j++) {
                        _cleanup_(oauth_parsed_done) OauthParsed once = {}, twice = {};
                        OddKind kind = j % _ODD_MAX;
                        Field doubled = fields[i];

                        doubled.body = odd_twice(doubled.body, others[j / _ODD_MAX]);
                        parse_with(&fields[i], kind, &once);
                        parse_with(&doubled, kind, &twice);
                        if (twice.answer.r != once.answer.r)
                                fprintf(stderr, "%s with %s\n", doubled.body, odd_values[kind]);
                        check_int(twice.answer.r, once.answer.r);
                        check_str(twice.answer.error, once.answer.error);
                        check_int(twice.token.expires_in, once.token.expires_in);
                        check(!once.token.access_token ||
                              secret_equal(twice.token.access_token, once.token.access_token));
                        check(!once.token.refresh_token == !twice.token.refresh_token);
                        check_int(twice.device_code.interval, once.device_code.interval);
                        check_str(twice.device_code.user_code, once.device_code.user_code);
                        check_str(twice.identity.uid, once.identity.uid);
                        check_str(twice.identity.login, once.identity.login);
                }
}

static void a_name_may_be_written_in_two_ways(void) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {}, q = {};

        parse(OAUTH_TOKEN_REFRESH, 200, "{\"access_token\": \"a\", \"\\u0061ccess_token\": \"b\"}",
              &p);
        check_str(secret_string(p.answer.token->access_token), "b");
        parse(OAUTH_TOKEN_REFRESH, 400,
              "{\"error\": \"invalid_grant\", \"\\u0065rror\": \"slow_down\"}", &q);
        check_int(q.answer.r, CONDITION_SERVER_TROUBLE);
}

/* A life in seconds, however it is written. */
static int64_t number_of(OddKind kind, int64_t absent) {
        unsigned bit = 1U << kind;

        return bit & ODD_NUMBERS      ? ODD_NUMBER
               : bit & ODD_TOO_LARGE  ? INT64_MAX
               : bit & ODD(UNDERFLOW) ? INT64_MIN
                                      : absent;
}

static void a_life_is_a_number_however_it_is_written(void) {
        static const Field life = { TOKEN("\"a\"", "\"r\"", "@", "\"s\""), 0, 0 };
        static const Field code_life = { DEVICE("\"d\"", "\"u\"", "\"\"", "5", "@"), 0, 0 };
        static const Field interval = { DEVICE("\"d\"", "\"u\"", "\"\"", "@", "300"), 0, 0 };

        for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {}, q = {}, r = {};
                int64_t seconds;

                parse_with(&life, kind, &p);
                check_int(p.answer.token->expires_in, number_of(kind, 0));
                check_str(secret_string(p.answer.token->refresh_token), "r");

                /* Cut to an hour, and five minutes if it is of no use. */
                parse_with(&code_life, kind, &q);
                seconds = number_of(kind, 300);
                check_int(q.answer.device_code->expires_in,
                          seconds < 0 ? 300 : MIN_OF(seconds, 3600));

                parse_with(&interval, kind, &r);
                check_int(r.answer.device_code->interval,
                          MAX_OF(1, MIN_OF(number_of(kind, 5), INT64_C(60))));
        }
}

static void names_of_people_are_read_in_any_language(void) {
        static const Field login = { IDENTITY("\"1\"", "@", "\"c\""), 0, 0 };
        _cleanup_(oauth_parsed_done) OauthParsed p = {}, q = {}, r = {};

        parse_with(&login, ODD_CYRILLIC, &p);
        check_str(p.answer.identity->login, "Иван");
        parse_with(&login, ODD_EMOJI, &q);
        check_str(q.answer.identity->login, "😀👨‍👩‍👧");
        parse_with(&login, ODD_ESCAPED, &r);
        check_str(r.answer.identity->login, "И😀");
}

/* A sign-in whose code is spent must not be told that it brought nothing. */
static void a_refresh_token_that_is_null_is_none(void) {
        static const OauthRequest requests[] = { OAUTH_TOKEN_DEVICE, OAUTH_TOKEN_CODE,
                                                 OAUTH_TOKEN_REFRESH };

        for (size_t i = 0; i < ELEMENTSOF(requests); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(requests[i], 200, "{\"access_token\": \"a\", \"refresh_token\": null}", &p);
                check_int(p.answer.r, 0);
                check_str(secret_string(p.answer.token->access_token), "a");
                check(!p.answer.token->refresh_token);
        }
}

TEST_MAIN(TEST(what_is_odd_costs_its_field_alone), TEST(of_what_comes_twice_the_last_counts),
          TEST(a_name_may_be_written_in_two_ways), TEST(a_life_is_a_number_however_it_is_written),
          TEST(names_of_people_are_read_in_any_language),
          TEST(a_refresh_token_that_is_null_is_none))
