/* SPDX-License-Identifier: MIT */

/* What Yandex thinks of an application: what is asked, in which order, and what its answers
 * mean. */

#include "keeper/diagnosis/diagnosis.h"

#include "keeper-rig.h"

#define CODE                                                                                       \
        "{\"device_code\": \"d-1\", \"user_code\": \"u\", \"expires_in\": 300, \"interval\": 5}"

static Diagnosis *diagnosis;
static unsigned n_ends;
static int last_r;
static Verdict id, secret_verdict, scopes_verdict;
static char **missing;

static void on_checked(int r, const Findings *findings, void *userdata) {
        ApplicationFindings none = {};
        const ApplicationFindings *f = findings ? &findings->application : &none;

        n_ends++;
        last_r = r;
        check((r == 0) == (findings != NULL));
        id = f->id;
        secret_verdict = f->secret;
        scopes_verdict = f->scopes;
        missing = strv_free(missing);
        check_int(strv_copy(f->missing_scopes, &missing), 0);
        diagnosis = diagnosis_free(diagnosis);
}

static void ask_about(const char *client_secret, const char *scope_list) {
        _cleanup_(secret_unrefp) Secret *s = client_secret ? secret(client_secret) : NULL;
        _cleanup_(strv_freep) char **scopes = NULL;
        ApplicationQuestion question = { .client_id = "new", .client_secret = s };

        begin();
        start();
        n_ends = 0;
        check_int(strv_split(str_or_empty(scope_list), &scopes), 0);
        question.scopes = scope_list ? scopes : NULL;
        check_int(diagnosis_of_application(world, &question, on_checked, NULL, &diagnosis), 0);
        run();
        check_int(n_ends, 0);
}

static void done(void) {
        check_int(n_ends, 1);
        check(!diagnosis);
        check_int(waiting(), 0);
        missing = strv_free(missing);
        end();
}

static void an_id_alone(void) {
        ask_about(NULL, NULL);
        check_int(fake_http_count("/device/code"), 1);
        check_str(fake_http_field("client_id"), "new");
        check_str(fake_http_field("client_secret"), NULL);
        check_str(fake_http_field("scope"), NULL);
        yandex_answers(200, CODE);
        check_int(last_r, 0);
        check_int(id, VERDICT_ACCEPTED);
        check_int(secret_verdict, VERDICT_UNKNOWN);
        check_int(scopes_verdict, VERDICT_UNKNOWN);
        done();
}

static void an_id_that_is_refused_ends_it(void) {
        ask_about("s", "a b");
        check_str(fake_http_field("scope"), "a b");
        yandex_refuses(400, "invalid_client");
        check_int(last_r, 0);
        check_int(id, VERDICT_REFUSED);
        check_int(secret_verdict, VERDICT_UNKNOWN);
        check_int(scopes_verdict, VERDICT_UNKNOWN);
        check_int(asked(), 0);
        done();
}

/* ClientID and secret may be right, so nothing is said of them. */
static void an_application_that_awaits_moderation_is_no_wrong_id(void) {
        ask_about("s", NULL);
        yandex_refuses(400, "unauthorized_client");
        check_int(last_r, CONDITION_APP_NOT_ALLOWED);
        done();

        ask_about("s", NULL);
        yandex_answers(200, CODE);
        yandex_refuses(400, "unauthorized_client");
        check_int(last_r, CONDITION_APP_NOT_ALLOWED);
        done();
}

static void a_secret_is_tried_with_a_code_that_is_none(void) {
        ask_about("s e", NULL);
        yandex_answers(200, CODE);
        check_int(asked(), 1);
        check_str(fake_http_field("grant_type"), "device_code");
        check_str(fake_http_field("client_secret"), "s e");
        check_int((int64_t) strlen(fake_http_field("code")), 32);
        yandex_refuses(400, "invalid_grant");
        check_int(secret_verdict, VERDICT_ACCEPTED);
        done();
}

/* Only invalid_client is about the client secret. */
static void what_yandex_says_of_a_secret(void) {
        static const struct {
                int status;
                const char *error;
                Verdict verdict;
        } rows[] = {
                { 400, "invalid_client", VERDICT_REFUSED },
                { 401, "invalid_client", VERDICT_REFUSED },
                { 400, "invalid_grant", VERDICT_ACCEPTED },
                { 400, "bad_verification_code", VERDICT_ACCEPTED },
                { 400, "expired_token", VERDICT_ACCEPTED },
                { 400, "authorization_pending", VERDICT_ACCEPTED },
                { 400, "slow_down", VERDICT_ACCEPTED },
                { 400, "access_denied", VERDICT_ACCEPTED },
                { 400, "invalid_request", VERDICT_ACCEPTED },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                ask_about("s", NULL);
                yandex_answers(200, CODE);
                yandex_refuses(rows[i].status, rows[i].error);
                check_int(last_r, 0);
                check_int(id, VERDICT_ACCEPTED);
                check_int(secret_verdict, rows[i].verdict);
                done();
        }
}

