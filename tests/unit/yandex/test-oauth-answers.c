/* SPDX-License-Identifier: MIT */

/* All other answers, and what the status alone says. */

#include "parse-rig.h"

#define TOKEN_BODY "{\"access_token\": \"a\", \"refresh_token\": \"r\", \"expires_in\": 60}"

/* In the form and order of recorded traffic. */
#define CODE "0123456789abcdef0123456789abcdef"
#define CODE_BODY                                                                                  \
        "{\"device_code\": \"" CODE "\", \"expires_in\": 300, \"interval\": 5, \"user_code\": "    \
        "\"ab12cd34\", \"verification_url\": \"https://ya.ru/device\"}"

#define INFO_BODY                                                                                  \
        "{\"id\": \"1000034426\", \"login\": \"ivan\", \"client_id\": \"4760187d81bc\", "          \
        "\"psuid\": \"1.AAceCw\"}"

static void a_device_code_is_read(void) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse(OAUTH_DEVICE_CODE, 200, CODE_BODY, &p);
        check_int(p.answer.r, 0);
        check_str(secret_string(p.answer.device_code->device_code), CODE);
        check_str(p.answer.device_code->user_code, "ab12cd34");
        check_str(p.answer.device_code->verification_url, "https://ya.ru/device");
        check_int(p.answer.device_code->interval, 5);
        check_int(p.answer.device_code->expires_in, 300);
}

static void device_code_fields(void) {
        static const struct {
                const char *fields;
                const char *url;
                int64_t interval, expires_in;
        } rows[] = {
                { "", "https://ya.ru/device", 5, 300 },
                { ", \"interval\": 0", "https://ya.ru/device", 1, 300 },
                { ", \"interval\": -7", "https://ya.ru/device", 1, 300 },
                { ", \"interval\": 60", "https://ya.ru/device", 60, 300 },
                { ", \"interval\": 61", "https://ya.ru/device", 60, 300 },
                { ", \"interval\": 9223372036854775807", "https://ya.ru/device", 60, 300 },
                { ", \"interval\": \"7\"", "https://ya.ru/device", 7, 300 },
                { ", \"interval\": \"soon\"", "https://ya.ru/device", 5, 300 },
                { ", \"expires_in\": 0", "https://ya.ru/device", 5, 300 },
                { ", \"expires_in\": -1", "https://ya.ru/device", 5, 300 },
                { ", \"expires_in\": 1", "https://ya.ru/device", 5, 1 },
                { ", \"expires_in\": 600", "https://ya.ru/device", 5, 600 },
                { ", \"expires_in\": 3601", "https://ya.ru/device", 5, 3600 },
                { ", \"expires_in\": 99999999999999999999", "https://ya.ru/device", 5, 3600 },
                { ", \"expires_in\": true", "https://ya.ru/device", 5, 300 },
                { ", \"verification_url\": \"https://oauth.yandex.ru/device\"",
                  "https://oauth.yandex.ru/device", 5, 300 },
                { ", \"verification_url\": \"http://ya.ru/device\"", "https://ya.ru/device", 5,
                  300 },
                { ", \"verification_url\": \"https://a@ya.ru/\"", "https://ya.ru/device", 5, 300 },
                { ", \"verification_url\": \"https://ya.ru.evil.com/\"", "https://ya.ru/device", 5,
                  300 },
                { ", \"verification_url\": \"https://ya.ru/\\u001b[0m\"", "https://ya.ru/device", 5,
                  300 },
                { ", \"verification_url\": \"https://localhost:4430/device\"",
                  "https://ya.ru/device", 5, 300 },
                { ", \"verification_url\": \"https://ya.ru:0/device\"", "https://ya.ru/device", 5,
                  300 },
                { ", \"verification_url\": 7", "https://ya.ru/device", 5, 300 },
                { ", \"verification_uri\": \"https://other.example/\"", "https://ya.ru/device", 5,
                  300 },
        };
        char body[512];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                (void) snprintf(body, sizeof(body),
                                "{\"device_code\": \"d\", \"user_code\": \"u\"%s}", rows[i].fields);
                parse(OAUTH_DEVICE_CODE, 200, body, &p);
                check_int(p.answer.r, 0);
                check_str(p.answer.device_code->verification_url, rows[i].url);
                check_int(p.answer.device_code->interval, rows[i].interval);
                check_int(p.answer.device_code->expires_in, rows[i].expires_in);
        }
}

