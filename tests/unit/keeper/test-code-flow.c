/* SPDX-License-Identifier: MIT */

/* Signing in by a code out of a browser: the way it goes, what is taken for a code, and how it
 * ends. */

#include "keeper/sign-in/pkce.h"
#include "sign-in-rig.h"

#define PAGE    "https://oauth.test/verification_code"
#define BY_CODE ((SignInOptions){ .flow = SIGN_IN_CODE, .client_id = "app" })

/* The value of a parameter of the address that is shown; without what needs decoding. */
static const char *shown(const char *name) {
        const char *at = strchr(sign_in_prompt(visitor.sign_in)->authorization_url, '?');
        static char value[512];

        while (at) {
                size_t n = strlen(name);

                if (strncmp(++at, name, n) == 0 && at[n] == '=') {
                        (void) snprintf(value, sizeof(value), "%.*s",
                                        (int) strcspn(at + n + 1, "&"), at + n + 1);
                        return value;
                }
                at = strchr(at, '&');
        }
        return NULL;
}

static const char *address(const char *query) {
        static char text[1024];

        (void) snprintf(text, sizeof(text), PAGE "?%s&state=%s&cid=1", query, shown("state"));
        return text;
}

static int submit(const char *text) {
        const char *sentence = NULL;
        int r = sign_in_submit(visitor.sign_in, text, &sentence);

        check(r > 0 ? sentence != NULL : !sentence);
        run();
        return r;
}

static void begin_by_code(SignInOptions options) {
        begin();
        start();
        check_int(sign_in_with(options), 0);
        check_int(visitor.n_prompts, 1);
        check_int(fake_http_count(NULL), 0);
}

static void check_nothing_kept(void) {
        check_int(accounts_count(world->accounts), 0);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
        check_int(fake_fdstore_count(), 0);
}

static void the_way_it_goes(void) {
        _cleanup_(secret_unrefp) Secret *verifier = NULL;
        char challenge[PKCE_LENGTH + 1];
        const SignInPrompt *prompt;

        begin_by_code(BY_CODE);
        prompt = sign_in_prompt(visitor.sign_in);
        check(!prompt->verification_url && !prompt->user_code);
        check_int(prompt->expires_at, DAWN + 1800);
        check(strncmp(prompt->authorization_url, "https://oauth.test/authorize?",
                      strlen("https://oauth.test/authorize?")) == 0);
        check_str(shown("client_id"), "app");
        check_str(shown("device_id"), "11111111-2222");
        check_str(shown("device_name"), "my%20host");
        check_str(shown("login_hint"), NULL);
        check_int(strlen(shown("state")), PKCE_LENGTH);

        check_int(submit("1234567"), 0);
        check_int(asked(), 1);
        check_str(fake_http_field("grant_type"), "authorization_code");
        check_str(fake_http_field("code"), "1234567");
        check_str(fake_http_field("client_id"), "app");
        check_str(fake_http_field("client_secret"), "app-secret");
        verifier = secret(fake_http_field("code_verifier"));
        check_int(pkce_challenge(verifier, challenge), 0);
        check_str(shown("code_challenge"), challenge);

        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_served(ask(visitor.account_id), "a-1", 1);
        check_str(kept_refresh_token(visitor.account_id), "r-1");
        check_str(kept_label(visitor.account_id), "anna");
        end();
}

static void the_whole_address_will_do(void) {
        begin_by_code(BY_CODE);
        check_int(submit(address("code=12%2034")), 0);
        check_str(fake_http_field("code"), "12 34");
        visitor_leaves();
        end();
}

static void each_sign_in_has_secrets_of_its_own(void) {
        char state[64], challenge[64];

        begin_by_code(BY_CODE);
        (void) snprintf(state, sizeof(state), "%s", shown("state"));
        (void) snprintf(challenge, sizeof(challenge), "%s", shown("code_challenge"));
        check(!streq(state, challenge));
        visitor_leaves();
        check_int(sign_in_with(BY_CODE), 0);
        check(!streq(shown("state"), state));
        check(!streq(shown("code_challenge"), challenge));
        visitor_leaves();
        end();
}

static void scopes_and_login_are_told(void) {
        char *scopes[] = { (char *) "disk:read", (char *) "disk:write", NULL };

        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        check_int(sign_in_with((SignInOptions){ .flow = SIGN_IN_CODE,
                                                .client_id = "app",
                                                .account_id = "one",
                                                .scopes = scopes }),
                  0);
        check_str(shown("scope"), "disk%3Aread%20disk%3Awrite");
        check_str(shown("login_hint"), "anna");
        visitor_leaves();
        end();
}

