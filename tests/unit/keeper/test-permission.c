/* SPDX-License-Identifier: MIT */

/* The user is asked whether a sandboxed app may have the tokens of an account. */

#include "keeper-rig.h"
#include "keeper/notify/permission.h"

#define APP "org.example.App"

/* An app that waits for what the user says. */
typedef struct Waiter {
        Wait *wait;
        unsigned n_answers;
        int r;
} Waiter;

static void on_answer(int r, void *userdata) {
        Waiter *w = userdata;

        w->wait = wait_free(w->wait);
        w->n_answers++;
        w->r = r;
}

static int put(Waiter *w, const char *id, const char *app) {
        *w = (Waiter){};
        return permissions_ask(world->permissions, account(id), app, on_answer, w, &w->wait);
}

#define check_answered(w, expected)                                                                \
        do {                                                                                       \
                check_int((w)->n_answers, 1);                                                      \
                check_int((w)->r, expected);                                                       \
        } while (false)

static void begin_with_two(void) {
        begin();
        keyring_has((Known){ .id = "one", .label = "home" });
        keyring_has((Known){ .id = "two", .uid = "2", .label = "work", .created_at = DAWN + 1 });
        start();
}

static void begin_asked(Waiter *w) {
        begin_with_two();
        check_int(put(w, "one", APP), 0);
        check(w->wait);
        check_int(fake_notifier_count(), 1);
}

static void the_user_allows(void) {
        Waiter w;

        begin_asked(&w);
        check_str(fake_notifier_summary(APP), "Yandex Disk: an app asks for access");
        check_str(fake_notifier_body(APP),
                  "\"org.example.App\" is in a sandbox and asks for the token of \"home\".");
        check_str(fake_notifier_command(APP),
                  "To allow that, run \"yadiskctl allow org.example.App\" in a terminal.");
        check_str(fake_notifier_action(APP), "Allow");
        check_str(fake_notifier_denial(APP), "Deny");
        check_int(w.n_answers, 0);

        fake_notifier_press(APP);
        check_answered(&w, 0);
        check(account_allows(account("one"), APP));
        check(!account_allows(account("two"), APP));
        check(seen.account & ACCOUNT_CHANGED_ALLOWED);
        check_int(fake_notifier_count(), 0);
        run();
        check(strstr(fake_vault_document(VAULT_ACCOUNT, "one"), "\"allowed\":[\"" APP "\"]"));
        end();
}

static void the_user_denies(void) {
        Waiter w, again;

        begin_asked(&w);
        fake_notifier_press_denial(APP);
        check_answered(&w, CONDITION_ACCESS_DENIED);
        check(!account_allows(account("one"), APP));
        check_int(fake_notifier_count(), 0);

        /* Not asked again, neither for this account nor for another. */
        check_int(put(&again, "one", APP), CONDITION_ACCESS_DENIED);
        check_int(put(&again, "two", APP), CONDITION_ACCESS_DENIED);
        check_int(fake_notifier_count_ever(), 1);

        /* Another app is. */
        check_int(put(&again, "two", "snap.foo"), 0);
        check_str(fake_notifier_command("snap.foo"),
                  "To allow that, run \"yadiskctl allow snap.foo two\" in a terminal.");
        end();
        check_answered(&again, CONDITION_ACCESS_DENIED);
}

/* An answer that comes late still counts. */
static void the_app_has_given_up(void) {
        Waiter w, again;

        begin_asked(&w);
        w.wait = wait_free(w.wait);
        check_int(put(&again, "one", APP), CONDITION_ACCESS_DENIED);
        check(fake_notifier_shows(APP));
        fake_notifier_press(APP);
        check(account_allows(account("one"), APP));
        check_int(w.n_answers, 0);
        check_int(fake_notifier_count(), 0);
        end();
}

static void calls_at_once_share_the_answer(void) {
        Waiter first, second, other;

        begin_asked(&first);
        check_int(put(&second, "one", APP), 0);
        check_int(put(&other, "two", APP), CONDITION_ACCESS_DENIED);
        check_int(fake_notifier_count_ever(), 1);
        fake_notifier_press(APP);
        check_answered(&first, 0);
        check_answered(&second, 0);
        end();
}

