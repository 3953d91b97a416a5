/* SPDX-License-Identifier: MIT */

/* Tokens as recorded, tokens that are a little off, and answers that hold none. */

#include "parse-rig.h"

/* In the form and order of recorded traffic. */
#define ACCESS  "y0_AgAAAABkLm-_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIj"
#define REFRESH "1:AbCdEfGhIjKlMnOp:QrStUvWx-YzAbCdEfGh_IjKlMnOp:QrStUvWxYz"
#define TOKEN_BODY                                                                                 \
        "{\"access_token\": \"" ACCESS                                                             \
        "\", \"expires_in\": 31535338, \"refresh_token\": \"" REFRESH                              \
        "\", \"token_type\": \"bearer\"}"

static const OauthRequest token_requests[] = {
        OAUTH_TOKEN_DEVICE,
        OAUTH_TOKEN_CODE,
        OAUTH_TOKEN_REFRESH,
};

static void a_token_is_read(void) {
        for (size_t i = 0; i < ELEMENTSOF(token_requests); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(token_requests[i], 200, TOKEN_BODY, &p);
                check_int(p.answer.r, 0);
                check(!p.answer.lost && !p.answer.reason && !p.answer.error);
                check_str(secret_string(p.answer.token->access_token), ACCESS);
                check_str(secret_string(p.answer.token->refresh_token), REFRESH);
                check_int(p.answer.token->expires_in, 31535338);
                check(!p.answer.token->scopes);
        }
}

/* Fields of an answer that is a success, with what is read from them. */
static void lives(void) {
        static const struct {
                const char *field;
                int64_t expires_in;
        } rows[] = {
                { "", 0 },
                { ", \"expires_in\": 0", 0 },
                { ", \"expires_in\": -1", -1 },
                { ", \"expires_in\": 1", 1 },
                { ", \"expires_in\": 3600", 3600 },
                { ", \"expires_in\": 2147483648", INT64_C(2147483648) },
                { ", \"expires_in\": 124234123534", INT64_C(124234123534) },
                { ", \"expires_in\": 9223372036854775807", INT64_MAX },
                { ", \"expires_in\": 99999999999999999999999", INT64_MAX },
                { ", \"expires_in\": \"3600\"", 3600 },
                { ", \"expires_in\": 3600.0", 3600 },
                { ", \"expires_in\": \"an hour\"", 0 },
                { ", \"expires_in\": null", 0 },
                { ", \"expires_in\": {}", 0 },
        };
        char body[512];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                (void) snprintf(body, sizeof(body), "{\"access_token\": \"a\"%s}", rows[i].field);
                parse(OAUTH_TOKEN_REFRESH, 200, body, &p);
                check_int(p.answer.r, 0);
                check_int(p.answer.token->expires_in, rows[i].expires_in);
        }
}

static void a_refresh_token_may_be_absent_null_or_empty(void) {
        static const char *const bodies[] = {
                "{\"access_token\": \"a\"}",
                "{\"access_token\": \"a\", \"refresh_token\": null}",
                "{\"access_token\": \"a\", \"refresh_token\": \"\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_TOKEN_REFRESH, 200, bodies[i], &p);
                check_int(p.answer.r, 0);
                check(!p.answer.token->refresh_token);
        }
}

static void narrowed_scopes_are_listed(void) {
        static const struct {
                const char *field;
                size_t n;
        } rows[] = {
                { "", 0 },
                { ", \"scope\": \"\"", 0 },
                { ", \"scope\": \"login:info\"", 1 },
                { ", \"scope\": \" cloud_api:disk.read  cloud_api:disk.info \"", 2 },
                { ", \"scope\": [\"login:info\"]", 0 },
                { ", \"scope\": \"login:info\\nlogin:email\"", 0 },
        };
        char body[512];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                (void) snprintf(body, sizeof(body), "{\"access_token\": \"a\"%s}", rows[i].field);
                parse(OAUTH_TOKEN_DEVICE, 200, body, &p);
                check_int(p.answer.r, 0);
                check_int((int64_t) strv_length(p.answer.token->scopes), (int64_t) rows[i].n);
        }
}

