/* SPDX-License-Identifier: MIT */

/* A user presses "Sign in" on a notification. */

#include "sign-in-rig.h"

#define TAG "sign-in-one"

static void begin_dead(Known known) {
        begin();
        keyring_has(known);
        start();
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_str(fake_notifier_summary(TAG), "Yandex Disk: sign in again");
        check_str(fake_notifier_action(TAG), "Sign in");
}

static void press(void) {
        fake_notifier_press(TAG);
        run();
}

static void press_until_prompt(void) {
        press();
        yandex_shows_a_code();
        check_int(fake_opener_count(), 1);
}

static void confirm_as(const char *uid) {
        pass(5);
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who(uid, "user");
}

/* The button can be pressed again, and nothing is under way. */
static void check_failed(const char *why) {
        check_str(fake_notifier_summary(TAG), "Yandex Disk: \"work\" is not signed in");
        check_str(fake_notifier_body(TAG), why);
        check_str(fake_notifier_action(TAG), "Sign in");
        check_int(waiting(), 0);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        pass(DAY);
        check_int(waiting(), 0);
}

static void from_the_press_to_a_token(void) {
        begin_dead((Known){ .label = "work" });
        press();
        fake_http_look_at_latest();
        check_str(fake_http_url(), "https://oauth.test/device/code");
        check_str(fake_http_field("client_id"), "app");
        check_int(fake_opener_count(), 0);

        yandex_shows_a_code();
        check_str(fake_opener_latest(), "https://ya.ru/device");
        check_str(fake_notifier_summary(TAG), "Yandex Disk: enter the code abcd1234");
        check_str(fake_notifier_body(TAG), "Open https://ya.ru/device and enter the code abcd1234 "
                                           "there to sign in to \"work\" again.");
        check_str(fake_notifier_action(TAG), "Open the page");

        confirm_as("100");
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_str(account_record(account("one"))->label, "work");
        check_served(ask("one"), "a-2", 2);
        check_int(fake_notifier_count(), 0);
        check_int(fake_notifier_count_ever(), 1);
        check_int(fake_opener_count(), 1);
        end();
}

static void the_permissions_stay_what_they_were(void) {
        _cleanup_(strv_freep) char **scopes = NULL;
        static char *const two[] = { (char *) "cloud_api:disk.info", (char *) "login:info", NULL };

        begin_dead((Known){});
        visitor = (Visitor){};
        sign_in_as((SignInOptions){ .client_id = "app", .scopes = two, .account_id = "one" }, "100",
                   "user", "a-2", "r-2");
        check_int(strv_copy(account_record(account("one"))->scopes, &scopes), 0);
        check_int(strv_length(scopes), 2);

        pass(10);
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        press();
        fake_http_look_at_latest();
        check_str(fake_http_field("scope"), "cloud_api:disk.info login:info");
        end();
}

static void a_second_press_opens_the_page_again(void) {
        begin_dead((Known){});
        press();
        press(); /* there is nothing to open yet */
        check_int(codes(), 1);
        yandex_shows_a_code();
        check_int(fake_opener_count(), 1);
        press();
        check_int(fake_opener_count(), 2);
        check_int(codes(), 1);
        check_str(fake_opener_latest(), "https://ya.ru/device");
        check_str(fake_notifier_action(TAG), "Open the page");
        check_int(fake_notifier_count_ever(), 1);
        end();
}

static void other_news_of_the_account_do_not_hide_the_code(void) {
        begin_dead((Known){});
        press_until_prompt();
        check_int(account_set_label(account("one"), "other"), 0);
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        account_retry_save(account("one"));
        run();
        check_str(fake_notifier_summary(TAG), "Yandex Disk: enter the code abcd1234");
        end();
}

static void denied_and_pressed_again(void) {
        begin_dead((Known){ .label = "work" });
        press_until_prompt();
        pass(5);
        yandex_refuses(400, "access_denied");
        check_failed("Access was denied; start the sign-in again and press Allow.");
        press();
        check_int(codes(), 2);
        yandex_shows_a_code();
        confirm_as("100");
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(fake_notifier_count(), 0);
        end();
}

static void the_code_expires(void) {
        begin_dead((Known){ .label = "work" });
        press_until_prompt();
        for (unsigned i = 0; i < 300 / 5 - 1; i++) {
                pass(5);
                yandex_refuses(400, "authorization_pending");
        }
        pass(5);
        if (waiting() > 0)
                yandex_refuses(400, "authorization_pending");
        check_failed("The code was not confirmed in time; start the sign-in again.");
        end();
}

static void somebody_else_signs_in(void) {
        begin_dead((Known){ .label = "work" });
        press_until_prompt();
        confirm_as("200");
        check_failed(
                "Another user signed in than the account belongs to; sign in again as its user.");
        check_str(kept_refresh_token("one"), "r-1");
        end();
}

