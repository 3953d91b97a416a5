/* SPDX-License-Identifier: MIT */
#pragma once

/* What is wrong, and what to do about it: two sentences. doctor shows one below the other, every other verb
 * both in its line on stderr; so all of them say the same. */

#include "yadiskctl/terminal/output.h"

#define TROUBLE_TEXT_MAX 1024

typedef struct Trouble {
        bool english; /* the sentences are for a program */
        ExitStatus status;
        char message[TROUBLE_TEXT_MAX];
        char advice[TROUBLE_TEXT_MAX]; /* "" if the message has it */
} Trouble;

/* Formats are marked with N_() and translated here; what goes into them is not. A command in the advice that
 * would not find the session bus in our environment gets a sentence more, which helps it. */
void trouble_set(Trouble *t, ExitStatus status, const char *message, ...) _printf_(3, 4);
void trouble_advise(Trouble *t, const char *advice, ...) _printf_(2, 3);

/* One line to stderr. Returns the status. */
ExitStatus trouble_tell(const Trouble *t);

/* The same of what ends nothing. */
void trouble_remark(const Trouble *t);