static void device_codes_that_cannot_be_used_are_refused(void) {
        static const char *const bodies[] = {
                "{}",
                "{\"device_code\": \"d\"}",
                "{\"user_code\": \"u\"}",
                "{\"device_code\": \"\", \"user_code\": \"u\"}",
                "{\"device_code\": \"d\", \"user_code\": \"\"}",
                "{\"device_code\": 1, \"user_code\": \"u\"}",
                "{\"device_code\": \"d\", \"user_code\": 1}",
                "{\"device_code\": \"d\\n\", \"user_code\": \"u\"}",
                "{\"device_code\": \"d\", \"user_code\": \"u\\n\"}",
                "{\"device_code\": \"d\", \"user_code\": \"\\u001b]0;pwned\\u0007\"}",
                "{\"device_code\": \"d\", \"user_code\": \"u\\u0000\"}",
                "{\"device_code\": \"d\", \"user_code\": \"код\"}",
                /* 65 characters */
                "{\"device_code\": \"d\", \"user_code\": \"" CODE CODE "x\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++)
                check_int(parse_r(OAUTH_DEVICE_CODE, 200, bodies[i]), CONDITION_SERVER_TROUBLE);
}

static void an_identity_is_read(void) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse(OAUTH_IDENTITY, 200, INFO_BODY, &p);
        check_int(p.answer.r, 0);
        check_str(p.answer.identity->uid, "1000034426");
        check_str(p.answer.identity->login, "ivan");
}

static void identities_that_cannot_be_used_are_refused(void) {
        static const char *const bodies[] = {
                "{}",
                "{\"login\": \"ivan\"}",
                "{\"id\": \"\", \"login\": \"ivan\"}",
                "{\"id\": \"1 2\", \"login\": \"ivan\"}",
                "{\"id\": 0, \"login\": \"ivan\"}",
                "{\"id\": -1, \"login\": \"ivan\"}",
                "{\"id\": 99999999999999999999, \"login\": \"ivan\"}",
                "{\"id\": true, \"login\": \"ivan\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++)
                check_int(parse_r(OAUTH_IDENTITY, 200, bodies[i]), CONDITION_SERVER_TROUBLE);
}

static void an_id_that_is_a_number_is_its_digits(void) {
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse(OAUTH_IDENTITY, 200, "{\"id\": 1130000012345678, \"login\": \"ivan\"}", &p);
        check_str(p.answer.identity->uid, "1130000012345678");
        check_str(p.answer.identity->login, "ivan");
}

static void an_identity_needs_no_login(void) {
        static const char *const bodies[] = {
                "{\"id\": \"1\"}",
                "{\"id\": \"1\", \"login\": null}",
                "{\"id\": \"1\", \"login\": \"\"}",
                "{\"id\": \"1\", \"login\": 7}",
                "{\"id\": \"1\", \"login\": \"ivan\\u001b[2J\"}",
                "{\"id\": \"1\", \"login\": \"ivan\\u0000\"}",
                "{\"id\": \"1\", \"login\": \"ivan\xff\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_IDENTITY, 200, bodies[i], &p);
                check_str(p.answer.identity->uid, "1");
                check_str(p.answer.identity->login, NULL);
        }
}

static void who_may_not_ask_is_told_apart(void) {
        check_int(parse_r(OAUTH_IDENTITY, 401, ""), CONDITION_ACCESS_DENIED);
        check_int(parse_r(OAUTH_IDENTITY, 401, "{\"code\": \"NOT_AUTHORIZED\"}"),
                  CONDITION_ACCESS_DENIED);
        check_int(parse_r(OAUTH_IDENTITY, 403, ""), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_IDENTITY, 400, "{\"error\": \"invalid_grant\"}"),
                  CONDITION_SERVER_TROUBLE);
}

