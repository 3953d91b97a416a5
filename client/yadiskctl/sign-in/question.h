/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A question to the person, while the event loop goes on with everything else. Without a terminal nobody
 * is asked, and the answer is the first line of the standard input that is not empty.
 */

#include <stddef.h>

#include <systemd/sd-event.h>

#include "common/util.h"

/* No longer answer is taken. */
#define ANSWER_MAX_BYTES ((size_t) 4096)

typedef struct Question Question;

/* 0 with an answer, which has no white space around it, is erased afterwards, and may be empty where a
 * person pressed nothing but Enter; -ENODATA where the input ended; -EMSGSIZE; another negative errno
 * where it could not be read. Called once. May free the question. */
typedef void (*AnswerFn)(int r, const char *answer, void *userdata);

/* Asks. text is in the user's language already. 0 or a negative errno. */
int question_new(sd_event *event, const char *text, AnswerFn fn, void *userdata, Question **ret);

/* Asks once more where the line was used for something else. */
void question_repeat(const Question *q);

/* What was typed and not read goes nowhere. Where there is no answer yet, the line is ended. NULL is
 * fine. Returns NULL. */
Question *question_free(Question *q);
DEFINE_CLEANUP(Question *, question_free)

/* Whether an answer means yes in the user's language, or in English. */
bool answer_is_yes(const char *answer);
