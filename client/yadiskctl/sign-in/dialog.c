/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/dialog.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/epoll.h>
#include <termios.h>
#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/output.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define ERASE_BELOW   "\033[J"
#define UP            "\033[A"
#define WHITE_SPACE   " \t\r\n\v\f"
#define ACCURACY_USEC UINT64_C(10000)

/*
 * The cursor rests at the beginning of the line, which mostly has an empty one of our own above it.
 * So everything of ours can be erased from where the cursor is, even if the window became narrower
 * and wrapped the line.
 */
typedef struct Countdown {
        sd_event_source *timer, *resized;
        uint64_t until;
        struct termios before;
        bool is_tight; /* there is no empty line above it */
        bool is_quiet; /* before is to be restored */
        bool is_shown;
} Countdown;

typedef struct Question {
        DialogAnswerFn fn;
        void *userdata;
        sd_event_source *input;
        const char *text;
        bool is_asked; /* at a terminal, and not answered yet */
        size_t n;
        char data[DIALOG_ANSWER_MAX_BYTES +
                  2]; /* an end of line, or one byte too many; and a NUL */
} Question;

struct Dialog {
        sd_event *event; /* borrowed */
        DialogInterruptFn on_interrupt;
        void *userdata;
        sd_event_source *signals[5];
        Countdown countdown; /* if it has a timer */
        Question question;   /* if it has an input */
};

/* In the last column some terminals would wrap the line. */
static bool countdown_fits(const char *text, unsigned columns) {
        return text_columns(text) < columns;
}

/* The first text that fits; the time alone is cut if it must be. */
static void countdown_format_time(uint64_t left, unsigned columns, char *buffer, size_t size) {
        uint64_t hours = left / 3600, minutes = left / 60 % 60, seconds = left % 60;
        char clock[32];

        if (hours > 0)
                (void) snprintf(clock, sizeof(clock), "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, hours,
                                minutes, seconds);
        else
                (void) snprintf(clock, sizeof(clock), "%" PRIu64 ":%02" PRIu64, minutes, seconds);
        (void) snprintf(buffer, size, _("Waiting for you: %s left; Ctrl-C cancels."), clock);
        if (!countdown_fits(buffer, columns))
                (void) snprintf(buffer, size, _("%s left; Ctrl-C cancels."), clock);
        if (!countdown_fits(buffer, columns))
                (void) snprintf(buffer, size, "%.*s", (int) (columns > 0 ? columns - 1 : 0), clock);
}

const char *dialog_format_countdown(uint64_t left, unsigned columns,
                                    char buffer[static DIALOG_COUNTDOWN_MAX_BYTES]) {
        static const char *const texts[] = { N_("Waiting for you; Ctrl-C cancels."),
                                             N_("Ctrl-C cancels."), "" };

        if (left != DIALOG_TIME_UNKNOWN) {
                countdown_format_time(left, columns, buffer, DIALOG_COUNTDOWN_MAX_BYTES);
                return buffer;
        }
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                (void) snprintf(buffer, DIALOG_COUNTDOWN_MAX_BYTES, "%s", _(texts[i]));
                if (countdown_fits(buffer, columns))
                        break;
        }
        return buffer;
}

static uint64_t countdown_time_left(const Countdown *c) {
        uint64_t now = time_now();

        if (c->until == 0)
                return DIALOG_TIME_UNKNOWN;
        return c->until > now ? c->until - now : 0;
}

/* If Enter were shown, it would move what is drawn. */
static void countdown_silence_keyboard(Countdown *c) {
        struct termios quiet;

        if (c->is_quiet || tcgetattr(STDOUT_FILENO, &c->before) < 0)
                return;

        quiet = c->before;
        quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
        c->is_quiet = tcsetattr(STDOUT_FILENO, TCSANOW, &quiet) == 0;
}

static void countdown_show(Countdown *c) {
        char text[DIALOG_COUNTDOWN_MAX_BYTES];
        Window window;

        if (!c->timer || !window_is_ours())
                return;

        window_look(&window);
        countdown_silence_keyboard(c);
        if (c->is_shown)
                fputs(ERASE_BELOW, stdout);
        else if (!c->is_tight)
                fputs("\n", stdout);
        fputs(dialog_format_countdown(countdown_time_left(c), window.columns, text), stdout);
        fputs("\r", stdout);
        fflush(stdout);
        c->is_shown = true;
}

