/* SPDX-License-Identifier: MIT */

/* The values of Date and Retry-After. */

#include <time.h>

#include "fuzz.h"
#include "yandex/http-private.h"

#define NOW       INT64_C(1767225600)
#define YEAR_LAST 9999

/* What we wrote ourselves reads as the same time. */
static void check_written(int64_t date) {
        time_t t = (time_t) date;
        char text[64];
        struct tm tm;

        if (!gmtime_r(&t, &tm) || tm.tm_year + 1900 > YEAR_LAST)
                return;
        check(strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
        check_int(http_parse_date(text), date);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        bool is_number = *text && strspn(text, "0123456789") == strlen(text);
        const char *reason;
        int64_t date, wait;

        check_int(http_library_load(&reason), 0); /* it is libcurl that reads dates */
        date = http_parse_date(text);
        wait = http_parse_retry_after(text, NOW);
        check(date >= 0);
        check_written(date ?: NOW);
        if (is_number)
                check_within(wait, 0, HTTP_RETRY_AFTER_MAX);
        else if (date == 0)
                check_int(wait, HTTP_NO_RETRY_AFTER);
        else
                check_int(wait, MIN_OF(MAX_OF(date - NOW, 0), HTTP_RETRY_AFTER_MAX));
        return 0;
}
