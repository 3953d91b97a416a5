/* SPDX-License-Identifier: MIT */

#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#define N_MONTHS 24
#define MONTH    (WORLD_DURATION / N_MONTHS)

/* How many days of the same name before the first outage say what is ordinary. */
#define N_ORDINARY 4

void report_add(Report *r, const MachineLife *life) {
        Tally *t = &r->tallies[life->habit];
        bool often = life->longest_off <= OFF_MAX;

        t->n_machines++;
        t->n_often += often;
        t->n_renewed += life->n_renewed;
        t->n_failed += life->n_failed;
        t->n_hasty += life->n_hasty;
        t->n_died += life->died;
        t->n_died_often += life->died && often;
}

static Tally sum_up(const Report *r) {
        Tally sum = {};

        for (Habit h = 0; h < _HABIT_MAX; h++) {
                const Tally *t = &r->tallies[h];

                sum.n_machines += t->n_machines;
                sum.n_often += t->n_often;
                sum.n_renewed += t->n_renewed;
                sum.n_failed += t->n_failed;
                sum.n_hasty += t->n_hasty;
                sum.n_died += t->n_died;
                sum.n_died_often += t->n_died_often;
        }
        return sum;
}

static double rate(int64_t n, int64_t seconds) {
        return (double) n / (double) seconds;
}

double report_outage_rate(const Report *r, int64_t since_midnight, int64_t length) {
        int64_t n = 0;

        for (int64_t i = 0; i < r->world.n_outages; i++)
                n += traffic_count(r->traffic, world_outage_day(i) + since_midnight, length);
        return rate(n, length * r->world.n_outages);
}

static double ordinary_rate(const Report *r, int64_t since_midnight, int64_t length) {
        int64_t n = 0;

        for (int64_t i = 1; i <= N_ORDINARY; i++)
                n += traffic_count(r->traffic, world_outage_day(-i) + since_midnight, length);
        return rate(n, length * N_ORDINARY);
}

static int64_t outage_end(const Report *r) {
        return r->world.outage_hour * HOUR + OUTAGE_LENGTH;
}

static double peak_after_outage(const Report *r, int64_t bin) {
        double peak = 0;

        for (int64_t at = 0; at < HOUR; at += bin)
                peak = MAX_OF(peak, report_outage_rate(r, outage_end(r) + at, bin));
        return peak;
}

static void print_months(const Report *r) {
        printf("Requests per second, by month (of 730 hours)\n\n"
               "              mean   busiest:  day    hour  minute  second\n");

        for (int64_t i = 0; i < N_MONTHS; i++) {
                int64_t from = WORLD_START + i * MONTH, midnight = from + (DAY - from % DAY) % DAY;
                int64_t days = (from + MONTH - midnight) / DAY * DAY;

                printf("month %2" PRId64 "   %7.4f        %7.4f %7.4f %7.4f  %6" PRId64 "\n", i + 1,
                       rate(traffic_count(r->traffic, from, MONTH), MONTH),
                       rate(traffic_peak(r->traffic, midnight, days, DAY), DAY),
                       rate(traffic_peak(r->traffic, from, MONTH, HOUR), HOUR),
                       rate(traffic_peak(r->traffic, from, MONTH, MINUTE), MINUTE),
                       traffic_peak(r->traffic, from, MONTH, 1));
        }

        printf("both years %7.4f\n\n",
               rate(traffic_count(r->traffic, WORLD_START, WORLD_DURATION), WORLD_DURATION));
}

static void print_hour(const Report *r, int64_t hour, double mean) {
        double here = report_outage_rate(r, hour * HOUR, HOUR);

        printf("%02" PRId64 " %7.4f %6.2f    %7.4f  ", hour, here, here / mean,
               ordinary_rate(r, hour * HOUR, HOUR));
        for (int64_t at = 0; at < HOUR; at += 10 * MINUTE)
                printf(" %7.4f", report_outage_rate(r, hour * HOUR + at, 10 * MINUTE));
        printf("%s\n", hour == r->world.outage_hour ? "  outage" : "");
}

