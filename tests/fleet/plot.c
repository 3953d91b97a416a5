/* SPDX-License-Identifier: MIT */

#include "plot.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDTH  960
#define HEIGHT 640

#define PANEL_LEFT   60
#define PANEL_WIDTH  880
#define PANEL_HEIGHT 220

/* An area with axes: x runs from 0 to x_max, y from 0 to y_max. */
typedef struct Panel {
        FILE *file;
        double top;
        double x_max;
        double y_max;
} Panel;

typedef double (*CurveFn)(const Report *r, int64_t from, int64_t length);

static double x_of(const Panel *p, double x) {
        return PANEL_LEFT + x / p->x_max * PANEL_WIDTH;
}

static double y_of(const Panel *p, double y) {
        return p->top + PANEL_HEIGHT - y / p->y_max * PANEL_HEIGHT;
}

static double two_years_rate(const Report *r, int64_t from, int64_t length) {
        return (double) traffic_count(r->traffic, WORLD_START + from, length) / (double) length;
}

static double two_years_peak(const Report *r, int64_t from, int64_t length) {
        return (double) traffic_peak(r->traffic, WORLD_START + from, length, HOUR) / (double) HOUR;
}

static double highest(const Report *r, CurveFn fn, int64_t length, int64_t bin) {
        double high = 0;

        for (int64_t at = 0; at + bin <= length; at += bin)
                high = MAX_OF(high, fn(r, at, bin));
        return high > 0 ? high : 1;
}

static void draw_label(const Panel *p, double x, double y, const char *anchor, const char *text) {
        fprintf(p->file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
                text);
}

static void draw_level(const Panel *p, double y, const char *style, const char *name) {
        char text[64];

        fprintf(p->file, "<path class=\"%s\" d=\"M%d %.1fH%d\"/>\n", style, PANEL_LEFT, y_of(p, y),
                PANEL_LEFT + PANEL_WIDTH);
        (void) snprintf(text, sizeof(text), "%s%.2f", name, y);
        draw_label(p, PANEL_LEFT - 4, y_of(p, y) + 4, "end", text);
}

static void draw_frame(const Panel *p, const char *title) {
        draw_label(p, PANEL_LEFT, p->top - 12, "start", title);
        draw_level(p, 0, "axis", "");
        draw_level(p, p->y_max / 2, "grid", "");
        draw_level(p, p->y_max, "grid", "");
}

static void draw_tick(const Panel *p, double x, int64_t number) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRId64, number);
        draw_label(p, x_of(p, x), p->top + PANEL_HEIGHT + 16, "middle", text);
}

/* Steps, for what is drawn is what was counted in a bin. */
static void draw_curve(const Panel *p, const Report *r, CurveFn fn, int64_t bin,
                       const char *style) {
        fprintf(p->file, "<path class=\"%s\" d=\"M%d %.1f", style, PANEL_LEFT, y_of(p, 0));
        for (int64_t at = 0; at + bin <= (int64_t) p->x_max; at += bin)
                fprintf(p->file, "V%.1fH%.1f", y_of(p, fn(r, at, bin)),
                        x_of(p, (double) (at + bin)));
        fprintf(p->file, "\"/>\n");
}

static void draw_two_years(FILE *file, const Report *r) {
        Panel p = {
                .file = file,
                .top = 50,
                .x_max = (double) WORLD_DURATION,
                .y_max = highest(r, two_years_peak, WORLD_DURATION, DAY),
        };

        draw_frame(&p, "Requests per second over two years: each day (dark), and its busiest "
                       "hour (light); numbers are days");
        for (int64_t day = 0; day <= WORLD_DURATION / DAY; day += 73)
                draw_tick(&p, (double) (day * DAY), day);
        draw_curve(&p, r, two_years_peak, DAY, "fine");
        draw_curve(&p, r, two_years_rate, DAY, "main");
}

static void draw_outage_day(FILE *file, const Report *r) {
        double mean = report_outage_rate(r, 0, DAY);
        Panel p = {
                .file = file,
                .top = 370,
                .x_max = (double) DAY,
                .y_max = highest(r, report_outage_rate, DAY, MINUTE),
        };

        draw_frame(&p, "Requests per second on the day of the outage (grey): by ten minutes "
                       "(dark), by the minute (light); dashed, twice the day's mean");
        fprintf(file, "<path class=\"outage\" d=\"M%.1f %.1fV%.1fH%.1fV%.1fZ\"/>\n",
                x_of(&p, (double) (r->world.outage_hour * HOUR)), y_of(&p, 0), y_of(&p, p.y_max),
                x_of(&p, (double) (r->world.outage_hour * HOUR + OUTAGE_LENGTH)), y_of(&p, 0));
        for (int64_t hour = 0; hour <= DAY / HOUR; hour += 2)
                draw_tick(&p, (double) (hour * HOUR), hour);
        draw_curve(&p, r, report_outage_rate, MINUTE, "fine");
        draw_curve(&p, r, report_outage_rate, 10 * MINUTE, "main");
        draw_level(&p, PEAK_MAX * mean, "bound", "");
}

static void draw(FILE *file, const Report *r) {
        fprintf(file,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                "font-family=\"sans-serif\" font-size=\"12\">\n"
                "<style>path{fill:none}.axis{stroke:#000}.grid{stroke:#ddd}.fine{stroke:#9bd}"
                ".main{stroke:#036;stroke-width:1.5}.bound{stroke:#c00;stroke-dasharray:6 4}"
                ".outage{fill:#ddd}</style>\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                WIDTH, HEIGHT);
        draw_two_years(file, r);
        draw_outage_day(file, r);
        fprintf(file, "</svg>\n");
}

int plot_write(const Report *r, const char *path) {
        FILE *file = fopen(path, "we");
        bool failed;

        if (!file)
                return -errno;

        draw(file, r);
        failed = ferror(file);
        return fclose(file) != 0 || failed ? -EIO : 0;
}