static void tokens_that_cannot_be_used_are_refused(void) {
        static const char *const bodies[] = {
                "{\"refresh_token\": \"r\", \"expires_in\": 5}",
                "{\"access_token\": \"\", \"refresh_token\": \"r\"}",
                "{\"access_token\": null, \"refresh_token\": \"r\"}",
                "{\"access_token\": 5, \"refresh_token\": \"r\"}",
                "{\"access_token\": true, \"refresh_token\": \"r\"}",
                "{\"access_token\": [\"a\"], \"refresh_token\": \"r\"}",
                "{\"access_token\": {\"a\": \"a\"}, \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\r\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\nX-Evil: 1\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\u0000b\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\u001b[0m\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a b\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\tb\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\\u007f\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"\\u0442\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"т\", \"refresh_token\": \"r\"}",
                "{\"access_token\": \"a\", \"refresh_token\": 5}",
                "{\"access_token\": \"a\", \"refresh_token\": [\"r\"]}",
                "{\"access_token\": \"a\", \"refresh_token\": \"r\\n\"}",
                "{\"access_token\": \"a\", \"refresh_token\": \"r\\u0000\"}",
                "{\"access_token\": \"a\", \"refresh_token\": \" \"}",
                "{\"access_token\": \"a\", \"refresh_token\": \"р\"}",
                "{\"error\": \"invalid_grant\"}",
                "{\"error\": \"authorization_pending\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(token_requests); i++)
                for (size_t k = 0; k < ELEMENTSOF(bodies); k++)
                        check_int(parse_r(token_requests[i], 200, bodies[k]),
                                  CONDITION_SERVER_TROUBLE);
}

static void tokens_have_a_greatest_length(void) {
        static char token[16386], body[40000];

        memset(token, 'a', 16384);
        (void) snprintf(body, sizeof(body), "{\"access_token\": \"%s\", \"refresh_token\": \"%s\"}",
                        token, token);
        check_int(parse_r(OAUTH_TOKEN_REFRESH, 200, body), 0);

        (void) snprintf(body, sizeof(body),
                        "{\"access_token\": \"%s\", \"refresh_token\": \"%sa\"}", token, token);
        check_int(parse_r(OAUTH_TOKEN_REFRESH, 200, body), CONDITION_SERVER_TROUBLE);
        (void) snprintf(body, sizeof(body),
                        "{\"access_token\": \"%sa\", \"refresh_token\": \"%s\"}", token, token);
        check_int(parse_r(OAUTH_TOKEN_REFRESH, 200, body), CONDITION_SERVER_TROUBLE);
}

/* Not JSON at all, or not an object and nothing but an object. */
static void what_is_no_json_object_is_trouble(void) {
        static const char *const bodies[] = {
                "",
                " ",
                "<html><head><title>502 Bad Gateway</title></head></html>",
                "null",
                "true",
                "42",
                "\"ok\"",
                "[]",
                "[" TOKEN_BODY "]",
                TOKEN_BODY TOKEN_BODY,
                TOKEN_BODY " x",
                "x" TOKEN_BODY,
                "{\"access_token\": \"a\", \"refresh_token\": \"r\"",
                "{\"access_token\": \"a\", \"refresh_tok",
                "{'access_token': 'a'}",
                "{\"access_token\": \"a\",}",
                "{\"access_token\": \"\xff\"}",
                "{\"access_token\": \"a\", \"refresh_token\": \"\xc3\"}",
                "\xef\xbb\xbf{}",
        };

        for (OauthRequest request = 0; request < OAUTH_PROBE; request++)
                for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                        check_int(parse_r(request, 200, bodies[i]), CONDITION_SERVER_TROUBLE);
                        check_int(parse_r(request, 400, bodies[i]), CONDITION_SERVER_TROUBLE);
                }
}

static void nul_bytes_end_nothing(void) {
        static const char body[] = TOKEN_BODY "\0" TOKEN_BODY;
        static const char inside[] = "{\"access_token\": \"a\0b\", \"refresh_token\": \"r\"}";
        _cleanup_(oauth_parsed_done) OauthParsed p = {}, q = {};

        parse_bytes(OAUTH_TOKEN_REFRESH, 200, body, sizeof(body) - 1, &p);
        check_int(p.answer.r, CONDITION_SERVER_TROUBLE);
        parse_bytes(OAUTH_TOKEN_REFRESH, 200, inside, sizeof(inside) - 1, &q);
        check_int(q.answer.r, CONDITION_SERVER_TROUBLE);
}

static void every_beginning_of_an_answer_is_trouble(void) {
        static const char body[] = TOKEN_BODY;

        for (size_t length = 0; length < sizeof(body) - 1; length++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse_bytes(OAUTH_TOKEN_REFRESH, 200, body, length, &p);
                check_int(p.answer.r, CONDITION_SERVER_TROUBLE);
        }
}

TEST_MAIN(TEST(a_token_is_read), TEST(lives), TEST(a_refresh_token_may_be_absent_null_or_empty),
          TEST(narrowed_scopes_are_listed), TEST(tokens_that_cannot_be_used_are_refused),
          TEST(tokens_have_a_greatest_length), TEST(what_is_no_json_object_is_trouble),
          TEST(nul_bytes_end_nothing), TEST(every_beginning_of_an_answer_is_trouble))
