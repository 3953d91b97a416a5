/* SPDX-License-Identifier: MIT */

/* A refresh that succeeds, and one that fails but may succeed later. */

#include "keeper-rig.h"

#define CROWD 3000

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

static void begin_with_one_for_an_hour(void) {
        begin();
        keyring_has((Known){ .id = "one", .life = HOUR });
        start();
}

static void a_year_is_renewed_after_75_days(void) {
        int64_t due;

        begin_with_one();
        due = account_next_refresh_at(account("one"));
        check_within(due, DAWN + 75 * DAY, DAWN + 90 * DAY);
        pass(due - DAWN - 1);
        check_int(asked(), 0);
        pass(1);
        check_int(asked(), 1);
        check_asked_with("r-1");
        check(fake_http_is_due());
        check_str(fake_http_field("client_id"), "app");
        check_str(fake_http_field("client_secret"), "app-secret");
        check_str(fake_http_url(), "https://oauth.test/token");
        check(account_is_refreshing(account("one")));
        end();
}

static void what_yandex_gives_takes_the_place_of_the_old(void) {
        begin_with_one();
        pass(90 * DAY);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-2");
        check(!account_is_refreshing(account("one")));
        check_int(account_record(account("one"))->last_refresh_at, DAWN + 90 * DAY);
        check_int(account_times(account("one")).expires_at, DAWN + 90 * DAY + YEAR);
        check_within(account_next_refresh_at(account("one")), DAWN + 165 * DAY, DAWN + 180 * DAY);
        check_str(secret_string(account_record(account("one"))->previous->access_token), "a-1");
        check(seen.account & ACCOUNT_CHANGED_GRANT);
        check(seen.account & ACCOUNT_CHANGED_NEXT_REFRESH);
        check_int(asked(), 1);
        end();
}

static void renewal_goes_on_for_years(void) {
        begin_with_one();
        for (unsigned i = 2; i < 50; i++) {
                char access[16], refresh[16];

                (void) snprintf(access, sizeof(access), "a-%u", i);
                (void) snprintf(refresh, sizeof(refresh), "r-%u", i);
                pass(91 * DAY);
                check_int(waiting(), 1);
                yandex_gives(access, refresh, YEAR);
                check_served(ask("one"), access, i);
                check_str(kept_refresh_token("one"), refresh);
        }
        end();
}