static void print_outage_day(const Report *r) {
        double mean = report_outage_rate(r, 0, DAY);

        printf("Requests per second, on the day of the outage (outages: %" PRId64 ")\n\n"
               "           to the                by ten minutes from\n"
               "hour rate  mean   ordinary      :00     :10     :20     :30     :40     :50\n",
               r->world.n_outages);
        for (int64_t hour = 0; hour < DAY / HOUR; hour++)
                print_hour(r, hour, mean);
        printf("all %6.4f %6.2f    %7.4f\n\n", mean, 1.0, ordinary_rate(r, 0, DAY));
}

/*
 * The finer one looks, the higher the peak. Where waits begin small and grow with the time that has
 * passed, whoever first failed x before the end tries again within about x of it, evenly; so t
 * seconds after an outage of length T the retries come at λ·∫ dx/x from t to T, which is λ·ln(T/t),
 * on top of the ordinary λ. Over the first b seconds that is λ·(2 + ln(T/b)): 2 for an hour, 3.8
 * for ten minutes, 6.1 for one minute. It does not depend on the factor by which waits grow; only
 * first waits as long as the outage would help, and those would make every hiccup as bad as an
 * outage. So the bound is one of the hour, in which the whole backlog is worked off, and the first
 * minutes are as they must be: some times a rate that is small.
 */
static void print_peaks(const Report *r) {
        static const struct {
                const char *name;
                int64_t length;
        } bins[] = { { "1 hour", HOUR }, { "10 minutes", 10 * MINUTE }, { "1 minute", MINUTE } };
        double mean = report_outage_rate(r, 0, DAY);
        double ordinary = ordinary_rate(r, outage_end(r), HOUR);

        printf("The peak in the hour after the outage\n\n"
               "bin            rate   to the day's mean     to an ordinary such hour   by the "
               "rule\n");
        for (size_t i = 0; i < ELEMENTSOF(bins); i++) {
                double peak = peak_after_outage(r, bins[i].length);
                double periods = (double) (bins[i].length * r->world.n_outages);

                printf("%-10s  %7.4f   %5.2f (noise ±%.2f)   %5.2f (noise ±%.2f)       %5.2f\n",
                       bins[i].name, peak, peak / mean, sqrt(peak / periods) / mean,
                       peak / ordinary, sqrt(peak / periods) / ordinary,
                       2 + log((double) OUTAGE_LENGTH / (double) bins[i].length));
        }
        printf("noise: one standard deviation of a bin of that size, at that rate (Poisson)\n\n");
}

static void print_tally(const char *name, const Tally *t) {
        double years = (double) t->n_machines * (double) WORLD_DURATION / (double) YEAR;

        printf("%-19s %8" PRId64 "    %8" PRId64 "  %7.3f  %8" PRId64 "         %8" PRId64
               "  %6" PRId64 "\n",
               name, t->n_machines, t->n_often, (double) t->n_renewed / MAX_OF(years, 1),
               t->n_failed, t->n_died_often, t->n_died - t->n_died_often);
}

static void print_sign_ins(const Report *r) {
        Tally sum = sum_up(r);

        printf("Sign-ins                         on once  renewed    failed        died, being on\n"
               "                    machines  in 60 days   a year  requests  once in 60 days  "
               "others\n\n");
        for (Habit h = 0; h < _HABIT_MAX; h++)
                print_tally(habit_to_string(h), &r->tallies[h]);
        print_tally("all", &sum);
        printf("\n");
}

void report_print(const Report *r) {
        print_months(r);
        print_outage_day(r);
        print_peaks(r);
        print_sign_ins(r);
}

static const char *verdict(bool holds) {
        return holds ? "holds" : "BROKEN";
}

bool report_judge(const Report *r) {
        double mean = report_outage_rate(r, 0, DAY);
        double peak = mean > 0 ? peak_after_outage(r, HOUR) / mean : 0;
        Tally sum = sum_up(r);
        bool calm = peak <= PEAK_MAX, kept = sum.n_died_often == 0, patient = sum.n_hasty == 0;

        printf("The hour after the outage is %.2f of its day's mean, at most %.2f: %s\n", peak,
               PEAK_MAX, verdict(calm));
        printf("%" PRId64 " sign-ins died on machines that were on at least once in any %" PRId64
               " days, at most 0: %s\n",
               sum.n_died_often, OFF_MAX / DAY, verdict(kept));
        printf("%" PRId64
               " requests came within a day of one that did not move the end, at most 0: "
               "%s\n",
               sum.n_hasty, verdict(patient));
        return calm && kept && patient;
}