static void countdown_hide(Countdown *c) {
        if (c->is_shown && window_is_ours()) {
                fputs(c->is_tight ? ERASE_BELOW "\r" : ERASE_BELOW UP "\r", stdout);
                fflush(stdout);
        }
        if (c->is_quiet && window_is_ours())
                (void) tcsetattr(STDOUT_FILENO, TCSANOW, &c->before);
        c->is_shown = c->is_quiet = false;
}

/* Sets the timer for the next full second of the wall clock, on a clock that cannot be put back. */
static int countdown_arm(Countdown *c) {
        struct timespec now;

        if (clock_gettime(CLOCK_REALTIME, &now) < 0)
                return -errno;
        return sd_event_source_set_time_relative(c->timer,
                                                 USEC_PER_SEC - (uint64_t) now.tv_nsec / 1000);
}

static int countdown_on_second(sd_event_source *source, uint64_t usec, void *userdata) {
        Countdown *c = userdata;
        int r;

        countdown_show(c);
        r = countdown_arm(c);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int countdown_on_resized(sd_event_source *source, const struct signalfd_siginfo *info,
                                void *userdata) {
        countdown_show(userdata);
        return 0;
}

static void countdown_done(Countdown *c) {
        countdown_hide(c);
        sd_event_source_disable_unref(c->resized);
        sd_event_source_disable_unref(c->timer);
        *c = (Countdown){};
}

/* Throws away what was typed. In the background that would stop us. */
static void question_flush_keyboard(void) {
        pid_t front = tcgetpgrp(STDIN_FILENO);

        if (front < 0 || front == getpgrp())
                (void) tcflush(STDIN_FILENO, TCIFLUSH);
}

/* Finds the answer in what was read, and returns false if its line is not complete. An empty line
 * of a terminal is an answer; in a file it is skipped. */
static bool question_take_line(Question *q, bool ended, char **ret) {
        char *line = q->data;

        if (!q->is_asked)
                line += strspn(line, WHITE_SPACE);
        if (!strchr(line, '\n') && !ended)
                return false;

        line[strcspn(line, "\n")] = '\0';
        line += strspn(line, WHITE_SPACE);
        for (size_t n = strlen(line); n > 0 && strchr(WHITE_SPACE, line[n - 1]); n--)
                line[n - 1] = '\0';
        *ret = line;
        return true;
}

static int question_answer(Question *q, int r, const char *text) {
        sd_event_source_set_enabled(q->input, SD_EVENT_OFF);
        if (q->is_asked && r == 0) {
                question_flush_keyboard(); /* of lines that were pasted behind the answer */
                q->is_asked = false;
        }
        q->fn(r, text, q->userdata);
        return 0;
}

static int question_read(Question *q) {
        char *line;
        ssize_t n;

        n = read(STDIN_FILENO, q->data + q->n, sizeof(q->data) - 1 - q->n);
        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : question_answer(q, -errno, NULL);

        q->n += (size_t) n;
        q->data[q->n] = '\0';
        if (!question_take_line(q, n == 0, &line))
                return q->n > DIALOG_ANSWER_MAX_BYTES ? question_answer(q, -EMSGSIZE, NULL) : 0;
        if (n == 0 && *line == '\0')
                return question_answer(q, -ENODATA, NULL);
        return question_answer(q, strlen(line) > DIALOG_ANSWER_MAX_BYTES ? -EMSGSIZE : 0, line);
}

static int question_on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return question_read(userdata);
}

static int question_on_turn(sd_event_source *source, void *userdata) {
        return question_read(userdata);
}

/* epoll refuses files, which are always readable. */
static int question_watch_input(Question *q, sd_event *event) {
        int r;

        r = sd_event_add_io(event, &q->input, STDIN_FILENO, EPOLLIN, question_on_readable, q);
        if (r != -EPERM)
                return r;

        r = sd_event_add_defer(event, &q->input, question_on_turn, q);
        return r < 0 ? r : sd_event_source_set_enabled(q->input, SD_EVENT_ON);
}