static void without_a_secret(void) {
        begin_by_code((SignInOptions){ .flow = SIGN_IN_CODE, .client_id = "new" });
        check_int(submit("1234567"), 0);
        check_str(fake_http_field("client_id"), "new");
        check_str(fake_http_field("client_secret"), NULL);
        check(fake_http_field("code_verifier"));
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
        check(!applications_find(world->applications, "new"));

        /* … and so are later renewals. */
        pass(91 * DAY);
        check_asked_with("r-1");
        check_str(fake_http_field("client_secret"), NULL);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask(visitor.account_id), "a-2", 2);
        end();
}

/* Yandex may want the secret for a renewal after all: then nothing is lost, and the secret cures
 * it. */
static void a_secret_that_is_wanted_later_cures_it(void) {
        for (unsigned by_hand = 0; by_hand < 2; by_hand++) {
                _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
                char id[64];

                begin_by_code((SignInOptions){ .flow = SIGN_IN_CODE, .client_id = "new" });
                check_int(submit("1234567"), 0);
                yandex_gives("a-1", "r-1", YEAR);
                yandex_says_who("100", "anna");
                (void) snprintf(id, sizeof(id), "%s", visitor.account_id);
                (void) ask_refresh(id);
                yandex_refuses(400, "invalid_client");
                check_int(state(id), ACCOUNT_APP_REFUSED);
                check_str(kept_refresh_token(id), "r-1");
                check_served(ask(id), "a-1", 1);

                if (by_hand) {
                        check_int(applications_put(world->applications, "new", s, true), 0);
                        accounts_retry_refused(world->accounts, "new");
                        run();
                        check_asked_with("r-1");
                        check_str(fake_http_field("client_secret"), "new-secret");
                        yandex_gives("a-2", "r-2", YEAR);
                } else {
                        check_int(sign_in_with((SignInOptions){ .flow = SIGN_IN_CODE,
                                                                .client_id = "new",
                                                                .client_secret = s }),
                                  0);
                        check_int(submit("7654321"), 0);
                        check_str(fake_http_field("client_secret"), "new-secret");
                        yandex_gives("a-2", "r-2", YEAR);
                        yandex_says_who("100", "anna");
                        check_ended(0);
                        check_str(visitor.account_id, id);
                        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 1);
                }
                check_int(state(id), ACCOUNT_ACTIVE);
                check_served(ask(id), "a-2", 2);
                end();
        }
}

static void what_is_no_code_is_asked_for_again(void) {
        char long_text[4098];

        begin_by_code(BY_CODE);
        memset(long_text, '1', sizeof(long_text) - 1);
        long_text[sizeof(long_text) - 1] = '\0';
        check_int(submit(""), CONDITION_INVALID_ARGS);
        check_int(submit(" \n"), CONDITION_INVALID_ARGS);
        check_int(submit(long_text), CONDITION_INVALID_ARGS);
        check_int(submit(PAGE), CONDITION_INVALID_ARGS);
        check_int(submit(address("cid=2")), CONDITION_INVALID_ARGS);
        check_int(submit(address("code=%")), CONDITION_INVALID_ARGS);
        check_int(submit(PAGE "?code=1234567"), CONDITION_ACCESS_DENIED);
        check_int(submit(PAGE "?code=1234567&state=another"), CONDITION_ACCESS_DENIED);
        check_int(submit(PAGE "?error=access_denied&state=another"), CONDITION_ACCESS_DENIED);
        check_int(fake_http_count(NULL), 0);
        check_int(visitor.n_ends, 0);

        long_text[4096] = '\0';
        check_int(submit(long_text), 0);
        check_int(asked(), 1);
        visitor_leaves();
        check_nothing_kept();
        end();
}

/* Almost the right one. */
static void each_character_of_the_state_counts(void) {
        char text[512];

        begin_by_code(BY_CODE);
        for (size_t i = 0; i < PKCE_LENGTH; i++) {
                char *c = text + strlen(PAGE "?code=1&state=") + i;

                (void) snprintf(text, sizeof(text), PAGE "?code=1&state=%s", shown("state"));
                *c = *c == 'A' ? 'B' : 'A';
                check_int(submit(text), CONDITION_ACCESS_DENIED);
        }
        (void) snprintf(text, sizeof(text), PAGE "?code=1&state=%.42s", shown("state"));
        check_int(submit(text), CONDITION_ACCESS_DENIED);
        check_int(asked(), 0);
        visitor_leaves();
        end();
}

