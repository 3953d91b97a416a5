/* SPDX-License-Identifier: MIT */
#pragma once

/* What is wrong, and what to do about it: two sentences. doctor shows one below the other; every
 * other verb says both in its line on stderr. So all verbs say the same. */

#include "yadiskctl/terminal/output.h"

#define PROBLEM_TEXT_MAX 1024

typedef struct Problem {
        bool english; /* the sentences are for a program, and are not translated */
        ExitStatus status;
        char message[PROBLEM_TEXT_MAX];
        char advice[PROBLEM_TEXT_MAX]; /* "" if the message already advises */
} Problem;

/* Translates a text of ours, unless the problem is in English. */
const char *problem_words(const Problem *p, const char *text) __attribute__((format_arg(2)));

/* Formats are translated here, while their arguments are not. If the advice contains a command that
 * would not find the session bus in our environment, a sentence is added that tells what helps. */
void problem_set(Problem *p, const char *message, ...) _printf_(2, 3);
void problem_advise(Problem *p, const char *advice, ...) _printf_(2, 3);

/* Adds a sentence to the advice. */
void problem_add(Problem *p, const char *sentence, ...) _printf_(2, 3);

/* Says it in one line on stderr. Returns the status. */
ExitStatus problem_tell(const Problem *p);

/* Says the same of a problem that does not end the program. */
void problem_remark(const Problem *p);
