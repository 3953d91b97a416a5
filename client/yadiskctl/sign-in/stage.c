/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/stage.h"

#include <signal.h>

/* The signal is blocked, as an event. Here we stand until SIGCONT. */
static void stop_now(void) {
        sigset_t stop;

        (void) sigemptyset(&stop);
        (void) sigaddset(&stop, SIGTSTP);
        (void) raise(SIGTSTP);
        (void) pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
        (void) pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Stage *s = userdata;

        if (s->live)
                live_line_hide(s->live);
        stop_now();
        if (s->live)
                live_line_show(s->live);
        if (s->question)
                question_repeat(s->question);
        return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Stage *s = userdata;

        s->on_interrupt(s->userdata);
        return 0;
}

/* nohup(1) asks us not to notice that the terminal has gone. */
static bool is_unwanted(int number) {
        struct sigaction action;

        return number == SIGHUP && sigaction(number, NULL, &action) == 0 &&
               action.sa_handler == SIG_IGN;
}

int stage_init(Stage *s, sd_event *event, InterruptFn fn, void *userdata) {
        static const int numbers[] = { SIGTSTP, SIGINT, SIGTERM, SIGQUIT, SIGHUP };
        int r = 0;

        *s = (Stage){ .event = event, .on_interrupt = fn, .userdata = userdata };
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(numbers); i++)
                if (!is_unwanted(numbers[i]))
                        r = sd_event_add_signal(event, &s->signals[i],
                                                numbers[i] | SD_EVENT_SIGNAL_PROCMASK,
                                                numbers[i] == SIGTSTP ? on_stop : on_signal, s);
        return r;
}

int stage_show_time(Stage *s, uint64_t until, bool tight) {
        return live_line_new(s->event, until, tight, &s->live);
}

int stage_ask(Stage *s, const char *text, AnswerFn fn, void *userdata) {
        return question_new(s->event, text, fn, userdata, &s->question);
}

void stage_leave(Stage *s) {
        s->question = question_free(s->question);
        s->live = live_line_free(s->live);
}

void stage_done(Stage *s) {
        stage_leave(s);
        for (size_t i = 0; i < ELEMENTSOF(s->signals); i++)
                sd_event_source_disable_unref(s->signals[i]);
        *s = (Stage){};
}