static void question_done(Question *q) {
        if (q->is_asked) {
                question_flush_keyboard();
                fputc('\n', stderr);
        }
        sd_event_source_disable_unref(q->input);
        explicit_bzero(q, sizeof(Question));
}

int dialog_count_down(Dialog *d, uint64_t until, bool is_tight) {
        Countdown *c = &d->countdown;
        int r;

        *c = (Countdown){ .until = until, .is_tight = is_tight };
        r = sd_event_add_time_relative(d->event, &c->timer, CLOCK_MONOTONIC, 0, ACCURACY_USEC,
                                       countdown_on_second, c);
        if (r >= 0)
                r = countdown_arm(c);
        if (r >= 0)
                r = sd_event_add_signal(d->event, &c->resized, SIGWINCH | SD_EVENT_SIGNAL_PROCMASK,
                                        countdown_on_resized, c);
        if (r < 0) {
                countdown_done(c);
                return r;
        }

        countdown_show(c);
        return 0;
}

int dialog_ask(Dialog *d, const char *text, DialogAnswerFn fn, void *userdata) {
        Question *q = &d->question;
        int r;

        *q = (Question){ .fn = fn, .userdata = userdata, .text = text };
        r = question_watch_input(q, d->event);
        if (r < 0) {
                question_done(q);
                return r;
        }

        if (terminal_can_ask()) {
                question_flush_keyboard(); /* of what was typed before the question was there */
                q->is_asked = true;
                inquire("%s", q->text);
        }
        return 0;
}

/* The signal is blocked, so that it is an event. Here we stand until SIGCONT. */
static void dialog_stop_process(void) {
        sigset_t stop;

        (void) sigemptyset(&stop);
        (void) sigaddset(&stop, SIGTSTP);
        (void) raise(SIGTSTP);
        (void) pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
        (void) pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

static int dialog_on_stop(sd_event_source *source, const struct signalfd_siginfo *info,
                          void *userdata) {
        Dialog *d = userdata;

        countdown_hide(&d->countdown);
        dialog_stop_process();
        countdown_show(&d->countdown);
        if (d->question.is_asked)
                inquire("%s", d->question.text);
        return 0;
}

static int dialog_on_interrupt(sd_event_source *source, const struct signalfd_siginfo *info,
                               void *userdata) {
        Dialog *d = userdata;

        d->on_interrupt(d->userdata);
        return 0;
}

/* nohup(1) asks us not to notice that the terminal has gone. */
static bool dialog_ignores(int number) {
        struct sigaction action;

        return number == SIGHUP && sigaction(number, NULL, &action) == 0 &&
               action.sa_handler == SIG_IGN;
}

int dialog_new(sd_event *event, DialogInterruptFn fn, void *userdata, Dialog **ret) {
        static const int numbers[] = { SIGTSTP, SIGINT, SIGTERM, SIGQUIT, SIGHUP };
        _cleanup_(dialog_freep) Dialog *d = malloc(sizeof(Dialog));
        int r = 0;

        if (!d)
                return -ENOMEM;

        *d = (Dialog){ .event = event, .on_interrupt = fn, .userdata = userdata };
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(numbers); i++)
                if (!dialog_ignores(numbers[i]))
                        r = sd_event_add_signal(
                                event, &d->signals[i], numbers[i] | SD_EVENT_SIGNAL_PROCMASK,
                                numbers[i] == SIGTSTP ? dialog_on_stop : dialog_on_interrupt, d);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

void dialog_clear(Dialog *d) {
        question_done(&d->question);
        countdown_done(&d->countdown);
}

Dialog *dialog_free(Dialog *d) {
        if (!d)
                return NULL;

        dialog_clear(d);
        for (size_t i = 0; i < ELEMENTSOF(d->signals); i++)
                sd_event_source_disable_unref(d->signals[i]);
        free(d);
        return NULL;
}

bool answer_is_yes(const char *answer) {
        return rpmatch(answer) == 1 || strcasecmp(answer, "y") == 0 ||
               strcasecmp(answer, "yes") == 0;
}

bool user_agrees(const char *question) {
        _cleanup_(secret_freep) char *answer = NULL;

        return terminal_ask(question, false, &answer) >= 0 && answer_is_yes(answer);
}
