/* SPDX-License-Identifier: MIT */

/*
 * Every documented error code, as the answer to every request. The table below was written from the
 * documentation, not from the one in oauth-answer.c.
 */

#include "yandex/oauth-answer.h"

#include "parse-rig.h"

#define D  OAUTH_DEVICE_CODE
#define TD OAUTH_TOKEN_DEVICE
#define TC OAUTH_TOKEN_CODE
#define TR OAUTH_TOKEN_REFRESH
#define RV OAUTH_REVOKE

/* What is not listed here is CONDITION_SERVER_TROUBLE. */
static const struct {
        OauthRequest request;
        const char *code;
        int r;
} outcomes[] = {
        { D, "access_denied", CONDITION_ACCESS_DENIED },
        { D, "invalid_client", CONDITION_APP_REFUSED },
        { D, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
        { D, "invalid_scope", CONDITION_INVALID_ARGS },

        { TD, "authorization_pending", CONDITION_PENDING },
        { TD, "slow_down", CONDITION_PENDING },
        { TD, "access_denied", CONDITION_ACCESS_DENIED },
        { TD, "expired_token", CONDITION_EXPIRED },
        { TD, "bad_verification_code", CONDITION_EXPIRED },
        { TD, "invalid_client", CONDITION_APP_REFUSED },
        { TD, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
        { TD, "invalid_grant", CONDITION_EXPIRED },
        { TD, "invalid_scope", CONDITION_INVALID_ARGS },

        { TC, "access_denied", CONDITION_ACCESS_DENIED },
        { TC, "expired_token", CONDITION_EXPIRED },
        { TC, "bad_verification_code", CONDITION_EXPIRED },
        { TC, "invalid_client", CONDITION_APP_REFUSED },
        { TC, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
        { TC, "invalid_grant", CONDITION_EXPIRED },
        { TC, "invalid_scope", CONDITION_INVALID_ARGS },

        { TR, "invalid_client", CONDITION_APP_REFUSED },
        { TR, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
        { TR, "invalid_grant", CONDITION_SIGN_IN_NEEDED },

        { RV, "invalid_client", CONDITION_APP_REFUSED },
        { RV, "unauthorized_client", CONDITION_APP_REFUSED },
        { RV, "invalid_grant", 0 },
        { RV, "unsupported_token_type", 0 },
};

static const char *const known[] = {
        "authorization_pending",  "slow_down",
        "access_denied",          "expired_token",
        "bad_verification_code",  "invalid_client",
        "unauthorized_client",    "invalid_grant",
        "invalid_scope",          "invalid_request",
        "unsupported_grant_type", "unsupported_token_type",
        "Basic auth required",    "Malformed Authorization header",
};

static int expected(OauthRequest request, const char *code) {
        for (size_t i = 0; i < ELEMENTSOF(outcomes); i++)
                if (outcomes[i].request == request && streq(outcomes[i].code, code))
                        return outcomes[i].r;
        return CONDITION_SERVER_TROUBLE;
}

static const char *body(const char *code) {
        static char text[512];

        (void) snprintf(text, sizeof(text),
                        "{\"error_description\": \"invalid_grant\", \"error\": \"%s\"}", code);
        return text;
}

static void every_code_to_every_request(void) {
        for (OauthRequest request = 0; request <= OAUTH_REVOKE; request++)
                for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                        int r = expected(request, known[i]);

                        check_int(oauth_error_find(request, known[i]).r, r);
                        check_int(parse_r(request, 400, body(known[i])), r);
                        check_int(parse_r(request, 401, body(known[i])), r);
                }
}

static void known_codes_are_named(void) {
        for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_TOKEN_REFRESH, 400, body(known[i]), &p);
                check_str(p.answer.error, known[i]);
                check(!p.answer.lost);
        }
}

/* A sign-in and a refresh tell them to the user; a grant outlives them. */
static void unknown_codes(void) {
        static const char *const unknown[] = {
                "Invalid_Grant",  "invalid_grant ", "invalid_gran",
                "invalid_grants", "basic auth",     "authorization_declined",
        };

        for (OauthRequest request = 0; request <= OAUTH_DISK; request++)
                for (size_t i = 0; i < ELEMENTSOF(unknown); i++) {
                        int r = request <= OAUTH_TOKEN_REFRESH
                                        ? condition_unknown_refusal(unknown[i])
                                        : CONDITION_SERVER_TROUBLE;
                        _cleanup_(oauth_parsed_done) OauthParsed p = {};
                        char reason[128];

                        parse(request, 400, body(unknown[i]), &p);
                        check_int(p.answer.r, r);
                        check(!p.answer.error);
                        (void) snprintf(reason, sizeof(reason),
                                        "the server answered with an error that is not known (%s)",
                                        unknown[i]);
                        if (request <= OAUTH_REVOKE)
                                check_str(p.answer.reason, reason);
                        check_int(oauth_error_find(request, unknown[i]).r, r);
                }

        check_int(oauth_error_find(OAUTH_PROBE, "invalid_grant").r, CONDITION_SERVER_TROUBLE);
        check_int(oauth_error_find(_OAUTH_REQUEST_INVALID, "invalid_grant").r,
                  CONDITION_SERVER_TROUBLE);
        check_int(oauth_error_find(_OAUTH_REQUEST_INVALID, "new").r, CONDITION_SERVER_TROUBLE);
}

/* Neither is one that cannot be shown shown. */
static void codes_that_are_none(void) {
        static const char *const none[] = { "", "\\u0000", "invalid_grant\\u0000" };
        static const char *const not_shown[] = { "\\u001b[31m", "new\\n", "новая" };
        static char long_one[300];

        for (OauthRequest request = 0; request <= OAUTH_REVOKE; request++) {
                for (size_t i = 0; i < ELEMENTSOF(none); i++)
                        check_int(parse_r(request, 400, body(none[i])), CONDITION_SERVER_TROUBLE);
                check_int(oauth_error_find(request, NULL).r, CONDITION_SERVER_TROUBLE);
                check_int(parse_r(request, 400, "{\"error\": 5}"), CONDITION_SERVER_TROUBLE);
        }

        for (size_t i = 0; i < ELEMENTSOF(not_shown); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_TOKEN_DEVICE, 400, body(not_shown[i]), &p);
                check_int(p.answer.r, CONDITION_UNKNOWN_REFUSAL);
                check_str(p.answer.reason, "the server answered with an error that is not known");
        }

        memset(long_one, 'x', sizeof(long_one) - 1);
        check_str(oauth_error_find(OAUTH_TOKEN_DEVICE, long_one).meaning,
                  "the server answered with an error that is not known");
}

