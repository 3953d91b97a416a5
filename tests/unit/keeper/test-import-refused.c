/* SPDX-License-Identifier: MIT */

/* Tokens of another program that are not taken over: nothing is left, and nothing was done to
 * them. */

#include "import-rig.h"

static void whoever_is_here_already_is_left_alone(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        check_ended(CONDITION_INVALID_ARGS);
        check(strstr(visitor.sentence, "signed in here already"));
        check_int(asked(), 0);
        check_str(kept_refresh_token("one"), "r-1");
        check_int(accounts_count(world->accounts), 1);
        end_import();
}

static void a_token_of_another_application_is_refused(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "another");
        check_ended(CONDITION_INVALID_ARGS);
        check(strstr(visitor.sentence, "another application"));
        check_int(asked(), 0);
        check_nothing_kept();
        end_import();
}

/* Then it could be anybody's, even one's who is here: it is left alone. */
static void as_long_as_nobody_knows_whose_it_is(void) {
        static const struct {
                int status; /* 0: cannot be reached */
                unsigned n_asked;
                int condition;
        } table[] = {
                { 0, 1, CONDITION_OFFLINE },
                { 429, 1, CONDITION_RATE_LIMITED },
                { 500, 2, CONDITION_SERVER_TROUBLE },
                { 200, 2, CONDITION_SERVER_TROUBLE },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                for (unsigned n = 0; n < table[i].n_asked; n++) {
                        if (table[i].status == 0)
                                yandex_cannot_be_reached();
                        else
                                yandex_answers(table[i].status, "{}");
                }
                check_ended(table[i].condition);
                check_int(asked(), 0);
                check_nothing_kept();
                end_import();
        }
}

static void what_is_not_renewed_leaves_no_trace(void) {
        static const struct {
                int status; /* 0: cannot be reached; -1: not heard, twice */
                const char *error;
                int condition;
        } table[] = {
                { 400, "invalid_grant", CONDITION_SIGN_IN_NEEDED },
                { 400, "invalid_client", CONDITION_APP_REFUSED },
                { 400, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
                { 400, "invalid_request", CONDITION_SERVER_TROUBLE },
                { 429, "x", CONDITION_RATE_LIMITED },
                { 503, "x", CONDITION_SERVER_TROUBLE },
                { 0, NULL, CONDITION_OFFLINE },
                { -1, NULL, CONDITION_OFFLINE },
        };

        for (size_t i = 0; i < 2 * ELEMENTSOF(table); i++) {
                size_t row = i / 2;

                begin();
                start();
                import(pair(i % 2 ? NULL : "a-0", "r-0"));
                if (i % 2 == 0)
                        yandex_says_whose("100", "anna", "app");
                check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
                if (table[row].status > 0)
                        yandex_refuses(table[row].status, table[row].error);
                else if (table[row].status == 0)
                        yandex_cannot_be_reached();
                else {
                        yandex_is_not_heard();
                        check_asked_with("r-0");
                        yandex_is_not_heard();
                }
                check_ended(table[row].condition);
                check_int(visitor.sentence[0] != '\0',
                          table[row].condition == CONDITION_SIGN_IN_NEEDED);
                check_nothing_kept();
                pass(DAY);
                check_int(waiting(), 0);
                end_import();
        }
}

static void an_application_that_came_along_is_not_kept(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("wrong-secret");
        SignInOptions options;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.client_id = "new";
        options.client_secret = s;
        import(options);
        yandex_says_whose("100", "anna", "new");
        yandex_refuses(400, "invalid_client");
        check_ended(CONDITION_APP_REFUSED);
        check_nothing_kept();
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
        check(!applications_find(world->applications, "new"));
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        end_import();
}

/* One that works for others is not put at stake. */
static void another_secret_of_a_known_application_is_refused(void) {
        _cleanup_(secret_unrefp) Secret *wrong = secret("wrong-secret"),
                                        *same = secret("app-secret");
        SignInOptions options;

        begin();
        keyring_has((Known){ .client_id = "bare" });
        keyring_has_application("app", "app-secret");
        start();
        options = pair("a-0", "r-0");
        options.client_secret = wrong;
        import(options);
        check_ended(CONDITION_INVALID_ARGS);
        check(strstr(visitor.sentence, "another secret"));

        options.client_id = "bare"; /* which an account uses without any */
        import(options);
        check_ended(CONDITION_INVALID_ARGS);
        check_int(fake_http_count(NULL), 0);
        check(!applications_find(world->applications, "bare"));

        options.client_id = "app";
        options.client_secret = same;
        import(options);
        check_int(fake_http_count("/info"), 1);
        visitor_leaves();
        end_import();
}

/* Two at once: whoever comes first has shown that his works. */
static void a_secret_that_came_meanwhile_is_not_written_over(void) {
        _cleanup_(secret_unrefp) Secret *wrong = secret("wrong-secret"), *good = secret("good");
        SignInOptions options;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.client_id = "new";
        options.client_secret = wrong;
        import(options);
        check_int(applications_put(world->applications, "new", good, false), 0);
        yandex_says_whose("100", "anna", "new");
        check_ended(CONDITION_INVALID_ARGS);
        check(strstr(visitor.sentence, "another secret"));
        check(secret_equal(application_client_secret(applications_find(world->applications, "new")),
                           good));
        check_int(asked(), 0);
        check_nothing_kept();
        end_import();
}

TEST_MAIN(TEST(whoever_is_here_already_is_left_alone),
          TEST(a_token_of_another_application_is_refused),
          TEST(as_long_as_nobody_knows_whose_it_is), TEST(what_is_not_renewed_leaves_no_trace),
          TEST(an_application_that_came_along_is_not_kept),
          TEST(another_secret_of_a_known_application_is_refused),
          TEST(a_secret_that_came_meanwhile_is_not_written_over))