static void revoking_is_done_when_the_server_says_so(void) {
        check_int(parse_r(OAUTH_REVOKE, 200, "{\"status\": \"ok\"}"), 0);
        check_int(parse_r(OAUTH_REVOKE, 200, "{\"status\": \"no\"}"), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_REVOKE, 200, "{\"status\": true}"), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_REVOKE, 200, "{}"), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_REVOKE, 204, ""), CONDITION_SERVER_TROUBLE);
}

static void a_probe_reads_the_status(void) {
        static const char good[] = "{\"message\": \"Не удалось найти запрошенную операцию.\", "
                                   "\"description\": \"Operation not found.\", "
                                   "\"error\": \"DiskOperationNotFoundError\"}";
        static const char bad[] = "{\"message\": \"Не авторизован.\", \"description\": "
                                  "\"Unauthorized\", \"error\": \"UnauthorizedError\"}";

        check_int(parse_r(OAUTH_PROBE, 404, good), 0);
        check_int(parse_r(OAUTH_PROBE, 200, ""), 0);
        check_int(parse_r(OAUTH_PROBE, 204, ""), 0);
        check_int(parse_r(OAUTH_PROBE, 403, "{\"error\": \"ForbiddenError\"}"), 0);
        check_int(parse_r(OAUTH_PROBE, 403, "<html>"), 0);
        check_int(parse_r(OAUTH_PROBE, 401, bad), CONDITION_ACCESS_DENIED);
        check_int(parse_r(OAUTH_PROBE, 401, ""), CONDITION_ACCESS_DENIED);
        check_int(parse_r(OAUTH_PROBE, 404, bad), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_PROBE, 404, "<html>not found</html>"), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_PROBE, 400, good), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_PROBE, 423, good), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_PROBE, 500, good), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_PROBE, 429, good), CONDITION_RATE_LIMITED);
}

static void what_the_disk_lets_a_token_see(void) {
        static const struct {
                int status;
                const char *body;
                int r;
                OauthDiskVerdict verdict;
        } rows[] = {
                { 200, "{\"is_paid\": false}", 0, OAUTH_DISK_GRANTED },
                { 403, "{\"error\": \"ForbiddenError\"}", 0, OAUTH_DISK_FORBIDDEN },
                { 403, "{\"error\": \"DiskUnsupportedUserAccountTypeError\"}", 0,
                  OAUTH_DISK_UNSUPPORTED },
                { 404, "{\"error\": \"DiskNotFoundError\"}", 0, OAUTH_DISK_GRANTED },

                /* Over its quota, the Disk refuses without a code. */
                { 403, "{\"message\": \"no\"}", CONDITION_SERVER_TROUBLE, 0 },
                { 403, "{\"error\": \"forbiddenerror\"}", CONDITION_SERVER_TROUBLE, 0 },
                { 403, "<html>", CONDITION_SERVER_TROUBLE, 0 },
                { 403, "", CONDITION_SERVER_TROUBLE, 0 },
                { 404, "<html>", CONDITION_SERVER_TROUBLE, 0 },
                { 404, "{\"error\": \"ForbiddenError\"}", CONDITION_SERVER_TROUBLE, 0 },
                { 400, "{\"error\": \"ForbiddenError\"}", CONDITION_SERVER_TROUBLE, 0 },
                { 401, "{\"error\": \"ForbiddenError\"}", CONDITION_ACCESS_DENIED, 0 },
                { 423, "{\"error\": \"DiskResourceLockedError\"}", CONDITION_SERVER_TROUBLE, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_DISK, rows[i].status, rows[i].body, &p);
                check_int(p.answer.r, rows[i].r);
                check_int(p.answer.disk, rows[i].verdict);
                check((p.answer.r == 0) == (p.answer.reason == NULL));
        }
}

