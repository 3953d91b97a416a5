/* SPDX-License-Identifier: MIT */
#pragma once

/* The last line of the terminal while we wait: the time that is left, or a question, or nothing. It is
 * left before anything else is said. And the keys that end and stop a program. */

#include "yadiskctl/sign-in/live-line.h"
#include "yadiskctl/sign-in/question.h"

/* Ctrl-C or another signal asks to end. */
typedef void (*InterruptFn)(void *userdata);

typedef struct Stage {
        sd_event *event; /* borrowed */
        InterruptFn on_interrupt;
        void *userdata;
        sd_event_source *signals[5];
        LiveLine *live;
        Question *question;
} Stage;

/* From now on Ctrl-C is an event, and Ctrl-Z gives the terminal to the shell as it was; what is on the
 * stage comes back with us. 0 or a negative errno, as for all below. */
int stage_init(Stage *s, sd_event *event, InterruptFn fn, void *userdata);

/* See live_line_new() and question_new(). The stage is empty before, and left by whoever is answered. */
int stage_show_time(Stage *s, uint64_t until, bool tight);
int stage_ask(Stage *s, const char *text, AnswerFn fn, void *userdata);

void stage_leave(Stage *s);

/* Leaves it, too. A stage of zeros is fine. */
void stage_done(Stage *s);