static void the_old_token_is_served_meanwhile(void) {
        begin_with_one();
        pass(90 * DAY);
        check_int(waiting(), 1);
        check_served(ask("one"), "a-1", 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void a_crowd_shares_one_refresh(void) {
        static Asker *crowd[CROWD];

        begin();
        keyring_has((Known){ .obtained_at = DAWN - 2 * YEAR });
        start();
        for (size_t i = 0; i < CROWD; i++)
                crowd[i] = i % 3 == 0   ? ask("one")
                           : i % 3 == 1 ? ask_by_force("one")
                                        : ask_refresh("one");
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        for (size_t i = 0; i < CROWD; i++)
                check_served(crowd[i], "a-2", 2);
        check_int(asked(), 1);
        check_int(fake_vault_calls(FAKE_STORE), 1);
        end();
}

/* Only what the schedule wants goes before others, however often programs ask. */
static void what_a_program_asked_for_is_not_due(void) {
        begin_with_one_for_an_hour();
        (void) ask_by_force("one");
        check_int(asked(), 1);
        check(!fake_http_is_due());
        yandex_cannot_be_reached();
        pass(MINUTE);
        check_int(asked(), 2);
        check(fake_http_is_due());
        fake_http_fail(CONDITION_OFFLINE, true);
        run();
        check_int(asked(), 3);
        check(fake_http_is_due());
        yandex_gives("a-2", "r-2", HOUR);
        pass(MINUTE);
        (void) ask_refresh("one");
        check_int(asked(), 4);
        check(!fake_http_is_due());
        fake_http_fail(CONDITION_OFFLINE, true);
        run();
        check_int(asked(), 5);
        check(!fake_http_is_due());
        yandex_gives("a-3", "r-3", HOUR);
        end();
}

static void accounts_are_renewed_each_for_itself(void) {
        Asker *a, *b;

        begin();
        keyring_has((Known){ .id = "one", .refresh = "r-one" });
        keyring_has((Known){ .id = "two", .refresh = "r-two", .uid = "2" });
        start();
        a = ask_by_force("one");
        check_asked_with("r-one");
        b = ask_by_force("two");
        check_asked_with("r-two");
        yandex_cannot_be_reached();
        yandex_gives("a-2", "r-2", YEAR);
        check_refused(a, CONDITION_OFFLINE);
        check_served(b, "a-2", 2);
        end();
}

static void without_another_refresh_token_the_old_one_stays(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_gives("a-2", NULL, YEAR);
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-1");
        pass(11);
        ask_by_force("one");
        check_asked_with("r-1");
        end();
}

static void the_same_access_token_is_success(void) {
        begin_with_one();
        pass(90 * DAY);
        yandex_gives("a-1", "r-1", YEAR);
        check_served(ask("one"), "a-1", 2);
        check_int(account_last_error(account("one")), 0);
        check_within(account_next_refresh_at(account("one")), DAWN + 165 * DAY, DAWN + 180 * DAY);
        end();
}

/* Yandex does not extend the year, and tells what remains of it. */
static void an_end_that_does_not_move_is_no_storm(void) {
        int64_t last = DAWN - 90 * DAY;
        unsigned n = 0;

        begin_with_one();
        for (int64_t second = 0; second < YEAR - DAY; second += HOUR) {
                pass(HOUR);
                if (waiting() == 0)
                        continue;
                check(clock_now() - last >= DAY);
                last = clock_now();
                yandex_gives("a-1", "r-1", DAWN + YEAR - last);
                n++;
        }
        check_within(n, 3, 15);
        end();
}

/* The number of requests in a minute to a server that gives tokens of this life. */
static unsigned asked_in_a_minute(int64_t life) {
        unsigned n;

        begin_with_one();
        (void) ask_by_force("one");
        for (unsigned i = 0; i < 600; i++) {
                if (waiting() > 0)
                        yandex_gives("a-x", "r-x", life);
                pass_ms(100);
        }
        n = asked();
        end();
        return n;
}

static void the_shortest_life_is_no_storm(void) {
        check_within(asked_in_a_minute(1), 2, 61);
        check_within(asked_in_a_minute(2), 2, 61);
        check_within(asked_in_a_minute(10), 6, 13);
        check_within(asked_in_a_minute(20), 3, 7);
}

static void without_a_life_it_is_daily(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_gives("a-2", "r-2", -1);
        check_served(ask("one"), "a-2", 2);
        check_served(ask_for("one", 1000), "a-2", 2);
        check_int(state("one"), ACCOUNT_ACTIVE);
        for (unsigned i = 0; i < 10; i++) {
                unsigned before = asked();

                pass(20 * HOUR - 1);
                check_int(asked(), before);
                pass(4 * HOUR + 1);
                check_int(asked(), before + 1);
                yandex_gives("a-3", "r-3", 0);
        }
        end();
}

typedef struct Trouble {
        int status; /* 0: no answer */
        const char *body;
        int condition;
        bool lost; /* asked again at once */
} Trouble;

static const Trouble troubles[] = {
        { 0, NULL, CONDITION_OFFLINE, false },
        { 0, NULL, CONDITION_OFFLINE, true },
        { 0, NULL, CONDITION_SERVER_TROUBLE, false }, /* TLS that is not trusted */
        { 500, "", CONDITION_SERVER_TROUBLE, false },
        { 502, "<html>", CONDITION_SERVER_TROUBLE, false },
        { 503, "{\"error\": \"invalid_grant\"}", CONDITION_SERVER_TROUBLE, false },
        { 429, "", CONDITION_RATE_LIMITED, false },
        { 200, "", CONDITION_SERVER_TROUBLE, false },
        { 200, "{}", CONDITION_SERVER_TROUBLE, false },
        { 200, "{\"access_token\": 5}", CONDITION_SERVER_TROUBLE, false },
        { 200, "{\"error\": \"invalid_grant\"}", CONDITION_SERVER_TROUBLE, false },
        { 302, "", CONDITION_SERVER_TROUBLE, false },
        { 400, "<html>", CONDITION_SERVER_TROUBLE, false },
        { 400, "{\"error\": \"invalid_request\"}", CONDITION_SERVER_TROUBLE, false },
        { 400, "{\"error\": \"unheard_of\"}", _CONDITION_MAX, false }, /* the first that is named */
        { 403, "{\"error\": \"invalid_grant\"}", CONDITION_SERVER_TROUBLE, false },
        { 404, "", CONDITION_SERVER_TROUBLE, false },
};

static void make_trouble(const Trouble *t) {
        if (t->status == 0)
                fake_http_fail(t->condition, t->lost);
        else
                fake_http_answer(t->status, t->body);
        run();
}

static void passing_trouble_never_costs_the_sign_in(void) {
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                const Trouble *t = &troubles[i];
                Asker *asker;

                begin_with_one();
                asker = ask_by_force("one");
                make_trouble(t);
                check_int(waiting(), t->lost);
                if (t->lost)
                        make_trouble(t);
                check_refused(asker, t->condition);
                check_int(state("one"), ACCOUNT_ACTIVE);
                check_int(account_last_error(account("one")), t->condition);
                check(seen.account & ACCOUNT_CHANGED_LAST_ERROR);
                check_served(ask("one"), "a-1", 1);
                check_str(kept_refresh_token("one"), "r-1");
                check_int(kept_verdict("one"), RECORD_ACCEPTED);

                pass(31);
                check_asked_with("r-1");
                yandex_gives("a-2", "r-2", YEAR);
                check_served(ask("one"), "a-2", 2);
                check_int(account_last_error(account("one")), 0);
                end();
        }
}

static void a_lost_answer_is_asked_for_again_at_once(void) {
        Asker *asker;

        begin_with_one();
        asker = ask_by_force("one");
        yandex_is_not_heard();
        check_int(asked(), 2);
        check_asked_with("r-1");
        check_waits(asker);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        check_int(asked(), 2);
        end();
}

static void an_answer_lost_twice_is_trouble(void) {
        Asker *asker;

        begin_with_one();
        asker = ask_by_force("one");
        yandex_is_not_heard();
        yandex_is_not_heard();
        check_refused(asker, CONDITION_OFFLINE);
        check_int(asked(), 2);
        check_int(waiting(), 0);
        pass(30);
        check_int(asked(), 3);
        check_asked_with("r-1");
        end();
}

static void an_answer_that_was_not_lost_is_not_asked_for_again(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_cannot_be_reached();
        check_int(asked(), 1);
        end();
}

static void life_ends_while_yandex_cannot_be_reached(void) {
        begin_with_one_for_an_hour();
        for (unsigned i = 0; i < 70; i++) {
                pass(MINUTE);
                while (waiting() > 0)
                        yandex_cannot_be_reached();
                if (clock_now() < DAWN + HOUR)
                        check_served(ask("one"), "a-1", 1);
        }
        check_int(state("one"), ACCOUNT_EXPIRED);
        check_refused(ask("one"), CONDITION_OFFLINE);
        check(!world->online);

        pass(HOUR);
        yandex_gives("a-2", "r-2", HOUR);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-2", 2);
        check(world->online);
        end();
}

static void the_end_of_life_is_seen_to_the_second(void) {
        begin_with_one_for_an_hour();
        pass(55 * MINUTE);
        check_int(waiting(), 1); /* and stays so */
        pass(5 * MINUTE - 1);
        check_int(state("one"), ACCOUNT_ACTIVE);
        seen.account = 0;
        pass(1);
        check_int(state("one"), ACCOUNT_EXPIRED);
        check(seen.account & ACCOUNT_CHANGED_STATE);
        end();
}

TEST_MAIN(TEST(a_year_is_renewed_after_75_days), TEST(what_yandex_gives_takes_the_place_of_the_old),
          TEST(renewal_goes_on_for_years), TEST(the_old_token_is_served_meanwhile),
          TEST(a_crowd_shares_one_refresh), TEST(what_a_program_asked_for_is_not_due),
          TEST(accounts_are_renewed_each_for_itself),
          TEST(without_another_refresh_token_the_old_one_stays),
          TEST(the_same_access_token_is_success), TEST(an_end_that_does_not_move_is_no_storm),
          TEST(the_shortest_life_is_no_storm), TEST(without_a_life_it_is_daily),
          TEST(passing_trouble_never_costs_the_sign_in),
          TEST(a_lost_answer_is_asked_for_again_at_once), TEST(an_answer_lost_twice_is_trouble),
          TEST(an_answer_that_was_not_lost_is_not_asked_for_again),
          TEST(life_ends_while_yandex_cannot_be_reached),
          TEST(the_end_of_life_is_seen_to_the_second))
