/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/question.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <termios.h>

#include "yadiskctl/terminal/output.h"
#include "yadiskctl/terminal/terminal.h"

#define WHITE_SPACE " \t\r\n\v\f"

struct Question {
        AnswerFn fn;
        void *userdata;
        sd_event_source *input;
        char *text;
        bool is_asked; /* at a terminal, and not answered yet */
        size_t n;
        char data[ANSWER_MAX_BYTES + 2]; /* a line's end, or one byte too many; and a NUL */
};

/* In the background this would stop us. */
static void forget_what_was_typed(void) {
        pid_t front = tcgetpgrp(STDIN_FILENO);

        if (front < 0 || front == getpgrp())
                (void) tcflush(STDIN_FILENO, TCIFLUSH);
}

/* Makes one line of what was read the answer; false where there is no line yet. At a terminal an empty
 * one is an answer, in a file it is passed over. */
static bool take_line(Question *q, bool ended, char **ret) {
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

static int answer(Question *q, int r, const char *text) {
        sd_event_source_set_enabled(q->input, SD_EVENT_OFF);
        if (q->is_asked && r == 0)
                forget_what_was_typed(); /* the lines that were pasted behind it */
        q->is_asked = q->is_asked && r != 0;
        q->fn(r, text, q->userdata);
        return 0;
}

static int on_input(Question *q) {
        char *line;
        ssize_t n;

        n = read(STDIN_FILENO, q->data + q->n, sizeof(q->data) - 1 - q->n);
        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : answer(q, -errno, NULL);

        q->n += (size_t) n;
        q->data[q->n] = '\0';
        if (!take_line(q, n == 0, &line))
                return q->n > ANSWER_MAX_BYTES ? answer(q, -EMSGSIZE, NULL) : 0;
        if (n == 0 && *line == '\0')
                return answer(q, -ENODATA, NULL);
        return answer(q, strlen(line) > ANSWER_MAX_BYTES ? -EMSGSIZE : 0, line);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return on_input(userdata);
}

static int on_turn(sd_event_source *source, void *userdata) {
        return on_input(userdata);
}

/* A file is always readable, and epoll does not take it. */
static int watch_input(sd_event *event, Question *q) {
        int r;

        r = sd_event_add_io(event, &q->input, STDIN_FILENO, EPOLLIN, on_readable, q);
        if (r != -EPERM)
                return r;

        r = sd_event_add_defer(event, &q->input, on_turn, q);
        return r < 0 ? r : sd_event_source_set_enabled(q->input, SD_EVENT_ON);
}

void question_repeat(const Question *q) {
        if (q->is_asked)
                inquire("%s", q->text);
}

int question_new(sd_event *event, const char *text, AnswerFn fn, void *userdata, Question **ret) {
        _cleanup_(question_freep) Question *q = malloc(sizeof(Question));
        int r;

        if (!q)
                return -ENOMEM;

        *q = (Question){ .fn = fn, .userdata = userdata };
        r = str_replace(&q->text, text);
        if (r >= 0)
                r = watch_input(event, q);
        if (r < 0)
                return r;

        if (terminal_can_ask()) {
                forget_what_was_typed(); /* before the question was there */
                q->is_asked = true;
                question_repeat(q);
        }
        *ret = TAKE_PTR(q);
        return 0;
}

Question *question_free(Question *q) {
        if (!q)
                return NULL;

        if (q->is_asked) {
                forget_what_was_typed();
                fputc('\n', stderr);
        }
        sd_event_source_disable_unref(q->input);
        free(q->text);
        explicit_bzero(q, sizeof(Question));
        free(q);
        return NULL;
}

bool answer_is_yes(const char *text) {
        return rpmatch(text) == 1 || strcasecmp(text, "y") == 0 || strcasecmp(text, "yes") == 0;
}
