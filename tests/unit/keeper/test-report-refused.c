/* SPDX-License-Identifier: MIT */

/* A service answered 401: whether the token is dead, and what is done then. */

#include "keeper-rig.h"

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

static void report(uint32_t generation) {
        account_report_refused(account("one"), generation);
        run();
}

static unsigned probes(void) {
        return fake_http_count("/v1/disk/operations/0000");
}

static void disk_accepts(void) {
        yandex_answers(404, "{\"error\": \"DiskOperationNotFoundError\"}");
}

static void disk_refuses(void) {
        yandex_answers(401, "{\"error\": \"UnauthorizedError\"}");
}

static void an_old_generation_is_old_news(void) {
        begin();
        keyring_has((Known){ .generation = 5 });
        start();
        report(4);
        report(6);
        report(0);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void a_reported_token_is_tried(void) {
        begin_with_one();
        report(1);
        check_int(probes(), 1);
        check_str(fake_http_authorization(), "OAuth a-1");
        disk_accepts();
        pass(HOUR);
        check_int(fake_http_count(NULL), 1);
        end();
}

static void one_refusal_is_not_believed(void) {
        begin_with_one();
        report(1);
        disk_refuses();
        check_int(probes(), 1);
        pass_ms(2999);
        check_int(probes(), 1);
        pass_ms(1);
        check_int(probes(), 2);
        disk_accepts();
        pass(HOUR);
        check_int(asked(), 0);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void two_refusals_are(void) {
        begin_with_one();
        report(1);
        disk_refuses();
        pass(3);
        check_int(asked(), 0);
        disk_refuses();
        check_int(asked(), 1);
        check_asked_with("r-1");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        check_int(state("one"), ACCOUNT_ACTIVE);
        end();
}

static void what_cannot_be_found_out_is_no_refusal(void) {
        for (unsigned i = 0; i < 4; i++) {
                begin_with_one();
                report(1);
                if (i >= 2) {
                        disk_refuses();
                        pass(3);
                }
                if (i % 2 == 0)
                        yandex_cannot_be_reached();
                else
                        yandex_answers(500, "");
                pass(HOUR);
                check_int(asked(), 0);
                end();
        }
}

static void it_is_found_out_once_a_minute(void) {
        begin_with_one();
        for (unsigned i = 0; i < 60; i++) {
                report(1);
                if (waiting() > 0)
                        disk_accepts();
                pass(1);
        }
        check_int(probes(), 1);
        report(1);
        check_int(probes(), 2);
        end();
}

static void many_reports_are_one(void) {
        begin_with_one();
        for (unsigned i = 0; i < 1000; i++)
                report(1);
        check_int(probes(), 1);
        disk_refuses();
        for (unsigned i = 0; i < 1000; i++)
                report(1);
        pass(3);
        disk_refuses();
        for (unsigned i = 0; i < 1000; i++)
                report(1);
        yandex_gives("a-2", "r-2", YEAR);
        for (unsigned i = 0; i < 1000; i++)
                report(1);
        pass(10 * MINUTE);
        check_int(probes(), 2);
        check_int(asked(), 1);
        end();
}

static void a_storm_of_401s_is_no_storm_to_yandex(void) {
        begin_with_one();
        for (unsigned second = 0; second < 3600; second++) {
                report(account_generation(account("one")));
                if (waiting() > 0 && fake_http_form())
                        yandex_gives("a-x", "r-x", YEAR);
                else if (waiting() > 0)
                        disk_refuses();
                pass(1);
        }
        check_within(asked(), 20, 60);
        check_within(probes(), 40, 120);
        end();
}

static void a_refresh_under_way_is_the_answer(void) {
        begin_with_one();
        (void) ask_by_force("one");
        report(1);
        check_int(probes(), 0);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(fake_http_count(NULL), 1);
        end();
}

static void a_refusal_of_the_old_token_is_nothing_to_the_new_one(void) {
        begin_with_one();
        report(1);
        disk_refuses();
        (void) ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        pass(20);
        while (waiting() > 0)
                disk_refuses();
        pass(MINUTE);
        check_int(asked(), 1);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void where_nothing_can_be_done_nothing_is_tried(void) {
        begin();
        keyring_has((Known){ .verdict = RECORD_REFUSED });
        start();
        report(1);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void an_account_that_goes_is_not_tried(void) {
        begin_with_one();
        report(1);
        accounts_remove(world->accounts, account("one"));
        check_int(waiting(), 0);
        end();
        begin_with_one();
        report(1);
        disk_refuses();
        accounts_remove(world->accounts, account("one"));
        pass(10);
        check_int(probes(), 1);
        end();
}

/* There is no token to probe, and the refresh is under way already. */
static void without_a_token_there_is_nothing_to_report(void) {
        begin();
        keyring_has((Known){ .access = "" });
        start();
        check_int(asked(), 1);
        yandex_cannot_be_reached();
        report(1);
        check_int(probes(), 0);
        end();
}

TEST_MAIN(TEST(an_old_generation_is_old_news), TEST(a_reported_token_is_tried),
          TEST(one_refusal_is_not_believed), TEST(two_refusals_are),
          TEST(what_cannot_be_found_out_is_no_refusal), TEST(it_is_found_out_once_a_minute),
          TEST(many_reports_are_one), TEST(a_storm_of_401s_is_no_storm_to_yandex),
          TEST(a_refresh_under_way_is_the_answer),
          TEST(a_refusal_of_the_old_token_is_nothing_to_the_new_one),
          TEST(where_nothing_can_be_done_nothing_is_tried), TEST(an_account_that_goes_is_not_tried),
          TEST(without_a_token_there_is_nothing_to_report))