static void a_code_is_taken_once(void) {
        begin_by_code(BY_CODE);
        check_int(submit("1234567"), 0);
        check_int(submit("1234567"), CONDITION_INVALID_ARGS);
        check_int(submit(address("code=7654321")), CONDITION_INVALID_ARGS);
        check_int(asked(), 1);
        yandex_gives("a-1", "r-1", YEAR);
        check_int(submit("1234567"), CONDITION_INVALID_ARGS);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_int(asked(), 1);
        end();
}

static void the_other_flow_takes_none(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        check_int(submit("1234567"), CONDITION_INVALID_ARGS);
        check_int(visitor.n_ends, 0);
        visitor_leaves();
        end();
}

static void before_the_page_is_shown_there_is_no_code(void) {
        begin();
        start();
        fake_vault_hold(FAKE_UNLOCK);
        check_int(sign_in_with(BY_CODE), 0);
        check(!sign_in_prompt(visitor.sign_in));
        check_int(submit("1234567"), CONDITION_INVALID_ARGS);
        fake_vault_let_go(FAKE_UNLOCK);
        run();
        check_int(visitor.n_prompts, 1);
        visitor_leaves();
        end();
}

static void what_yandex_refuses_ends_it(void) {
        static const struct {
                const char *error;
                int condition;
                bool has_sentence;
        } table[] = {
                { "invalid_grant", CONDITION_EXPIRED, true },
                { "bad_verification_code", CONDITION_EXPIRED, true },
                { "expired_token", CONDITION_EXPIRED, true },
                { "invalid_client", CONDITION_APP_REFUSED, false },
                { "unauthorized_client", CONDITION_APP_NOT_ALLOWED, false },
                { "invalid_scope", CONDITION_INVALID_ARGS, true },
                { "invalid_request", CONDITION_SERVER_TROUBLE, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin_by_code(BY_CODE);
                check_int(submit("1234567"), 0);
                yandex_refuses(400, table[i].error);
                check_ended(table[i].condition);
                check_int(visitor.sentence[0] != '\0', table[i].has_sentence);
                pass(HOUR);
                check_int(asked(), 1);
                check_nothing_kept();
                end();
        }
}

static void without_a_secret_that_may_be_the_reason(void) {
        begin_by_code((SignInOptions){ .flow = SIGN_IN_CODE, .client_id = "new" });
        check_int(submit("1234567"), 0);
        yandex_refuses(400, "invalid_client");
        check_ended(CONDITION_APP_REFUSED);
        check(strstr(visitor.sentence, "secret"));
        end();
}

static void an_error_in_the_address_ends_it(void) {
        begin_by_code(BY_CODE);
        check_int(submit(address("error=access_denied&error_description=no")), 0);
        check_ended(CONDITION_ACCESS_DENIED);
        check_int(fake_http_count(NULL), 0);

        check_int(sign_in_with(BY_CODE), 0);
        check_int(submit(address("error=unauthorized_client")), 0);
        check_ended(CONDITION_APP_NOT_ALLOWED);
        check_int(fake_http_count(NULL), 0);
        check_nothing_kept();
        end();
}

static void a_lost_answer_is_not_asked_for_again(void) {
        for (unsigned i = 0; i < 3; i++) {
                begin_by_code(BY_CODE);
                check_int(submit("1234567"), 0);
                if (i == 0)
                        yandex_is_not_heard();
                else
                        yandex_answers(i == 1 ? 502 : 200, "");
                check_ended(i == 0 ? CONDITION_OFFLINE : CONDITION_SERVER_TROUBLE);
                check(strstr(visitor.sentence, "one try"));
                pass(HOUR);
                check_int(asked(), 1);
                end();
        }
}

static void a_code_that_was_never_sent_is_sent_again(void) {
        begin_by_code(BY_CODE);
        check_int(submit("1234567"), 0);
        yandex_cannot_be_reached();
        check(!world->online);
        pass_ms(4999);
        check_int(asked(), 1);
        pass_ms(1);
        check_int(asked(), 2);
        check_str(fake_http_field("code"), "1234567");
        yandex_gives("a-1", "r-1", YEAR);
        check(world->online);
        yandex_says_who("100", "anna");
        check_ended(0);
        end();
}

static void but_not_for_ever(void) {
        begin_by_code(BY_CODE);
        check_int(submit("1234567"), 0);
        for (unsigned i = 1; i <= 3; i++) {
                check_int(asked(), i);
                yandex_cannot_be_reached();
                pass(5);
        }
        check_ended(CONDITION_OFFLINE);
        check_str(visitor.sentence, "");
        pass(HOUR);
        check_int(asked(), 3);
        end();
}

static void half_an_hour_is_time_enough(void) {
        begin_by_code(BY_CODE);
        pass(1799);
        check_int(visitor.n_ends, 0);
        pass(1);
        check_ended(CONDITION_EXPIRED);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void what_came_in_time_is_awaited(void) {
        begin_by_code(BY_CODE);
        pass(1799);
        check_int(submit("1234567"), 0);
        pass(10);
        check_int(visitor.n_ends, 0);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        end();
}

static void a_keyring_that_cannot_keep_it_comes_first(void) {
        begin();
        start();
        fake_vault_set_state(VAULT_LOCKED);
        check_int(sign_in_with(BY_CODE), 0);
        check_ended(CONDITION_KEYRING_LOCKED);
        check_int(visitor.n_prompts, 0);
        end();
}

/* Goes away at each step, and is never heard of again; but what Yandex gave by then is kept. */
static void whoever_leaves_is_forgotten(void) {
        for (unsigned step = 0; step < 5; step++) {
                begin_by_code(BY_CODE);
                if (step >= 1)
                        check_int(submit("1234567"), 0);
                if (step == 2)
                        yandex_cannot_be_reached();
                if (step >= 3)
                        yandex_gives("a-1", "r-1", YEAR);
                if (step >= 4)
                        yandex_cannot_be_reached();
                visitor_leaves();
                for (unsigned i = step; i >= 3 && i < 5; i++)
                        yandex_cannot_be_reached();
                check_int(visitor.n_ends, 0);
                check_int(accounts_count(world->accounts), step >= 3);
                if (step < 3)
                        check_nothing_kept();
                end();
        }
}

/* The code is used up: what it brings must not be lost because the daemon was told to stop. */
static void a_daemon_that_stops_waits_for_the_answer(void) {
        begin_by_code(BY_CODE);
        check_int(submit("1234567"), 0);
        check_stops_when_signed_in();
        end();
}

/* Nobody knows how long somebody will think about it. */
static void a_daemon_that_stops_does_not_wait_for_a_decision(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        check_int(sign_in_with((SignInOptions){
                          .flow = SIGN_IN_CODE, .client_id = "app", .account_id = "one" }),
                  0);
        check_int(submit("1234567"), 0);
        yandex_gives("b-1", "rb-1", YEAR);
        yandex_says_who("200", "boris");
        check_ended(CONDITION_ACCESS_DENIED);
        stop();
        check_int(seen.stopped, 1);
        visitor_leaves();
        end();
}

static void a_request_that_cannot_start_ends_it(void) {
        begin_by_code(BY_CODE);
        fake_http_refuse(-ENOMEM);
        check_int(submit("1234567"), 0);
        check_ended(-ENOMEM);
        end();
}

TEST_MAIN(TEST(the_way_it_goes), TEST(the_whole_address_will_do),
          TEST(each_sign_in_has_secrets_of_its_own), TEST(scopes_and_login_are_told),
          TEST(without_a_secret), TEST(a_secret_that_is_wanted_later_cures_it),
          TEST(what_is_no_code_is_asked_for_again), TEST(each_character_of_the_state_counts),
          TEST(a_code_is_taken_once), TEST(the_other_flow_takes_none),
          TEST(before_the_page_is_shown_there_is_no_code), TEST(what_yandex_refuses_ends_it),
          TEST(without_a_secret_that_may_be_the_reason), TEST(an_error_in_the_address_ends_it),
          TEST(a_lost_answer_is_not_asked_for_again),
          TEST(a_code_that_was_never_sent_is_sent_again), TEST(but_not_for_ever),
          TEST(half_an_hour_is_time_enough), TEST(what_came_in_time_is_awaited),
          TEST(a_keyring_that_cannot_keep_it_comes_first), TEST(whoever_leaves_is_forgotten),
          TEST(a_daemon_that_stops_waits_for_the_answer),
          TEST(a_daemon_that_stops_does_not_wait_for_a_decision),
          TEST(a_request_that_cannot_start_ends_it))