static void any_refusal_shows_that_a_host_is_reached(void) {
        check_int(parse_r(OAUTH_REACH, 400, "{\"error\": \"invalid_request\"}"), 0);
        check_int(parse_r(OAUTH_REACH, 401, "{\"error\": \"UnauthorizedError\"}"), 0);
        check_int(parse_r(OAUTH_REACH, 401, ""), 0);
        check_int(parse_r(OAUTH_REACH, 404, "<html>"), 0);
        check_int(parse_r(OAUTH_REACH, 200, ""), 0);
        check_int(parse_r(OAUTH_REACH, 302, ""), CONDITION_SERVER_TROUBLE);
        check_int(parse_r(OAUTH_REACH, 429, ""), CONDITION_RATE_LIMITED);
        check_int(parse_r(OAUTH_REACH, 502, ""), CONDITION_SERVER_TROUBLE);
}

/* For every request: what the status alone says. */
static void statuses(void) {
        static const char *const bodies[] = { "", "<html>", TOKEN_BODY, CODE_BODY, INFO_BODY };

        for (OauthRequest request = 0; request < _OAUTH_REQUEST_MAX; request++)
                for (size_t i = 0; i < ELEMENTSOF(bodies); i++)
                        for (int status = 0; status < 1000; status++) {
                                bool read = (status >= 200 && status < 300) ||
                                            (status >= 400 && status < 500 && status != 429);

                                if (!read)
                                        check_int(parse_r(request, status, bodies[i]),
                                                  status == 429 ? CONDITION_RATE_LIMITED
                                                                : CONDITION_SERVER_TROUBLE);
                        }
}

static void what_may_have_had_its_effect_is_lost(void) {
        static const struct {
                int status;
                const char *body;
                bool lost;
        } rows[] = {
                { 200, TOKEN_BODY, false },
                { 200, "", true },
                { 200, "{\"access_token\": \"a\", \"refr", true },
                { 200, "{}", true },
                { 200, "{\"access_token\": \"a\", \"refresh_token\": \"r\\n\"}", true },
                { 201, TOKEN_BODY, true },
                { 302, "", false },
                { 400, "{\"error\": \"invalid_grant\"}", false },
                { 400, "<html>", false },
                { 429, "", false },
                { 500, "", true },
                { 502, "<html>", true },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_TOKEN_REFRESH, rows[i].status, rows[i].body, &p);
                check_int(p.answer.lost, rows[i].lost);
        }
}

static void what_http_says_is_passed_on(void) {
        static const int rs[] = { CONDITION_OFFLINE, CONDITION_SERVER_TROUBLE, -ENOMEM };

        for (OauthRequest request = 0; request < _OAUTH_REQUEST_MAX; request++)
                for (size_t i = 0; i < ELEMENTSOF(rs); i++) {
                        _cleanup_(oauth_parsed_done) OauthParsed p = {};
                        const HttpAnswer http = {
                                .r = rs[i],
                                .reason = "why",
                                .untrusted = i == 1,
                                .lost = i & 1,
                                .retry_after = HTTP_NO_RETRY_AFTER,
                        };

                        oauth_parse(request, OAUTH_URL, &http, &p);
                        check_int(p.answer.r, rs[i]);
                        check_str(p.answer.reason, "why");
                        check_int(p.answer.untrusted, i == 1);
                        check_int(p.answer.lost, i & 1);
                        check_int(p.answer.retry_after, HTTP_NO_RETRY_AFTER);
                }
}

TEST_MAIN(TEST(a_device_code_is_read), TEST(device_code_fields),
          TEST(device_codes_that_cannot_be_used_are_refused), TEST(an_identity_is_read),
          TEST(an_id_that_is_a_number_is_its_digits), TEST(an_identity_needs_no_login),
          TEST(identities_that_cannot_be_used_are_refused), TEST(who_may_not_ask_is_told_apart),
          TEST(revoking_is_done_when_the_server_says_so), TEST(a_probe_reads_the_status),
          TEST(what_the_disk_lets_a_token_see), TEST(any_refusal_shows_that_a_host_is_reached),
          TEST(statuses), TEST(what_may_have_had_its_effect_is_lost),
          TEST(what_http_says_is_passed_on))
