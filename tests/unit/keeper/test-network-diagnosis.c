/* SPDX-License-Identifier: MIT */

/* Whether the hosts of Yandex can be reached: how three answers become one finding. */

#include "keeper/diagnosis/diagnosis.h"

#include "keeper-rig.h"

static Diagnosis *diagnosis;
static unsigned n_ends;
static int last_r;
static NetworkFindings found;

static void on_found(int r, const Findings *f, void *userdata) {
        n_ends++;
        last_r = r;
        check((r == 0) == (f != NULL));
        found = f ? f->network : (NetworkFindings){};
        diagnosis = diagnosis_free(diagnosis);
}

static void look(void) {
        begin();
        start();
        n_ends = 0;
        check_int(diagnosis_of_network(world, on_found, NULL, &diagnosis), 0);
        run();
        check_int(n_ends, 0);
        check_int(waiting(), 3);
}

static void done(void) {
        check_int(n_ends, 1);
        check(!diagnosis);
        check_int(waiting(), 0);
        end();
}

/* The hosts are asked in this order: OAuth, login, Disk. */
static void host_answers(void) {
        yandex_answers(401, "");
}

static void host_is_not_trusted(void) {
        fake_http_distrust();
        run();
}

static void all_answer(void) {
        look();
        host_answers();
        host_answers();
        check_int(n_ends, 0);
        host_answers();
        check(found.reachable);
        check(found.trusted);
        check_str(found.reason, "");
        check_str(found.host, "");
        check_int(found.server_time, 0);
        check_int(found.local_time, DAWN);
        check(world->online);
        done();
}

static void one_that_cannot_be_reached_is_named(void) {
        static const char *const hosts[] = { "https://oauth.test", "https://login.test",
                                             "https://disk.test" };

        for (size_t bad = 0; bad < ELEMENTSOF(hosts); bad++) {
                look();
                for (size_t i = 0; i < ELEMENTSOF(hosts); i++)
                        if (i == bad)
                                yandex_cannot_be_reached();
                        else
                                host_answers();
                check(!found.reachable);
                check(found.trusted);
                check_str(found.host, hosts[bad]);
                check(!str_is_empty(found.reason));
                check_int(world->online, bad != 0); /* tokens come from the first */
                done();
        }
}

static void one_that_is_not_trusted_was_reached(void) {
        look();
        host_answers();
        host_is_not_trusted();
        host_answers();
        check(found.reachable);
        check(!found.trusted);
        check_str(found.host, "https://login.test");
        done();
}

static void both_may_be_so(void) {
        look();
        host_answers();
        host_is_not_trusted();
        yandex_cannot_be_reached();
        check(!found.reachable);
        check(!found.trusted);
        check_str(found.host, "https://login.test");
        done();
}

static void trouble_of_a_server_is_told(void) {
        look();
        yandex_answers(503, "");
        host_answers();
        host_answers();
        check(found.reachable);
        check(found.trusted);
        check_str(found.reason, "the server has trouble of its own");
        done();
}

/* While another host is waited for, time passes; that must not make the clock seem wrong. */
static void both_clocks_are_read_at_one_moment(void) {
        look();
        fake_http_set_date(DAWN + 7200);
        host_answers();
        pass(10);
        fake_http_set_date(DAWN + 7210);
        host_answers();
        host_answers();
        check_int(found.server_time, DAWN + 7200);
        check_int(found.local_time, DAWN);
        done();
}

static void any_host_may_tell_the_time(void) {
        look();
        yandex_cannot_be_reached();
        host_answers();
        pass(3);
        fake_http_set_date(DAWN - 5);
        host_answers();
        check_int(found.server_time, DAWN - 5);
        check_int(found.local_time, DAWN + 3);
        done();
}

static void what_fails_here_ends_it(void) {
        look();
        host_answers();
        fake_http_fail(-ENOMEM, false);
        run();
        check_int(last_r, -ENOMEM);
        done();

        begin();
        start();
        fake_http_refuse(-EMFILE);
        check_int(diagnosis_of_network(world, on_found, NULL, &diagnosis), -EMFILE);
        check(!diagnosis);
        end();
}

static void a_diagnosis_that_is_dropped_is_silent(void) {
        look();
        host_answers();
        diagnosis = diagnosis_free(diagnosis);
        check_int(waiting(), 0);
        run();
        check_int(n_ends, 0);
        end();
}

TEST_MAIN(TEST(all_answer), TEST(one_that_cannot_be_reached_is_named),
          TEST(one_that_is_not_trusted_was_reached), TEST(both_may_be_so),
          TEST(trouble_of_a_server_is_told), TEST(both_clocks_are_read_at_one_moment),
          TEST(any_host_may_tell_the_time), TEST(what_fails_here_ends_it),
          TEST(a_diagnosis_that_is_dropped_is_silent))
