/* SPDX-License-Identifier: MIT */

/*
 * A fleet on paper: many machines over two years, with the real refresh timer and schedule, and an
 * outage of Yandex. Prints who asked when and whose sign-in died; fails when a bound is broken. The
 * same options give the same output.
 */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "plot.h"
#include "report.h"

#define EXIT_USAGE 2

typedef struct Options {
        World world;
        const char *plot;
} Options;

static const char usage[] =
        "fleet [OPTION...]\n"
        "  --machines=N            how many (1000000)\n"
        "  --seed=N                another fleet (1)\n"
        "  --same-day              all sign in on the same day, not over a year\n"
        "  --always-on             no machine is ever off\n"
        "  --life=DAYS             of a new grant (365)\n"
        "  --end-moves-below=DAYS  a renewal moves the end only when less is left (always)\n"
        "  --outages=N             one a week, of which the mean is shown (1)\n"
        "  --outage-hour=HOUR      when it begins, 0 to 22 (12)\n"
        "  --retry-after=SECONDS   what Yandex names meanwhile; \"end\": the outage's end "
        "(nothing)\n"
        "  --plot=FILE             where to draw it, as SVG\n";

/* A number within bounds, or exit. */
static int64_t number(const char *text, int64_t low, int64_t high) {
        char *end;
        long long value;

        errno = 0;
        value = strtoll(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || value < low || value > high) {
                fprintf(stderr, "Not a number from %" PRId64 " to %" PRId64 ": %s\n", low, high,
                        text);
                exit(EXIT_USAGE);
        }
        return value;
}

static void take_option(Options *o, int option) {
        World *w = &o->world;

        switch (option) {
        case 'm':
                w->n_machines = number(optarg, 1, 100000000);
                break;
        case 's':
                w->seed = (uint64_t) number(optarg, 0, INT64_MAX);
                break;
        case 'd':
                w->same_day = true;
                break;
        case 'a':
                w->always_on = true;
                break;
        case 'l':
                w->life = number(optarg, 1, 36500) * DAY;
                break;
        case 'e':
                w->end_moves_below = number(optarg, 0, 36500) * DAY;
                break;
        case 'o':
                w->n_outages = number(optarg, 1, 45);
                break;
        case 'h':
                w->outage_hour = number(optarg, 0, 22);
                break;
        case 'r':
                w->retry_after =
                        streq(optarg, "end") ? RETRY_AFTER_OUTAGE : number(optarg, 0, INT32_MAX);
                break;
        case 'p':
                o->plot = optarg;
                break;
        case 'H':
                fputs(usage, stdout);
                exit(EXIT_SUCCESS);
        default:
                fputs(usage, stderr);
                exit(EXIT_USAGE);
        }
}

static void read_options(int argc, char *argv[], Options *o) {
        static const struct option names[] = {
                { "machines", required_argument, NULL, 'm' },
                { "seed", required_argument, NULL, 's' },
                { "same-day", no_argument, NULL, 'd' },
                { "always-on", no_argument, NULL, 'a' },
                { "life", required_argument, NULL, 'l' },
                { "end-moves-below", required_argument, NULL, 'e' },
                { "outages", required_argument, NULL, 'o' },
                { "outage-hour", required_argument, NULL, 'h' },
                { "retry-after", required_argument, NULL, 'r' },
                { "plot", required_argument, NULL, 'p' },
                { "help", no_argument, NULL, 'H' },
                {},
        };
        int option;

        while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
                take_option(o, option);
        if (optind < argc)
                take_option(o, '?');
}

static int live(Report *r) {
        for (int64_t i = 0; i < r->world.n_machines; i++) {
                MachineLife life;
                int error = machine_live(&r->world, (uint64_t) i, r->traffic, &life);

                if (error < 0)
                        return error;
                report_add(r, &life);
        }
        return 0;
}

static int run(const Options *o, Report *r) {
        int error;

        r->world = o->world;
        r->traffic = traffic_new(WORLD_START, WORLD_DURATION);
        if (!r->traffic)
                return -ENOMEM;

        error = live(r);
        if (error >= 0 && o->plot)
                error = plot_write(r, o->plot);
        return error;
}

int main(int argc, char *argv[]) {
        Options options = {
                .world = {
                        .n_machines = 1000000,
                        .seed = 1,
                        .life = YEAR,
                        .end_moves_below = INT64_MAX,
                        .n_outages = 1,
                        .outage_hour = 12,
                        .retry_after = RETRY_AFTER_NONE,
                },
        };
        Report report = {};
        bool good = false;
        int r;

        read_options(argc, argv, &options);
        r = run(&options, &report);
        if (r < 0) {
                fprintf(stderr, "%s\n", strerror(-r));
        } else {
                report_print(&report);
                good = report_judge(&report);
        }

        traffic_free(report.traffic);
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
