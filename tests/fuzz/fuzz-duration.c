/* SPDX-License-Identifier: MIT */

/* Spans of time as people write them; and as we do, of any two times. */

#include "fuzz.h"
#include "yadiskctl/terminal/duration.h"

#define UNTOUCHED UINT32_C(0xa5a5a5a5)

static void check_printed(uint64_t when, uint64_t now) {
        char span[DURATION_MAX_BYTES], away[DURATION_MAX_BYTES], date[TIME_MAX_BYTES];

        check(duration_print_span(when, span) == span && *span);
        check(duration_print(when, now, away) == away && *away);
        check(time_print(when, now, date) == date && *date);
        check(strlen(span) < sizeof(span) - 1 && strlen(away) < sizeof(away) - 1);
        check(strlen(date) < sizeof(date) - 1);
}

/* It is not less than its first number, whatever the unit, and reads the same in seconds. */
static void check_parsed(const char *text, uint32_t seconds) {
        char again[32];
        uint32_t n = 0;

        check(*text >= '0' && *text <= '9');
        check(seconds >= strtoull(text, NULL, 10));
        (void) snprintf(again, sizeof(again), "%" PRIu32 "s", seconds);
        check_int(duration_parse(again, &n), 0);
        check_int(n, seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        uint32_t seconds = UNTOUCHED;
        Input in = { data, size };
        int r;

        r = duration_parse(text, &seconds);
        if (r == 0)
                check_parsed(text, seconds);
        else {
                check(r == -EINVAL || r == -ERANGE);
                check_int(seconds, UNTOUCHED);
        }
        check_printed(input_take_number(&in, 8), input_take_number(&in, 8));
        return 0;
}