/* The grant is given up for HTTP 400 and 401 alone. */
static void only_two_statuses_end_a_grant(void) {
        for (int status = 100; status < 600; status++) {
                int r = parse_r(OAUTH_TOKEN_REFRESH, status, body("invalid_grant"));

                if (status == 400 || status == 401)
                        check_int(r, CONDITION_SIGN_IN_NEEDED);
                else if (status == 429)
                        check_int(r, CONDITION_RATE_LIMITED);
                else
                        check_int(r, CONDITION_SERVER_TROUBLE);
        }
}

/* Nor is it for anything that merely mentions the code. */
static void only_the_error_field_ends_a_grant(void) {
        static const char *const bodies[] = {
                "invalid_grant",
                "\"invalid_grant\"",
                "[\"invalid_grant\"]",
                "[{\"error\": \"invalid_grant\"}]",
                "{\"error\": [\"invalid_grant\"]}",
                "{\"error\": {\"error\": \"invalid_grant\"}}",
                "{\"error\": null, \"error_description\": \"invalid_grant\"}",
                "{\"error\": 400}",
                "{\"error\": true}",
                "{\"Error\": \"invalid_grant\"}",
                "{\"error\": \"invalid_grant\"",
                "{\"error\": \"invalid_grant\"} x",
                "{\"error\": \"invalid_grant\"}{}",
                "<html>{\"error\": \"invalid_grant\"}</html>",
                "{}",
                "",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                check_int(parse_r(OAUTH_TOKEN_REFRESH, 400, bodies[i]), CONDITION_SERVER_TROUBLE);
                check_int(parse_r(OAUTH_TOKEN_REFRESH, 401, bodies[i]), CONDITION_SERVER_TROUBLE);
        }
}

static void slow_down_is_told_apart(void) {
        _cleanup_(oauth_parsed_done) OauthParsed slow = {}, pending = {};

        parse(OAUTH_TOKEN_DEVICE, 400, body("slow_down"), &slow);
        check(slow.answer.slow_down);
        parse(OAUTH_TOKEN_DEVICE, 400, body("authorization_pending"), &pending);
        check(!pending.answer.slow_down);
}

static void a_token_that_cannot_be_revoked_is_told(void) {
        static const struct {
                int status;
                const char *body;
                int r;
                bool revocable;
        } rows[] = {
                { 200, "{\"status\": \"ok\"}", 0, true },
                { 400, "{\"error\": \"unsupported_token_type\"}", 0, false },
                { 400, "{\"error\": \"invalid_grant\"}", 0, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_(oauth_parsed_done) OauthParsed p = {};

                parse(OAUTH_REVOKE, rows[i].status, rows[i].body, &p);
                check_int(p.answer.r, rows[i].r);
                check_int(p.answer.revocable, rows[i].revocable);
        }
}

TEST_MAIN(TEST(every_code_to_every_request), TEST(known_codes_are_named), TEST(unknown_codes),
          TEST(codes_that_are_none), TEST(only_two_statuses_end_a_grant),
          TEST(only_the_error_field_ends_a_grant), TEST(slow_down_is_told_apart),
          TEST(a_token_that_cannot_be_revoked_is_told))
