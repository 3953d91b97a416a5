/* SPDX-License-Identifier: MIT */

/*
 * The cursor rests at the beginning of the line, mostly below an empty one of our own. So all that is ours can
 * be erased from where the cursor is, also where a window that became narrower has wrapped the line.
 */

#include "yadiskctl/sign-in/live-line.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define ERASE_BELOW   "\033[J"
#define UP            "\033[A"
#define USEC_PER_SEC  UINT64_C(1000000)
#define ACCURACY_USEC UINT64_C(10000)
#define UNKNOWN       UINT64_MAX

struct LiveLine {
        sd_event_source *timer, *resized;
        uint64_t until;
        struct termios before;
        bool is_tight; /* there is no empty line above it */
        bool is_quiet; /* before is to be restored */
        bool is_shown;
};

static const char *print_clock(uint64_t seconds, char *buffer, size_t size) {
        uint64_t minutes = seconds / 60 % 60, hours = seconds / 3600;

        if (hours > 0)
                (void) snprintf(buffer, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, hours,
                                minutes, seconds % 60);
        else
                (void) snprintf(buffer, size, "%" PRIu64 ":%02" PRIu64, minutes, seconds % 60);
        return buffer;
}

/* The last column would make some terminals wrap. */
static bool fits(const char *text, unsigned columns) {
        return text_columns(text) < columns;
}

/* Of these the first that fits; the time alone is cut if it must be. */
static void format_time(uint64_t left, unsigned columns, char buffer[static LIVE_LINE_MAX_BYTES]) {
        char clock[32];

        print_clock(left, clock, sizeof(clock));
        (void) snprintf(buffer, LIVE_LINE_MAX_BYTES, _("Waiting for you: %s left; Ctrl-C cancels."),
                        clock);
        if (!fits(buffer, columns))
                (void) snprintf(buffer, LIVE_LINE_MAX_BYTES, _("%s left; Ctrl-C cancels."), clock);
        if (!fits(buffer, columns))
                (void) snprintf(buffer, LIVE_LINE_MAX_BYTES, "%.*s",
                                (int) (columns > 0 ? columns - 1 : 0), clock);
}

const char *live_line_format(uint64_t left, unsigned columns,
                             char buffer[static LIVE_LINE_MAX_BYTES]) {
        if (left != UNKNOWN) {
                format_time(left, columns, buffer);
                return buffer;
        }

        (void) snprintf(buffer, LIVE_LINE_MAX_BYTES, "%s", _("Waiting for you; Ctrl-C cancels."));
        if (!fits(buffer, columns))
                (void) snprintf(buffer, LIVE_LINE_MAX_BYTES, "%s", _("Ctrl-C cancels."));
        if (!fits(buffer, columns))
                *buffer = '\0';
        return buffer;
}

static uint64_t time_left(const LiveLine *l) {
        uint64_t now = time_now();

        if (l->until == 0)
                return UNKNOWN;
        return l->until > now ? l->until - now : 0;
}

/* An Enter that is shown would move what we draw over. */
static void be_quiet(LiveLine *l) {
        struct termios quiet;

        if (l->is_quiet || tcgetattr(STDOUT_FILENO, &l->before) < 0)
                return;

        quiet = l->before;
        quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
        l->is_quiet = tcsetattr(STDOUT_FILENO, TCSANOW, &quiet) == 0;
}

void live_line_show(LiveLine *l) {
        char text[LIVE_LINE_MAX_BYTES];
        Window window;

        if (!window_is_ours())
                return;

        window_look(&window);
        be_quiet(l);
        if (l->is_shown)
                fputs(ERASE_BELOW, stdout);
        else if (!l->is_tight)
                fputs("\n", stdout);
        fputs(live_line_format(time_left(l), window.columns, text), stdout);
        fputs("\r", stdout);
        fflush(stdout);
        l->is_shown = true;
}

void live_line_hide(LiveLine *l) {
        if (l->is_shown && window_is_ours()) {
                fputs(l->is_tight ? ERASE_BELOW "\r" : ERASE_BELOW UP "\r", stdout);
                fflush(stdout);
        }
        if (l->is_quiet && window_is_ours())
                (void) tcsetattr(STDOUT_FILENO, TCSANOW, &l->before);
        l->is_shown = l->is_quiet = false;
}

/* The next full second of the wall clock, by a clock that nobody can put back. */
static int arm(LiveLine *l) {
        struct timespec now;

        if (clock_gettime(CLOCK_REALTIME, &now) < 0)
                return -errno;
        return sd_event_source_set_time_relative(l->timer,
                                                 USEC_PER_SEC - (uint64_t) now.tv_nsec / 1000);
}

static int on_second(sd_event_source *source, uint64_t usec, void *userdata) {
        LiveLine *l = userdata;
        int r;

        live_line_show(l);
        r = arm(l);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_resized(sd_event_source *source, const struct signalfd_siginfo *info,
                      void *userdata) {
        live_line_show(userdata);
        return 0;
}

int live_line_new(sd_event *event, uint64_t until, bool tight, LiveLine **ret) {
        _cleanup_(live_line_freep) LiveLine *l = malloc(sizeof(LiveLine));
        int r;

        if (!l)
                return -ENOMEM;

        *l = (LiveLine){ .until = until, .is_tight = tight };
        r = sd_event_add_time_relative(event, &l->timer, CLOCK_MONOTONIC, 0, ACCURACY_USEC,
                                       on_second, l);
        if (r >= 0)
                r = arm(l);
        if (r >= 0)
                r = sd_event_add_signal(event, &l->resized, SIGWINCH | SD_EVENT_SIGNAL_PROCMASK,
                                        on_resized, l);
        if (r < 0)
                return r;

        live_line_show(l);
        *ret = TAKE_PTR(l);
        return 0;
}

LiveLine *live_line_free(LiveLine *l) {
        if (!l)
                return NULL;

        live_line_hide(l);
        sd_event_source_disable_unref(l->resized);
        sd_event_source_disable_unref(l->timer);
        free(l);
        return NULL;
}
