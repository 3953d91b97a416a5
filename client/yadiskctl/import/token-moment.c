/* SPDX-License-Identifier: MIT */

#include <time.h>

#include "common/util.h"
#include "yadiskctl/import/token-file.h"

uint64_t token_moment_parse(const char *s) {
        struct tm tm = {};
        long offset;
        time_t t;

        s = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
        if (s && *s == '.')
                s += 1 + strspn(s + 1, "0123456789");
        if (s)
                s = strptime(s, "%z", &tm);
        if (!s || *s)
                return 0;

        offset = tm.tm_gmtoff; /* timegm() resets it */
        t = timegm(&tm) - offset;
        return t > 0 ? (uint64_t) t : 0;
}
