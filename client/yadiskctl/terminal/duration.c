/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/duration.h"

#include <time.h>

#include "common/i18n.h"

#define MINUTE UINT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define YEAR   (365 * DAY)

typedef struct Unit {
        const char *name;
        uint64_t seconds;
} Unit;

static const Unit units[] = {
        { "s", 1 },    { "sec", 1 }, { "m", MINUTE }, { "min", MINUTE },
        { "h", HOUR }, { "d", DAY }, { "w", WEEK },
};

/* A span is shown in the largest unit of which it has at least two: "119 minutes" tells more than
 * "1 hour", and days tell more than "1 year". */
static const uint64_t shown[] = { YEAR, DAY, HOUR, MINUTE, 1 };

static int duration_take_number(const char **s, uint64_t *ret) {
        char *end;

        if (**s < '0' || **s > '9')
                return -EINVAL;

        errno = 0;
        *ret = strtoull(*s, &end, 10);
        *s = end;
        return errno || *ret > UINT32_MAX ? -ERANGE : 0;
}

static int duration_take_unit(const char **s, uint64_t *ret) {
        size_t length = strspn(*s, "abcdefghijklmnopqrstuvwxyz");

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strlen(units[i].name) == length && strncmp(units[i].name, *s, length) == 0) {
                        *s += length;
                        *ret = units[i].seconds;
                        return 0;
                }
        return -EINVAL;
}

int duration_parse(const char *s, uint32_t *ret) {
        uint64_t n, unit, total = 0;
        const char *p = s;
        int r;

        r = duration_take_number(&p, &n);
        if (r >= 0 && *p == '\0') {
                *ret = (uint32_t) n;
                return 0;
        }

        p = s;
        do {
                r = duration_take_number(&p, &n);
                if (r < 0)
                        return r;
                r = duration_take_unit(&p, &unit);
                if (r < 0)
                        return r;

                total += n * unit; /* at most 2^32 weeks: far from 2^64 */
                if (total > UINT32_MAX)
                        return -ERANGE;
                p += strspn(p, " ");
        } while (*p);

        *ret = (uint32_t) total;
        return 0;
}

/* Languages decline a noun by its number. The Russian ones are accusatives, which fit behind "in",
 * before "ago" and alone. */
static const char *duration_unit_name(uint64_t unit, unsigned long n) {
        switch (unit) {
        case YEAR:
                return ngettext("year", "years", n);
        case DAY:
                return ngettext("day", "days", n);
        case HOUR:
                return ngettext("hour", "hours", n);
        case MINUTE:
                return ngettext("minute", "minutes", n);
        default:
                return ngettext("second", "seconds", n);
        }
}

const char *duration_print_span(uint64_t seconds, char buffer[static DURATION_MAX_BYTES]) {
        unsigned long n;
        size_t i = 0;

        while (i + 1 < ELEMENTSOF(shown) && seconds < 2 * shown[i])
                i++;

        n = (unsigned long) (seconds / shown[i]);
        (void) snprintf(buffer, DURATION_MAX_BYTES, "%lu %s", n, duration_unit_name(shown[i], n));
        return buffer;
}

const char *duration_print(uint64_t when, uint64_t now, char buffer[static DURATION_MAX_BYTES]) {
        char span[DURATION_MAX_BYTES];

        if (when == now)
                return strcpy(buffer, _("now"));

        duration_print_span(when > now ? when - now : now - when, span);
        (void) snprintf(buffer, DURATION_MAX_BYTES, when > now ? _("in %s") : _("%s ago"), span);
        return buffer;
}

const char *time_print(uint64_t when, uint64_t now, char buffer[static TIME_MAX_BYTES]) {
        char date[TIME_MAX_BYTES / 2], away[DURATION_MAX_BYTES];
        time_t t = (time_t) when;
        struct tm tm;

        if (when == 0)
                return strcpy(buffer, _("unknown"));
        if (when > INT64_MAX || !localtime_r(&t, &tm) || tm.tm_year > 9999 - 1900)
                return strcpy(buffer, _("without end"));

        if (strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm) == 0)
                date[0] = '\0';
        (void) snprintf(buffer, TIME_MAX_BYTES, "%s (%s)", date, duration_print(when, now, away));
        return buffer;
}

uint64_t time_now(void) {
        return (uint64_t) time(NULL);
}

uint64_t monotonic_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * USEC_PER_SEC + (uint64_t) t.tv_nsec / 1000;
}
