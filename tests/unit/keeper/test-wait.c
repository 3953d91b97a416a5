/* SPDX-License-Identifier: MIT */

/* Waiters: leaving the list, and what a callback may do. */

#include "keeper-rig.h"

static Asker *second, *again;

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

static void who_hangs_up_is_not_answered(void) {
        Asker *a, *b, *c;

        begin_with_one();
        a = ask_by_force("one");
        b = ask_by_force("one");
        c = ask_by_force("one");
        hang_up(b);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(a, "a-2", 2);
        check_int(b->n_answers, 0);
        check_served(c, "a-2", 2);
        end();
}

/* The refresh goes on, since what Yandex gives must be kept. */
static void when_all_hang_up_the_grant_is_kept(void) {
        begin_with_one();
        hang_up(ask_by_force("one"));
        yandex_gives("a-2", "r-2", YEAR);
        check_str(kept_access_token("one"), "a-2");
        end();
}

static void then_hang_up_second(Asker *asker) {
        hang_up(second);
}

static void a_callback_may_drop_another_waiter(void) {
        Asker *a, *c;

        begin_with_one();
        a = ask_by_force("one");
        second = ask_by_force("one");
        c = ask_by_force("one");
        a->then = then_hang_up_second;
        yandex_gives("a-2", "r-2", YEAR);
        check_served(a, "a-2", 2);
        check_int(second->n_answers, 0);
        check_served(c, "a-2", 2);
        end();
}

static int ask_again(Asker *asker, bool force) {
        TokenQuery query = { .force = force };

        asker->n_answers = 0;
        again = asker;
        return account_get_token(asker->account, &query, NULL, NULL, &asker->wait);
}

static void then_ask_again(Asker *asker) {
        asker->then = NULL;
        /* The attempt before was less than ten seconds ago. */
        check_int(ask_again(asker, true), asker->r);
        check(!asker->wait);
}

static void a_callback_may_ask_again(void) {
        Asker *a, *b;

        begin_with_one();
        a = ask_by_force("one");
        b = ask_by_force("one");
        a->then = then_ask_again;
        yandex_cannot_be_reached();
        check(again == a);
        check_refused(b, CONDITION_OFFLINE);
        check_int(asked(), 1);

        pass(30);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(a->n_answers, 0); /* it left no second wait behind */
        end();
}

static void then_remove(Asker *asker) {
        accounts_remove(world->accounts, asker->account);
}

static void a_callback_may_free_the_account_that_serves(void) {
        Asker *a, *b;

        begin_with_one();
        a = ask_by_force("one");
        b = ask_by_force("one");
        a->then = then_remove;
        yandex_gives("a-2", "r-2", YEAR);
        check_served(a, "a-2", 2);
        check_served(b, "a-2", 2); /* it was in line when the answer came */
        check_int(accounts_count(world->accounts), 0);
        end();
}

static void a_callback_may_free_the_account_that_fails(void) {
        static const int statuses[] = { 400, 500 };

        for (size_t i = 0; i < ELEMENTSOF(statuses); i++) {
                Asker *a, *b;

                begin_with_one();
                a = ask_by_force("one");
                b = ask_by_force("one");
                a->then = then_remove;
                yandex_refuses(statuses[i], "invalid_grant");
                check_int(a->n_answers, 1);
                check_int(b->n_answers, 1);
                check(a->r != 0);
                check_int(b->r, a->r);
                end();
        }
}

static void a_callback_may_free_the_account_while_the_keyring_is_slow(void) {
        Asker *a, *b;

        begin_with_one();
        fake_vault_hold(FAKE_STORE);
        a = ask_by_force("one");
        b = ask_by_force("one");
        a->then = then_remove;
        yandex_gives("a-2", "r-2", YEAR);
        pass(3);
        check_served(a, "a-2", 2);
        check_served(b, "a-2", 2);
        end();
}

static void a_callback_may_free_the_account_that_is_leniently_served(void) {
        Asker *a, *b;

        begin();
        keyring_has((Known){ .obtained_at = DAWN - YEAR + 30 });
        start();
        a = ask("one");
        b = ask("one");
        check_waits(a);
        a->then = then_remove;
        yandex_cannot_be_reached();
        check_served(a, "a-1", 1);
        check_served(b, "a-1", 1);
        end();
}

static void an_account_that_goes_answers_cancelled(void) {
        Asker *a, *b;

        begin_with_one();
        a = ask_by_force("one");
        b = ask_refresh("one");
        accounts_remove(world->accounts, account("one"));
        check_refused(a, CONDITION_CANCELLED);
        check_refused(b, CONDITION_CANCELLED);
        run();
        check_int(waiting(), 0);
        end();
}

static void the_end_of_the_keeper_answers_cancelled(void) {
        Asker *a;

        begin_with_one();
        a = ask_by_force("one");
        keeper = keeper_free(keeper);
        check_refused(a, CONDITION_CANCELLED);
        end();
}

static void a_request_that_cannot_start_is_no_end(void) {
        begin_with_one();
        fake_http_refuse(-ENOMEM);
        check_refused(ask_by_force("one"), -ENOMEM);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check(!account_is_refreshing(account("one")));
        pass(30);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        end();
}

TEST_MAIN(TEST(who_hangs_up_is_not_answered), TEST(when_all_hang_up_the_grant_is_kept),
          TEST(a_callback_may_drop_another_waiter), TEST(a_callback_may_ask_again),
          TEST(a_callback_may_free_the_account_that_serves),
          TEST(a_callback_may_free_the_account_that_fails),
          TEST(a_callback_may_free_the_account_while_the_keyring_is_slow),
          TEST(a_callback_may_free_the_account_that_is_leniently_served),
          TEST(an_account_that_goes_answers_cancelled),
          TEST(the_end_of_the_keeper_answers_cancelled),
          TEST(a_request_that_cannot_start_is_no_end))