/* As "yadiskctl allow" does. */
static void it_is_allowed_in_another_way(void) {
        Waiter w;

        begin_asked(&w);
        check_int(account_allow(account("one"), "snap.foo"), 0);
        check_int(account_allow(account("two"), APP), 0);
        check_int(w.n_answers, 0);
        check_int(account_allow(account("one"), APP), 0);
        check_answered(&w, 0);
        check_int(fake_notifier_count(), 0);
        end();
}

static void the_account_goes_meanwhile(void) {
        Waiter w;

        begin_asked(&w);
        accounts_remove(world->accounts, account("two"));
        check_int(w.n_answers, 0);
        accounts_remove(world->accounts, account("one"));
        check_answered(&w, CONDITION_ACCESS_DENIED);
        check_int(fake_notifier_count(), 0);
        end();
}

static void no_more_can_be_allowed(void) {
        char app[16];
        Waiter w;

        begin_asked(&w);
        for (unsigned i = 0; i < ALLOWED_APPS_MAX; i++) {
                (void) snprintf(app, sizeof(app), "app%u", i);
                check_int(account_allow(account("one"), app), 0);
        }
        fake_notifier_press(APP);
        check_answered(&w, CONDITION_ACCESS_DENIED);
        check_int(fake_notifier_count(), 0);
        end();
}

static void only_so_many_questions(void) {
        Waiter waiters[17];
        char app[16];

        begin_with_two();
        for (unsigned i = 0; i < 17; i++) {
                (void) snprintf(app, sizeof(app), "app%u", i);
                check_int(put(&waiters[i], "one", app), i < 16 ? 0 : CONDITION_ACCESS_DENIED);
        }
        check_int(fake_notifier_count_ever(), 16);
        end();
        for (unsigned i = 0; i < 16; i++)
                check_answered(&waiters[i], CONDITION_ACCESS_DENIED);
}

static void the_user_cannot_be_asked(void) {
        Waiter w, late;

        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(put(&w, "one", APP), CONDITION_ACCESS_DENIED);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(put(&w, "one", "an app"), CONDITION_ACCESS_DENIED);
        check_int(put(&w, "one", "<b>"), CONDITION_ACCESS_DENIED);
        check_int(put(&w, "one", APP), 0);
        stop();
        check_int(put(&late, "one", "snap.foo"), CONDITION_ACCESS_DENIED);
        check_int(fake_notifier_count_ever(), 1);
        end();
}

static void a_command_can_be_typed_as_it_is(void) {
        static const struct {
                const char *app, *account, *command;
        } table[] = {
                { APP, NULL, "yadiskctl allow org.example.App" },
                { APP, "one", "yadiskctl allow org.example.App one" },
                { APP, "", "yadiskctl allow org.example.App" },
                { APP, "Мой диск", "yadiskctl allow org.example.App 'Мой диск'" },
                { APP, "$(id)", "yadiskctl allow org.example.App '$(id)'" },
                { APP, "it's", "yadiskctl allow org.example.App 'it'\\''s'" },
                { APP, "-a", "yadiskctl allow org.example.App ACCOUNT" },
                { APP, "a\nb", "yadiskctl allow org.example.App ACCOUNT" },
                { "a\\x2db.service", NULL, "yadiskctl allow 'a\\x2db.service'" },
                { "a\\x2db.service", "one", "yadiskctl allow 'a\\x2db.service' one" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *command = NULL;

                check_int(permission_make_command(table[i].app, table[i].account, &command), 0);
                check_str(command, table[i].command);
        }
}

TEST_MAIN(TEST(the_user_allows), TEST(the_user_denies), TEST(the_app_has_given_up),
          TEST(calls_at_once_share_the_answer), TEST(it_is_allowed_in_another_way),
          TEST(the_account_goes_meanwhile), TEST(no_more_can_be_allowed),
          TEST(only_so_many_questions), TEST(the_user_cannot_be_asked),
          TEST(a_command_can_be_typed_as_it_is))
