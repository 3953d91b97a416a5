/* SPDX-License-Identifier: MIT */

/* The life of a call: when it calls back, and when it does not. */

#include "oauth-rig.h"

#define TOKEN_BODY "{\"access_token\": \"a-1\", \"refresh_token\": \"r:1\", \"expires_in\": 60}"

static void start_refresh(Rig *rig) {
        _cleanup_(secret_unrefp) Secret *token = secret("r:0");

        check_int(oauth_token_by_refresh(rig->oauth, &rig->client, &(OauthRenewal){ token, false },
                                         NULL, on_answer, rig, &rig->call),
                  0);
}

static void the_answer_comes_from_the_loop(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        fake_http_expect("/token", 200, TOKEN_BODY);
        start_refresh(&rig);
        check_int(rig.n_answers, 0);
        rig_run(&rig);
        check_int(rig.n_answers, 1);
        check_int(rig.last.r, 0);
        check_str(secret_string(rig.access_token), "a-1");
        check(!rig.call);
}

static void nothing_comes_before_the_server_answers(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        start_refresh(&rig);
        rig_run(&rig);
        check_int(rig.n_answers, 0);
        check_int(fake_http_waiting(), 1);
        fake_http_answer(200, TOKEN_BODY);
        rig_run(&rig);
        check_int(rig.n_answers, 1);
        check_int(fake_http_waiting(), 0);
}

static void a_cancelled_call_is_silent(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        start_refresh(&rig);
        rig.call = oauth_call_free(rig.call);
        rig_run(&rig);
        check_int(rig.n_answers, 0);

        start_refresh(&rig);
        fake_http_answer(200, TOKEN_BODY);
        rig.call = oauth_call_free(rig.call); /* answered, not delivered yet */
        rig_run(&rig);
        check_int(rig.n_answers, 0);
}

static void a_call_that_cannot_start_leaves_nothing(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("r:0");

        fake_http_refuse(-ENOMEM);
        check_int(oauth_token_by_refresh(rig.oauth, &rig.client, &(OauthRenewal){ token, false },
                                         NULL, on_answer, &rig, &rig.call),
                  -ENOMEM);
        check(!rig.call);
        check_int(fake_http_count(NULL), 0);
}

static void the_server_clock_and_wait_are_passed_on(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        fake_http_set_retry_after(17);
        fake_http_set_date(784111777);
        fake_http_expect("/token", 429, "");
        start_refresh(&rig);
        rig_run(&rig);
        check_int(rig.last.r, CONDITION_RATE_LIMITED);
        check_int(rig.last.retry_after, 17);
        check_int(rig.last.date, 784111777);
}

static void a_broken_connection_is_passed_on(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        fake_http_expect_failure("/token", CONDITION_OFFLINE, true);
        start_refresh(&rig);
        rig_run(&rig);
        check_int(rig.last.r, CONDITION_OFFLINE);
        check(rig.last.lost);

        fake_http_expect_failure("/token", CONDITION_OFFLINE, false);
        start_refresh(&rig);
        rig_run(&rig);
        check(!rig.last.lost);
}

static void on_answer_again(const OauthAnswer *answer, void *userdata) {
        Rig *rig = userdata;

        on_answer(answer, rig);
        if (rig->n_answers < 3) {
                _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

                check_int(oauth_probe(rig->oauth, token, on_answer_again, rig, &rig->call), 0);
                fake_http_answer(403, "");
        }
}

static void a_callback_may_ask_again(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        check_int(oauth_probe(rig.oauth, token, on_answer_again, &rig, &rig.call), 0);
        fake_http_answer(500, "");
        rig_run(&rig);
        check_int(rig.n_answers, 3);
        check_int(rig.last.r, 0);
        check_int(fake_http_count("/v1/disk/operations/0000"), 3);
}

static void on_answer_kept(const OauthAnswer *answer, void *userdata) {
        ((Rig *) userdata)->n_answers++;
}

static void a_callback_may_leave_the_call_to_later(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");

        check_int(oauth_probe(rig.oauth, token, on_answer_kept, &rig, &rig.call), 0);
        fake_http_answer(200, "");
        rig_run(&rig);
        check_int(rig.n_answers, 1);
        check(rig.call);
}

static void calls_are_apart(void) {
        _cleanup_(rig_done) Rig a = rig_new();
        _cleanup_(secret_unrefp) Secret *token = secret("y0_a");
        Rig b = {}, c = {};

        check_int(oauth_identity(a.oauth, token, on_answer, &a, &a.call), 0);
        check_int(oauth_probe(a.oauth, token, on_answer, &b, &b.call), 0);
        check_int(oauth_revoke(a.oauth, &a.client, token, on_answer, &c, &c.call), 0);

        fake_http_answer(200, "{\"id\": \"1\", \"login\": \"ivan\"}");
        fake_http_answer(401, "");
        fake_http_answer(400, "{\"error\": \"unsupported_token_type\"}");
        rig_run(&a);
        check_int(a.last.r, 0);
        check_int(b.last.r, CONDITION_ACCESS_DENIED);
        check_int(c.last.r, 0);
        check_str(c.last.error, "unsupported_token_type");
        check(!c.last.revocable);
}

TEST_MAIN(TEST(the_answer_comes_from_the_loop), TEST(nothing_comes_before_the_server_answers),
          TEST(a_cancelled_call_is_silent), TEST(a_call_that_cannot_start_leaves_nothing),
          TEST(the_server_clock_and_wait_are_passed_on), TEST(a_broken_connection_is_passed_on),
          TEST(a_callback_may_ask_again), TEST(a_callback_may_leave_the_call_to_later),
          TEST(calls_are_apart))
