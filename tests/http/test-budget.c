/* SPDX-License-Identifier: MIT */

/* However many requests there are, Yandex gets no more of them than the budget allows, and those
 * first that are due. */

#include "http-rig.h"

#define NEVER   UINT64_C(3600000000) /* a budget that does not come back during a test */
#define SOON    UINT64_C(20000)
#define OTHERS  (BUDGET_BURST - BUDGET_KEPT)
#define RUNNING 8U

static Asked crowd[BUDGET_BURST + 10];
static unsigned n_answered;

static void on_one(const HttpAnswer *answer, void *userdata) {
        on_answer(answer, userdata);
        n_answered++;
}

/* Without a path it is soon over: nobody listens there. */
static void start_one(Rig *rig, Asked *a, const char *path, bool due) {
        const HttpRequest request = { .url = url_of(path ? "URL_GOOD" : "URL_REFUSED", path ?: "/"),
                                      .due = due };

        *a = (Asked){};
        check_int(http_call_start(rig->http, &request, on_one, a, &a->call), 0);
}

static Rig rig_with_budget(uint64_t interval_usec) {
        Rig rig = rig_new();

        http_loop_set_budget(http_loop(rig.http), interval_usec);
        n_answered = 0;
        return rig;
}

static void run_until(Rig *rig, unsigned n) {
        while (n_answered < n)
                check(sd_event_run(rig->event, UINT64_MAX) >= 0);
        check_int(n_answered, n);
}

/* Nothing happens any more, since nothing is under way. */
static void expect_rest(Rig *rig) {
        unsigned before = n_answered;

        while (sd_event_run(rig->event, 0) > 0)
                ;
        check_int(http_loop(rig->http)->n_running, 0);
        check_int(n_answered, before);
}

static void drop_all(void) {
        for (size_t i = 0; i < ELEMENTSOF(crowd); i++)
                asked_done(&crowd[i]);
}

static void the_budget_is_kept(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(NEVER);

        for (size_t i = 0; i < ELEMENTSOF(crowd); i++)
                start_one(&rig, &crowd[i], NULL, false);
        run_until(&rig, OTHERS);
        expect_rest(&rig);
        check(http_is_over_budget(rig.http));

        drop_all();
        expect_rest(&rig);
        check(!http_is_over_budget(rig.http));
        check_int(n_answered, OTHERS);
}

static void what_waits_goes_on_as_the_budget_comes_back(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(SOON);

        for (size_t i = 0; i < ELEMENTSOF(crowd); i++)
                start_one(&rig, &crowd[i], NULL, false);
        run_until(&rig, ELEMENTSOF(crowd));
        drop_all();
}

static void a_part_is_kept_for_what_is_due(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(NEVER);

        for (size_t i = 0; i <= OTHERS; i++)
                start_one(&rig, &crowd[i], NULL, false);
        run_until(&rig, OTHERS);
        expect_rest(&rig);

        for (size_t i = OTHERS + 1; i < ELEMENTSOF(crowd); i++)
                start_one(&rig, &crowd[i], NULL, true);
        run_until(&rig, BUDGET_BURST);
        expect_rest(&rig);
        check_int(crowd[OTHERS].n_answers, 0);
        check_int(crowd[OTHERS + BUDGET_KEPT].n_answers, 1);
        check_int(crowd[OTHERS + BUDGET_KEPT + 1].n_answers, 0);
        drop_all();
}

/* There is one place, which the others have waited for. */
static void what_is_due_goes_first(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(NEVER);
        _cleanup_(asked_done) Asked first = {}, second = {}, due = {}, due_later = {};
        Asked running[RUNNING];

        for (size_t i = 0; i < RUNNING; i++)
                start_one(&rig, &running[i], "/silent", false);
        start_one(&rig, &first, "/ok", false);
        start_one(&rig, &second, "/ok", false);
        start_one(&rig, &due, "/ok", true);
        start_one(&rig, &due_later, "/ok", true);

        asked_done(&running[0]);
        check(!http_is_over_budget(rig.http));
        run_until(&rig, 1);
        check_int(due.n_answers, 1);
        run_until(&rig, 2);
        check_int(due_later.n_answers, 1);
        run_until(&rig, 3);
        check_int(first.n_answers, 1);
        run_until(&rig, 4);
        check_int(second.n_answers, 1);
        for (size_t i = 0; i < RUNNING; i++)
                asked_done(&running[i]);
}

static void what_is_cancelled_while_it_waits_costs_nothing(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(NEVER);
        Asked running[RUNNING];

        for (size_t i = 0; i < RUNNING; i++)
                start_one(&rig, &running[i], "/silent", false);
        for (size_t i = 0; i < ELEMENTSOF(crowd); i++)
                start_one(&rig, &crowd[i], NULL, i % 2 == 0);
        drop_all();
        for (size_t i = 0; i < RUNNING; i++)
                asked_done(&running[i]);

        for (size_t i = 0; i < ELEMENTSOF(crowd); i++)
                start_one(&rig, &crowd[i], NULL, false);
        run_until(&rig, OTHERS - RUNNING);
        expect_rest(&rig);
        drop_all();
}

/* No timer rings while nothing waits. */
static bool is_armed(Rig *rig) {
        int enabled = SD_EVENT_ON;

        check(sd_event_source_get_enabled(http_loop(rig->http)->turn, &enabled) >= 0);
        return enabled != SD_EVENT_OFF;
}

static void nothing_wakes_us_unless_something_waits(void) {
        _cleanup_(rig_done) Rig rig = rig_with_budget(NEVER);
        Asked last = {};

        check(!is_armed(&rig));
        for (size_t i = 0; i < OTHERS; i++)
                start_one(&rig, &crowd[i], NULL, false);
        run_until(&rig, OTHERS);
        expect_rest(&rig);
        check(!is_armed(&rig));

        start_one(&rig, &last, NULL, false);
        check(is_armed(&rig));
        asked_done(&last);
        check(!is_armed(&rig));
        drop_all();
}

TEST_MAIN(TEST(the_budget_is_kept), TEST(what_waits_goes_on_as_the_budget_comes_back),
          TEST(a_part_is_kept_for_what_is_due), TEST(what_is_due_goes_first),
          TEST(what_is_cancelled_while_it_waits_costs_nothing),
          TEST(nothing_wakes_us_unless_something_waits))
