/* SPDX-License-Identifier: MIT */

/* The daemon dies after Yandex's answer has arrived and before it was dealt with: the next one
 * makes the account. */

#include "common/deadlines.h"
#include "keeper/storage/loader.h"
#include "sign-in-rig.h"

static const SignInOptions by_code = { .flow = SIGN_IN_CODE, .client_id = "app" };

static void submit(const char *text) {
        const char *sentence;

        check_int(sign_in_submit(visitor.sign_in, text, &sentence), 0);
        run();
}

static void device_sign_in_until_poll(SignInOptions options) {
        sign_in_until_prompt(options);
        pass(5);
}

static const AccountRecord *only_record(void) {
        check_int(accounts_count(world->accounts), 1);
        return account_record(accounts_at(world->accounts, 0));
}

/* What was done by the life before is not done again. */
static void check_signed_in(void) {
        check_int(fake_http_count("/info"), 1);
        check_str(only_record()->login, "anna");
        check_str(kept_refresh_token(only_record()->id), "r-1");
        check_served(ask(only_record()->id), "a-1", 1);
        check_int(fake_fdstore_count(), 0);
        check_int(waiting(), 0);
}

static void a_sign_in_by_device_code(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

/* Each answer takes the place of the one before. */
static void a_poll_that_came_after_others(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        yandex_refuses(400, "authorization_pending");
        pass(5);
        yandex_refuses(400, "authorization_pending");
        pass(5);
        check_int(fake_fdstore_count(), 2);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

static void a_sign_in_by_code(void) {
        begin();
        start();
        check_int(sign_in_with(by_code), 0);
        submit("1234567");
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

static void everything_that_was_asked_for_is_known(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
        char *scopes[] = { (char *) "disk:read", NULL };

        begin();
        start();
        device_sign_in_until_poll((SignInOptions){
                .client_id = "new",
                .client_secret = s,
                .label = "work",
                .scopes = scopes,
        });
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_says_who("100", "anna");
        check_signed_in();
        check_str(only_record()->client_id, "new");
        check_str(only_record()->label, "work");
        check_str(only_record()->scopes[0], "disk:read");
        check_str(secret_string(applications_client_secret(world->applications, "new")),
                  "new-secret");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 1);
        end();
}

/* The life counts from when it was asked for. */
static void its_life_is_not_longer_for_that(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        pass(DAY);
        start();
        yandex_says_who("100", "anna");
        check_int(account_times(accounts_at(world->accounts, 0)).expires_at, DAWN + 5 + YEAR);
        end();
}

static void into_the_account_that_was_named(void) {
        for (unsigned is_other = 0; is_other < 2; is_other++) {
                begin();
                keyring_has((Known){ .login = "anna", .verdict = RECORD_REFUSED });
                start();
                device_sign_in_until_poll(
                        (SignInOptions){ .client_id = "app", .account_id = "one" });
                the_answer_arrives("a-2", "r-2", YEAR);
                die();
                start();
                yandex_says_who(is_other ? "200" : "100", is_other ? "boris" : "anna");
                check_int(accounts_count(world->accounts), is_other ? 2 : 1);
                check_str(kept_refresh_token("one"), is_other ? "r-1" : "r-2");
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

/* The user may be here already, which only an unlocked keyring tells. */
static void a_locked_keyring_is_waited_for(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(waiting(), 0);
        check_int(fake_fdstore_count(), 2);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

/* gnome-keyring sends no signal if PAM unlocks it. */
static void a_keyring_that_was_unlocked_without_a_signal_is_noticed(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        fake_vault_set_state(VAULT_LOCKED);
        start();
        fake_vault_set_state_silently(VAULT_UNLOCKED);
        pass(MINUTE + 1);
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

/* Some keyrings lock items one by one: the user may be the one whose item is still locked. */
static void an_account_that_is_locked_alone_is_waited_for(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-2", "r-2", YEAR);
        die();
        fake_vault_lock_item(VAULT_ACCOUNT, "one", true);
        start();
        check_int(waiting(), 0);
        check_int(fake_fdstore_count(), 2);
        fake_vault_lock_item(VAULT_ACCOUNT, "one", false);
        loader_look(world->loader);
        run();
        yandex_says_who("100", "anna");
        check_int(accounts_count(world->accounts), 1);
        check_str(kept_refresh_token("one"), "r-2");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void a_second_death_loses_nothing_either(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        check_int(waiting(), 1);
        die();
        start();
        yandex_says_who("100", "anna");
        check_int(accounts_count(world->accounts), 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

/* Somebody who presses Ctrl-C twice, or a login host that is slow while the daemon stops. */
static void an_end_that_does_not_wait_loses_nothing(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        yandex_gives("a-1", "r-1", YEAR);
        for (unsigned i = 0; i < 2; i++) {
                check_int(waiting(), 1);
                stop();
                pass(DEADLINE_STOP_MS / 1000 + 1);
                check_int(seen.stopped, 1);
                visitor_leaves();
                quit();
                start();
        }
        yandex_says_who("100", "anna");
        check_str(kept_refresh_token(only_record()->id), "r-1");
        check_int(account_times(accounts_at(world->accounts, 0)).expires_at, DAWN + 5 + YEAR);
        check_int(fake_fdstore_count(), 0);
        end();
}

/* What Yandex gave later is valid now, and what it gave before may not be. */
static void what_yandex_gave_since_stays(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-2", "r-2", YEAR);
        die();
        pass(1);
        start();
        check_int(waiting(), 1);
        fake_http_expect("/token", 200, "{\"access_token\": \"a-3\", \"refresh_token\": \"r-3\"}");
        (void) ask_by_force("one");
        check_int(account_generation(account("one")), 2);
        fake_http_answer(200, "{\"id\": \"100\", \"login\": \"anna\"}");
        run();
        check_served(ask("one"), "a-3", 2);
        check_str(kept_refresh_token("one"), "r-3");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void it_can_be_made_without_a_name(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_cannot_be_reached();
        yandex_cannot_be_reached();
        check_str(only_record()->label, LABEL_UNKNOWN);
        check_str(kept_refresh_token(only_record()->id), "r-1");
        check_int(fake_fdstore_count(), 0);
        end();
}

/* No answer came, or one that is none. */
static void without_tokens_nothing_is_left(void) {
        static const char *const bodies[] = {
                NULL,
                "",
                "{",
                "{\"error\": \"authorization_pending\"}",
                "{\"access_token\": \"a-1\", \"refresh_token\": \"r-",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                begin();
                start();
                device_sign_in_until_poll(TO_APP);
                check_int(fake_fdstore_count(), 2);
                if (bodies[i])
                        fake_http_arrive(bodies[i]);
                die();
                start();
                check_int(accounts_count(world->accounts), 0);
                check_int(waiting(), 0);
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

static void leave(const char *name, const char *text) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);

        fake_fdstore_leave(name, s);
}

static void an_entry_alone_or_one_that_is_damaged_is_dropped(void) {
        static const char tokens[] = "{\"access_token\": \"a-1\", \"refresh_token\": \"r-1\"}";
        static const char *const copies[] = {
                NULL, "{", "{}", "{\"version\": 1}", "{\"version\": 2, \"client_id\": \"app\"}",
        };

        for (size_t i = 0; i < ELEMENTSOF(copies); i++) {
                begin();
                leave("signed-in-x", tokens);
                if (copies[i])
                        leave("sign-in-x", copies[i]);
                start();
                check_int(accounts_count(world->accounts), 0);
                check_int(waiting(), 0);
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

/* The place that was lent is erased when the daemon ends. */
static void an_empty_answer_beside_the_whole_one_is_passed_over(void) {
        static const char *const answers[] = {
                "",
                "{\"access_token\": \"a-1\", \"refresh_token\": \"r-1\"}",
        };

        for (unsigned first = 0; first < 2; first++) {
                begin();
                leave("sign-in-x", "{\"version\": 1, \"client_id\": \"app\"}");
                leave("signed-in-x", answers[first]);
                leave("signed-in-x", answers[1 - first]);
                start();
                yandex_says_who("100", "anna");
                check_signed_in();
                end();
        }
}

/* Without a place in the store a sign-in works as ever. */
static void a_store_that_takes_nothing_is_no_obstacle(void) {
        begin();
        start();
        fake_fdstore_refuse(-EAGAIN);
        sign_in_as(TO_APP, "100", "anna", "a-1", "r-1");
        check_ended(0);
        check_served(ask(visitor.account_id), "a-1", 1);
        end();
}

/* An answer means nothing without the copy. */
static void a_store_that_refused_once_is_asked_again_for_both(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        fake_fdstore_refuse(-EAGAIN);
        pass(5);
        yandex_refuses(400, "authorization_pending");
        check_int(fake_fdstore_count(), 0);
        fake_fdstore_refuse(0);
        pass(5);
        check_int(fake_fdstore_count(), 2);
        the_answer_arrives("a-1", "r-1", YEAR);
        die();
        start();
        yandex_says_who("100", "anna");
        check_signed_in();
        end();
}

static void what_ends_without_tokens_leaves_the_store(void) {
        begin();
        start();
        device_sign_in_until_poll(TO_APP);
        check_int(fake_fdstore_count(), 2);
        yandex_refuses(400, "authorization_pending");
        visitor_leaves();
        check_int(fake_fdstore_count(), 0);
        end();
}

TEST_MAIN(TEST(a_sign_in_by_device_code), TEST(a_poll_that_came_after_others),
          TEST(a_sign_in_by_code), TEST(everything_that_was_asked_for_is_known),
          TEST(its_life_is_not_longer_for_that), TEST(into_the_account_that_was_named),
          TEST(a_locked_keyring_is_waited_for),
          TEST(a_keyring_that_was_unlocked_without_a_signal_is_noticed),
          TEST(an_account_that_is_locked_alone_is_waited_for),
          TEST(a_second_death_loses_nothing_either), TEST(an_end_that_does_not_wait_loses_nothing),
          TEST(an_empty_answer_beside_the_whole_one_is_passed_over),
          TEST(what_yandex_gave_since_stays), TEST(it_can_be_made_without_a_name),
          TEST(without_tokens_nothing_is_left),
          TEST(an_entry_alone_or_one_that_is_damaged_is_dropped),
          TEST(a_store_that_takes_nothing_is_no_obstacle),
          TEST(a_store_that_refused_once_is_asked_again_for_both),
          TEST(what_ends_without_tokens_leaves_the_store))
