/* SPDX-License-Identifier: MIT */

/* The line that tells the time left. How it is drawn and erased is shown end to end. */

#include "yadiskctl/sign-in/live-line.h"

#include "check.h"

#define WIDE 200

static const char *line(uint64_t left, unsigned columns) {
        static char buffer[LIVE_LINE_MAX_BYTES];

        return live_line_format(left, columns, buffer);
}

static void the_time_is_read_as_on_a_clock(void) {
        static const struct {
                uint64_t left;
                const char *clock;
        } table[] = {
                { 0, "0:00" },         { 1, "0:01" },           { 59, "0:59" },
                { 60, "1:00" },        { 299, "4:59" },         { 1800, "30:00" },
                { 3599, "59:59" },     { 3600, "1:00:00" },     { 3661, "1:01:01" },
                { 86399, "23:59:59" }, { 360000, "100:00:00" },
        };
        char text[LIVE_LINE_MAX_BYTES];

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                (void) snprintf(text, sizeof(text), "Waiting for you: %s left; Ctrl-C cancels.",
                                table[i].clock);
                CHECK_STR(line(table[i].left, WIDE), text);
        }
        CHECK(strlen(line(UINT64_MAX - 1, WIDE)) < LIVE_LINE_MAX_BYTES - 1);
}

static void the_time_may_be_unknown(void) {
        CHECK_STR(line(UINT64_MAX, WIDE), "Waiting for you; Ctrl-C cancels.");
}

static void it_never_reaches_the_last_column(void) {
        CHECK_STR(line(299, 44), "Waiting for you: 4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 43), "4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 27), "4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 26), "4:59");
        CHECK_STR(line(299, 5), "4:59");
        CHECK_STR(line(299, 4), "4:5");
        CHECK_STR(line(299, 1), "");
        CHECK_STR(line(299, 0), "");
        CHECK_STR(line(UINT64_MAX, 33), "Waiting for you; Ctrl-C cancels.");
        CHECK_STR(line(UINT64_MAX, 32), "Ctrl-C cancels.");
        CHECK_STR(line(UINT64_MAX, 15), "");
}

int main(void) {
        the_time_is_read_as_on_a_clock();
        the_time_may_be_unknown();
        it_never_reaches_the_last_column();
        return EXIT_SUCCESS;
}
