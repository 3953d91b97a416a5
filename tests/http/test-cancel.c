/* SPDX-License-Identifier: MIT */

/* Calls that are dropped: at any time, from anywhere. */

#include "http-rig.h"

static void at_once(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        Asked a = {};

        check_int(start(&rig, &a, "URL_GOOD", "/ok", NULL, NULL), 0);
        asked_done(&a);
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        check_int(a.n_answers, 0);
}

/* After each number of turns that the loop makes for a request, until it is through. */
static void after_each_turn(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        for (unsigned turns = 1;; turns++) {
                Asked a = {};

                check_int(start(&rig, &a, "URL_GOOD", "/ok", "a=b", "OAuth t"), 0);
                for (unsigned i = 0; i < turns && a.n_answers == 0; i++)
                        check(sd_event_run(rig.event, UINT64_MAX) >= 0);
                if (a.n_answers > 0) {
                        check_int(a.answer.r, 0);
                        asked_done(&a);
                        check(turns > 3);
                        return;
                }
                asked_done(&a);
                expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
                check_int(a.n_answers, 0);
        }
}

static void while_the_server_thinks(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        Asked silent = {}, stuck = {};

        check_int(start(&rig, &silent, "URL_GOOD", "/silent", "a=b", NULL), 0);
        check_int(start(&rig, &stuck, "URL_GOOD", "/stuck", "a=b", NULL), 0);
        expect_answer(&rig, "/wait/silent/1", 200, "");
        expect_answer(&rig, "/wait/stuck/1", 200, "");
        asked_done(&silent);
        asked_done(&stuck);
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        check_int(silent.n_answers + stuck.n_answers, 0);
}

typedef struct Group {
        Rig rig;
        HttpCall *calls[20];
        unsigned n_answers;
} Group;

static void on_answer_drop_all(const HttpAnswer *answer, void *userdata) {
        Group *g = userdata;

        check_int(answer->r, 0);
        check_int(answer->status, 200);
        g->n_answers++;
        for (size_t i = 0; i < ELEMENTSOF(g->calls); i++)
                g->calls[i] = http_call_free(g->calls[i]);
        check_str(secret_string(answer->body), "{\"status\": \"ok\"}");
}

/* Whichever is answered first drops itself and the others, some of which are done as well. */
static void all_from_a_callback(void) {
        Group g = { .rig = rig_new() };
        const HttpRequest request = { url_of("URL_GOOD", "/ok"), NULL, NULL };

        for (size_t i = 0; i < ELEMENTSOF(g.calls); i++)
                check_int(
                        http_call_start(g.rig.http, &request, on_answer_drop_all, &g, &g.calls[i]),
                        0);
        while (g.n_answers == 0)
                check(sd_event_run(g.rig.event, UINT64_MAX) >= 0);
        expect_answer(&g.rig, "/ok", 200, "{\"status\": \"ok\"}");
        check_int(g.n_answers, 1);
        rig_done(&g.rig);
}

static void on_answer_ask_again(const HttpAnswer *answer, void *userdata) {
        Group *g = userdata;
        const HttpRequest request = { url_of("URL_GOOD", "/ok"), NULL, NULL };

        g->calls[0] = http_call_free(g->calls[0]);
        check_int(answer->r, 0);
        if (++g->n_answers < 5)
                check_int(http_call_start(g->rig.http, &request, on_answer_ask_again, g,
                                          &g->calls[0]),
                          0);
}

static void a_callback_may_ask_again(void) {
        Group g = { .rig = rig_new() };
        const HttpRequest request = { url_of("URL_GOOD", "/ok"), NULL, NULL };

        check_int(http_call_start(g.rig.http, &request, on_answer_ask_again, &g, &g.calls[0]), 0);
        while (g.n_answers < 5)
                check(sd_event_run(g.rig.event, UINT64_MAX) >= 0);
        check(!g.calls[0]);
        rig_done(&g.rig);
}

static void on_answer_keep(const HttpAnswer *answer, void *userdata) {
        check_int(answer->r, 0);
        ((Group *) userdata)->n_answers++;
}

static void a_callback_may_leave_the_call_to_later(void) {
        Group g = { .rig = rig_new() };
        const HttpRequest request = { url_of("URL_GOOD", "/ok"), NULL, NULL };

        check_int(http_call_start(g.rig.http, &request, on_answer_keep, &g, &g.calls[0]), 0);
        while (g.n_answers == 0)
                check(sd_event_run(g.rig.event, UINT64_MAX) >= 0);
        expect_answer(&g.rig, "/ok", 200, "{\"status\": \"ok\"}");
        check_int(g.n_answers, 1);
        g.calls[0] = http_call_free(g.calls[0]);
        rig_done(&g.rig);
}

static int on_quit(sd_event_source *source, void *userdata) {
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

/* The daemon ends while requests are under way. */
static void after_the_loop_has_ended(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        Asked silent = {}, fresh = {};

        check_int(start(&rig, &silent, "URL_GOOD", "/silent", "a=b", NULL), 0);
        expect_answer(&rig, "/wait/silent/2", 200, "");
        check_int(start(&rig, &fresh, "URL_GOOD", "/ok", NULL, NULL), 0);
        check(sd_event_add_defer(rig.event, NULL, on_quit, NULL) >= 0);
        check_int(sd_event_loop(rig.event), 0);
        check_int(sd_event_get_state(rig.event), SD_EVENT_FINISHED);
        asked_done(&silent);
        asked_done(&fresh);
        check_int(silent.n_answers, 0);
}

TEST_MAIN(TEST(at_once), TEST(after_each_turn), TEST(while_the_server_thinks),
          TEST(all_from_a_callback), TEST(a_callback_may_ask_again),
          TEST(a_callback_may_leave_the_call_to_later), TEST(after_the_loop_has_ended))
