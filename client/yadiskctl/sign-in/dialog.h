/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the last line of the terminal shows while the event loop runs: how much time is left, or a
 * question to the user, or nothing. It is cleared before anything else is said. Meanwhile Ctrl-C is
 * an event, and Ctrl-Z gives the terminal back to the shell as it was; when the user returns to the
 * program, the line is shown again.
 *
 * Without a terminal no question is shown, and the answer is the first line of the standard input
 * that is not empty.
 */

#include <stdint.h>

#include <systemd/sd-event.h>

#include "common/util.h"

#define DIALOG_ANSWER_MAX_BYTES    ((size_t) 4096)
#define DIALOG_COUNTDOWN_MAX_BYTES 256

/* What dialog_format_countdown() takes for a time that is not known. */
#define DIALOG_TIME_UNKNOWN UINT64_MAX

typedef struct Dialog Dialog;

/* The user pressed Ctrl-C, or another signal asks the program to end. */
typedef void (*DialogInterruptFn)(void *userdata);

/*
 * r is 0 with an answer; -ENODATA at the end of the input; -EMSGSIZE if the line is longer than
 * DIALOG_ANSWER_MAX_BYTES; or another negative errno if the input cannot be read. The answer has no
 * white space around it, and is empty if the user pressed only Enter; it is erased when the dialog
 * is cleared. Called once for each question, from the event loop; may clear or free the dialog.
 */
typedef void (*DialogAnswerFn)(int r, const char *answer, void *userdata);

/* Borrows the event loop, which must outlive it. Returns 0 or a negative errno. */
int dialog_new(sd_event *event, DialogInterruptFn fn, void *userdata, Dialog **ret);

/* Clears it, too. NULL is fine. Returns NULL. */
Dialog *dialog_free(Dialog *d);
DEFINE_CLEANUP(Dialog *, dialog_free)

/* Counts down to a moment in UTC seconds, or shows that we wait if that is 0. Unless is_tight, an
 * empty line stands above. What the user types meanwhile is not shown. The dialog must be clear.
 * Returns 0 or a negative errno. */
int dialog_count_down(Dialog *d, uint64_t until, bool is_tight);

/* Asks a question, which is in the user's language already and outlives the dialog. The dialog must
 * be clear. Returns 0 or a negative errno. */
int dialog_ask(Dialog *d, const char *text, DialogAnswerFn fn, void *userdata);

/* Leaves the terminal as it was. What was typed and not read is thrown away. */
void dialog_clear(Dialog *d);

/* For tests: the text of the countdown for so many seconds, which is narrower than that many
 * columns. Returns buffer. */
const char *dialog_format_countdown(uint64_t left, unsigned columns,
                                    char buffer[static DIALOG_COUNTDOWN_MAX_BYTES]);

/* Whether an answer means yes in the user's language, or in English. */
bool answer_is_yes(const char *answer);

/* Asks at the terminal, where anything but a yes is a no. The question ends in "[y/N]". */
bool user_agrees(const char *question);