static void yandex_is_offline(void) {
        begin_dead((Known){ .label = "work" });
        press();
        yandex_cannot_be_reached();
        check_failed("Yandex cannot be reached; check the network and try again.");
        check_int(fake_opener_count(), 0);
        end();
}

static void the_application_is_not_known(void) {
        begin();
        keyring_has((Known){ .client_id = "gone", .label = "work", .life = DAY, .refresh = "" });
        start();
        pass(DAY);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        press();
        check_failed(
                "The secret of the application is not known; run \"yadiskctl login --client-id "
                "gone\" in a terminal.");
        check_int(codes(), 0);
        end();
}

/* The application has lost these scopes since. */
static void the_application_lacks_permissions(void) {
        begin_dead((Known){ .label = "work" });
        press();
        yandex_refuses(400, "invalid_scope");
        check_failed("The application does not have all the permissions that were asked for; tick "
                     "them at https://oauth.yandex.ru, or ask for fewer.");
        end();
}

static void the_keyring_may_ask_for_its_password(void) {
        unsigned before;

        begin_dead((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        run();
        before = fake_vault_prompts();
        press();
        check_int(fake_vault_prompts(), before + 1);
        check_int(codes(), 1);
        end();
}

static void nobody_types_the_password(void) {
        begin_dead((Known){ .label = "work" });
        fake_vault_set_state(VAULT_LOCKED);
        fake_vault_dismiss_prompts(true);
        run();
        press();
        check_int(codes(), 0);
        check_failed("The keyring is locked; unlock it and try again.");
        end();
}

static void a_newer_grant_comes_to_light(void) {
        _cleanup_(secret_unrefp) Secret *text =
                document((Known){ .access = "a-5", .refresh = "r-5", .generation = 5 });

        begin_dead((Known){});
        fake_vault_replace(VAULT_ACCOUNT, "one", text);
        press();
        check_int(codes(), 0);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(fake_notifier_count(), 0);
        end();
}

static void cured_in_a_terminal_meanwhile(void) {
        begin_dead((Known){ .label = "work" });
        press();
        visitor = (Visitor){};
        check_int(sign_in_with((SignInOptions){ .client_id = "app", .account_id = "one" }), 0);
        yandex_shows_a_code(); /* ours */
        yandex_shows_a_code(); /* the visitor's */
        check_int(fake_opener_count(), 1);
        pass(5);
        yandex_refuses(400, "authorization_pending");
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "user");
        check_ended(0);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(fake_notifier_count(), 0);

        /* How our sign-in ends does not matter any more. */
        pass(5);
        yandex_refuses(400, "access_denied");
        check_int(fake_notifier_count(), 0);
        check_int(fake_opener_count(), 1);
        end();
}

static void cured_before_the_prompt(void) {
        _cleanup_(secret_unrefp) Secret *text =
                document((Known){ .access = "a-5", .refresh = "r-5", .generation = 5 });

        begin_dead((Known){});
        press();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_replace(VAULT_ACCOUNT, "one", text);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(state("one"), ACCOUNT_ACTIVE);
        yandex_shows_a_code();
        check_int(fake_opener_count(), 0);
        check_int(fake_notifier_count(), 0);
        end();
}

static void pressed_too_late(void) {
        begin_dead((Known){});
        press_until_prompt();
        confirm_as("100");
        press();
        fake_notifier_press("sign-in-two");
        run();
        check_int(codes(), 1);
        end();
}

static void the_account_goes(void) {
        begin_dead((Known){});
        press_until_prompt();
        accounts_remove(world->accounts, account("one"));
        check_int(fake_notifier_count(), 0);
        pass(DAY);
        check_int(waiting(), 0);
        check_int(asked(), 1);
        end();
}

static void the_end_comes_in_the_middle(void) {
        begin_dead((Known){});
        press();
        end();

        begin_dead((Known){});
        press_until_prompt();
        end();

        begin_dead((Known){});
        fake_vault_hold(FAKE_UNLOCK);
        press();
        end();
}

static void at_the_end_nothing_is_begun(void) {
        begin_dead((Known){});
        stop();
        press();
        check_int(seen.stopped, 1);
        check_int(codes(), 0);
        end();
}

TEST_MAIN(TEST(from_the_press_to_a_token), TEST(the_permissions_stay_what_they_were),
          TEST(a_second_press_opens_the_page_again),
          TEST(other_news_of_the_account_do_not_hide_the_code), TEST(denied_and_pressed_again),
          TEST(the_code_expires), TEST(somebody_else_signs_in), TEST(yandex_is_offline),
          TEST(the_application_is_not_known), TEST(the_application_lacks_permissions),
          TEST(the_keyring_may_ask_for_its_password), TEST(nobody_types_the_password),
          TEST(a_newer_grant_comes_to_light), TEST(cured_in_a_terminal_meanwhile),
          TEST(cured_before_the_prompt), TEST(pressed_too_late), TEST(the_account_goes),
          TEST(the_end_comes_in_the_middle), TEST(at_the_end_nothing_is_begun))
