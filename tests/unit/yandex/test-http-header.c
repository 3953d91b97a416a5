/* SPDX-License-Identifier: MIT */

/* Date and Retry-After, as servers write them and as they should not. */

#include "yandex/http-private.h"

#include "check.h"

/* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
#define EXAMPLE INT64_C(784111777)

static void dates_in_all_three_forms_are_read(void) {
        check_int(http_parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), EXAMPLE);
        check_int(http_parse_date("Sunday, 06-Nov-94 08:49:37 GMT"), EXAMPLE);
        check_int(http_parse_date("Sun Nov  6 08:49:37 1994"), EXAMPLE);
}

static void dates_beyond_32_bits_are_read(void) {
        check_int(http_parse_date("Tue, 19 Jan 2038 03:14:08 GMT"), INT64_C(2147483648));
        check_int(http_parse_date("Thu, 01 Jan 2122 00:00:00 GMT"), INT64_C(4796668800));
}

static void what_is_no_date_is_none(void) {
        check_int(http_parse_date(NULL), 0);
        check_int(http_parse_date(""), 0);
        check_int(http_parse_date("soon"), 0);
        check_int(http_parse_date("Sun, 99 Nov 1994 08:49:37 GMT"), 0);
        check_int(http_parse_date("Wed, 31 Dec 1969 23:59:59 GMT"), 0);
}

static void seconds_are_taken_as_they_are(void) {
        check_int(http_parse_retry_after("0", EXAMPLE), 0);
        check_int(http_parse_retry_after("1", EXAMPLE), 1);
        check_int(http_parse_retry_after("007", EXAMPLE), 7);
        check_int(http_parse_retry_after("86400", EXAMPLE), 86400);
}

static void absurd_seconds_are_cut(void) {
        check_int(http_parse_retry_after("86401", EXAMPLE), HTTP_RETRY_AFTER_MAX);
        check_int(http_parse_retry_after("9223372036854775808", EXAMPLE), HTTP_RETRY_AFTER_MAX);
        check_int(http_parse_retry_after("99999999999999999999999999999999999999999", EXAMPLE),
                  HTTP_RETRY_AFTER_MAX);
}

static void a_date_counts_from_now(void) {
        check_int(http_parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", EXAMPLE), 60);
        check_int(http_parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE), 0);
}

static void absurd_dates_are_cut(void) {
        check_int(http_parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", EXAMPLE), 0);
        check_int(http_parse_retry_after("Thu, 01 Jan 2122 00:00:00 GMT", EXAMPLE),
                  HTTP_RETRY_AFTER_MAX);
}

static void what_is_neither_is_none(void) {
        static const char *const values[] = {
                NULL, "", " ", "-1", "-5", "+5", "1.5", "5s", "0x10", "later", "12 34", "NaN",
        };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                check_int(http_parse_retry_after(values[i], EXAMPLE), HTTP_NO_RETRY_AFTER);
}

/* It reads the dates. */
__attribute__((constructor)) static void load_libcurl(void) {
        const char *reason;

        check_int(http_library_load(&reason), 0);
}

TEST_MAIN(TEST(dates_in_all_three_forms_are_read), TEST(dates_beyond_32_bits_are_read),
          TEST(what_is_no_date_is_none), TEST(seconds_are_taken_as_they_are),
          TEST(absurd_seconds_are_cut), TEST(a_date_counts_from_now), TEST(absurd_dates_are_cut),
          TEST(what_is_neither_is_none))
