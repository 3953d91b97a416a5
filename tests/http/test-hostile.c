/* SPDX-License-Identifier: MIT */

/* What a server may do to harm its client. Each attempt ends, and the client is as good as
 * before. */

#include "http-rig.h"

static int64_t peak_kib(void) {
        FILE *f = fopen("/proc/self/status", "re");
        char line[256];
        long kib = 0;

        check(f);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "VmHWM: %ld", &kib) == 1)
                        break;
        fclose(f);
        check(kib > 0);
        return kib;
}

/* By the limits of memory, and not by those of time. */
static void what_has_no_end_is_cut_off(void) {
        static const char *const paths[] = {
                "/continued-for-ever", "/hints-for-ever", "/lines-for-ever",  "/line-for-ever",
                "/status-for-ever",    "/body-for-ever",  "/chunks-for-ever", "/trailers-for-ever",
        };
        _cleanup_(rig_done) Rig rig = rig_new();
        int64_t before;

        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
        before = peak_kib();
        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                expect_failure(&rig, "URL_GOOD", paths[i], CONDITION_SERVER_TROUBLE, true);
#ifndef MEMORY_IS_NOT_GIVEN_BACK
        check_within(peak_kib(), 0, before + 4096);
#else
        check_within(before, 1, INT64_MAX);
#endif
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
}

static void floods_of_header_lines(void) {
        static const char *const paths[] = { "/many-lines", "/many-kilobytes-of-lines",
                                             "/long-line", "/many-trailers" };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                expect_failure(&rig, "URL_GOOD", paths[i], CONDITION_SERVER_TROUBLE, true);
}

/* libcurl says the same of them and of a connection that broke. */
static void chunks_that_are_none(void) {
        static const char *const paths[] = { "/chunk-that-is-none", "/chunk-of-minus-one",
                                             "/chunk-beyond-64-bits", "/chunk-without-end",
                                             "/chunk-size-for-ever" };
        _cleanup_(rig_done) Rig rig = rig_new();

        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                expect_failure(&rig, "URL_GOOD", paths[i], CONDITION_OFFLINE, true);
        expect_failure(&rig, "URL_GOOD", "/chunk-of-63-bits", CONDITION_SERVER_TROUBLE, true);
        expect_answer(&rig, "/chunk-with-an-extension", 200, "body");
}

/* libcurl skips it without counting. */
static void an_extension_that_has_no_end_ends_at_the_deadline(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        http_set_limits(rig.http, (HttpLimits){ 10000, 500 });
        expect_failure(&rig, "URL_GOOD", "/extension-for-ever", CONDITION_OFFLINE, true);
        http_set_limits(rig.http, (HttpLimits){ 10000, 60000 });
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
}

static void exactly_the_limit_in_small_chunks(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/limit-in-small-chunks", NULL);

        check_int(a.answer.r, 0);
        check_int((int64_t) secret_length(a.body), HTTP_ANSWER_MAX);
}

/* The chunks count (RFC 9112, section 6.3). */
static void two_lengths(void) {
        _cleanup_(rig_done) Rig rig = rig_new();

        expect_answer(&rig, "/chunks-and-a-length", 200, "body");
        expect_failure(&rig, "URL_GOOD", "/huge-length", CONDITION_SERVER_TROUBLE, true);
}

/* Some versions of libcurl pass it on, as an answer with a status that means nothing to us. */
static void another_protocol(void) {
        _cleanup_(rig_done) Rig rig = rig_new();
        _cleanup_(asked_done) Asked a = ask(&rig, "URL_GOOD", "/switching", NULL);

        check(a.answer.r == CONDITION_SERVER_TROUBLE || a.answer.status == 101);
        expect_answer(&rig, "/ok", 200, "{\"status\": \"ok\"}");
}

TEST_MAIN(TEST(what_has_no_end_is_cut_off), TEST(floods_of_header_lines),
          TEST(chunks_that_are_none), TEST(an_extension_that_has_no_end_ends_at_the_deadline),
          TEST(exactly_the_limit_in_small_chunks), TEST(two_lengths), TEST(another_protocol))