static void scopes_that_are_all_there_are_asked_about_once(void) {
        ask_about(NULL, "a b c");
        check_str(fake_http_field("scope"), "a b c");
        yandex_answers(200, CODE);
        check_int(fake_http_count(NULL), 1);
        check_int(scopes_verdict, VERDICT_ACCEPTED);
        check_int((int64_t) strv_length(missing), 0);
        done();
}

static void scopes_are_asked_about_one_by_one_where_one_is_missing(void) {
        ask_about("s", "a b c");
        yandex_refuses(400, "invalid_scope");
        check_int(asked(), 1); /* the secret first */
        yandex_refuses(400, "invalid_client");
        check_str(fake_http_field("scope"), "a");
        yandex_refuses(400, "invalid_scope");
        check_str(fake_http_field("scope"), "b");
        yandex_answers(200, CODE);
        check_str(fake_http_field("scope"), "c");
        yandex_refuses(400, "invalid_scope");
        check_int(last_r, 0);
        check_int(id, VERDICT_ACCEPTED);
        check_int(secret_verdict, VERDICT_REFUSED);
        check_int(scopes_verdict, VERDICT_REFUSED);
        check_int((int64_t) strv_length(missing), 2);
        check_str(missing[0], "a");
        check_str(missing[1], "c");
        done();
}

/* At each step a failure ends the diagnosis without findings. */
static void troubles(void) {
        static const struct {
                int status; /* 0: no answer */
                const char *error;
                int r;
        } rows[] = {
                { 0, NULL, CONDITION_OFFLINE },
                { 429, "x", CONDITION_RATE_LIMITED },
                { 500, "x", CONDITION_SERVER_TROUBLE },
                { 400, "something_new", _CONDITION_MAX }, /* the first that is named */
                { 302, "x", CONDITION_SERVER_TROUBLE },
        };

        for (unsigned step = 0; step < 3; step++)
                for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                        ask_about("s", "a b");
                        if (step > 0)
                                yandex_refuses(400, "invalid_scope");
                        if (step > 1)
                                yandex_refuses(400, "invalid_grant");
                        if (rows[i].status == 0)
                                yandex_cannot_be_reached();
                        else
                                yandex_refuses(rows[i].status, rows[i].error);
                        check_int(last_r, rows[i].r);
                        check_int(fake_http_count(NULL), step + 1);
                        done();
                }
}

static void an_application_blocked_meanwhile_is_trouble(void) {
        ask_about(NULL, "a b");
        yandex_refuses(400, "invalid_scope");
        yandex_refuses(400, "invalid_client");
        check_int(last_r, CONDITION_SERVER_TROUBLE);
        done();
}

static void whether_yandex_was_reached_is_known(void) {
        ask_about(NULL, NULL);
        yandex_cannot_be_reached();
        check(!world->online);
        done();
}

static void memory_that_is_short_is_told(void) {
        ask_about("s", "a b");
        fake_http_refuse(-ENOMEM);
        yandex_refuses(400, "invalid_scope");
        check_int(last_r, -ENOMEM);
        done();

        ask_about(NULL, "a b");
        fake_http_refuse(-ENOMEM);
        yandex_refuses(400, "invalid_scope");
        check_int(last_r, -ENOMEM);
        done();
}

static void a_check_that_is_dropped_is_silent(void) {
        for (unsigned step = 0; step < 3; step++) {
                ask_about("s", "a b");
                if (step > 0)
                        yandex_refuses(400, "invalid_scope");
                if (step > 1)
                        yandex_refuses(400, "invalid_grant");
                check_int(waiting(), 1);
                diagnosis = diagnosis_free(diagnosis);
                check_int(waiting(), 0);
                run();
                check_int(n_ends, 0);
                end();
        }
}

TEST_MAIN(TEST(an_id_alone), TEST(an_id_that_is_refused_ends_it),
          TEST(an_application_that_awaits_moderation_is_no_wrong_id),
          TEST(a_secret_is_tried_with_a_code_that_is_none), TEST(what_yandex_says_of_a_secret),
          TEST(scopes_that_are_all_there_are_asked_about_once),
          TEST(scopes_are_asked_about_one_by_one_where_one_is_missing), TEST(troubles),
          TEST(an_application_blocked_meanwhile_is_trouble),
          TEST(whether_yandex_was_reached_is_known), TEST(memory_that_is_short_is_told),
          TEST(a_check_that_is_dropped_is_silent))
