/* SPDX-License-Identifier: MIT */

#include "yandex/http-header.h"

#include <curl/curl.h>

#include "common/util.h"
#include "yandex/http.h"

int64_t http_parse_date(const char *value) {
        time_t t;

        if (str_is_empty(value))
                return 0;

        t = curl_getdate(value, NULL);
        return t > 0 ? (int64_t) t : 0;
}

/* Digits alone, cut to the longest wait; -1 for anything else. */
static int64_t parse_seconds(const char *value) {
        int64_t seconds = 0;

        if (str_is_empty(value) || value[strspn(value, "0123456789")] != '\0')
                return -1;

        for (; *value; value++)
                seconds = MIN_OF(seconds * 10 + (*value - '0'), HTTP_RETRY_AFTER_MAX);
        return seconds;
}

int64_t http_parse_retry_after(const char *value, int64_t now) {
        int64_t seconds, date;

        seconds = parse_seconds(value);
        if (seconds >= 0)
                return seconds;

        date = http_parse_date(value);
        if (date == 0)
                return HTTP_NO_RETRY_AFTER;
        return date <= now ? 0 : MIN_OF(date - now, HTTP_RETRY_AFTER_MAX);
}
