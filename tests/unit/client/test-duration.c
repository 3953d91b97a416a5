/* SPDX-License-Identifier: MIT */

/* Spans of time as people write and read them. */

#include "yadiskctl/terminal/duration.h"

#include <errno.h>
#include <time.h>

#include "check.h"

#define MINUTE UINT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOW    UINT64_C(1800000000)

static void check_parses(const char *s, uint32_t expected) {
        uint32_t seconds = expected + 1;

        CHECK_INT(duration_parse(s, &seconds), 0);
        CHECK_INT(seconds, expected);
}

static void check_refused(const char *s, int expected) {
        uint32_t seconds = 4711;

        CHECK_INT(duration_parse(s, &seconds), expected);
        CHECK_INT(seconds, 4711);
}

static void spans_are_read(void) {
        check_parses("0", 0);
        check_parses("90", 90);
        check_parses("90s", 90);
        check_parses("90sec", 90);
        check_parses("5m", 300);
        check_parses("5min", 300);
        check_parses("2h", 7200);
        check_parses("1d", 86400);
        check_parses("2w", 14 * 86400);
        check_parses("1h30min", 5400);
        check_parses("1h 30min", 5400);
        check_parses("007", 7);
}

static void the_largest_span_is_32_bits(void) {
        check_parses("4294967295", UINT32_MAX);
        check_parses("4294967295s", UINT32_MAX);
        check_refused("4294967296", -ERANGE);
        check_refused("4294967295s 1s", -ERANGE);
        check_refused("71582789min", -ERANGE);
        check_refused("4294967295w", -ERANGE);
        check_refused("99999999999999999999999999", -ERANGE);
        check_refused("18446744073709551617", -ERANGE); /* 2^64 + 1 is not 1 */
}

static void nonsense_is_refused(void) {
        static const char *const nonsense[] = {
                "",       " ",  "-5",  "-5min",     "+5",   "5 ",     " 5",
                "min",    "5x", "5Mi", "1.5h",      "1,5h", "0x10",   "5min3",
                "5min 3", "h5", "1e3", "5minutess", "٣",    "5min\n", "5 min",
        };

        for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
                check_refused(nonsense[i], -EINVAL);
}

static void check_away(uint64_t when, const char *expected) {
        char buffer[DURATION_MAX_BYTES];

        CHECK_STR(duration_print(when, NOW, buffer), expected);
}

static void distances_are_rounded_down(void) {
        check_away(NOW, "now");
        check_away(NOW + 1, "in 1 second");
        check_away(NOW - 1, "1 second ago");
        check_away(NOW + 119, "in 119 seconds");
        check_away(NOW + 120, "in 2 minutes");
        check_away(NOW + 2 * HOUR - 1, "in 119 minutes");
        check_away(NOW + 2 * HOUR, "in 2 hours");
        check_away(NOW + 47 * HOUR, "in 47 hours");
        check_away(NOW + 2 * DAY, "in 2 days");
        check_away(NOW + 365 * DAY - 60, "in 364 days");
        check_away(NOW + 365 * DAY, "in 365 days");
        check_away(NOW + 730 * DAY, "in 2 years");
        check_away(NOW - 3 * DAY, "3 days ago");
        check_away(UINT64_MAX, "in 584942417297 years");
}

static void moments_are_local(void) {
        char buffer[TIME_MAX_BYTES];

        CHECK_STR(time_print(NOW, NOW - 60, buffer), "2027-01-15 11:00 (in 60 seconds)");
        CHECK_STR(time_print(0, NOW, buffer), "unknown");
        CHECK_STR(time_print(UINT64_MAX, NOW, buffer), "without end");
        CHECK_STR(time_print(INT64_MAX, NOW, buffer), "without end");
        CHECK_STR(time_print(UINT64_C(253402300800) + DAY, NOW, buffer), "without end");
}

int main(void) {
        (void) setenv("TZ", "MSK-3", 1);
        tzset();

        spans_are_read();
        the_largest_span_is_32_bits();
        nonsense_is_refused();
        distances_are_rounded_down();
        moments_are_local();
        return EXIT_SUCCESS;
}
