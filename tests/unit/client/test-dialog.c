/* SPDX-License-Identifier: MIT */

/* The text of the countdown, and answers that come without a terminal. What is seen on a terminal
 * is shown end to end. */

#include "yadiskctl/sign-in/dialog.h"

#include <locale.h>

#include "check.h"

#define WIDE 200

typedef struct Answer {
        Dialog *dialog;
        int r;
        char text[DIALOG_ANSWER_MAX_BYTES + 1];
        bool there;
} Answer;

static void on_answer(int r, const char *text, void *userdata) {
        Answer *a = userdata;

        CHECK(!a->there);
        a->there = true;
        a->r = r;
        if (r == 0)
                (void) snprintf(a->text, sizeof(a->text), "%s", text);
        dialog_clear(a->dialog);
}

static _Noreturn void on_interrupt(void *userdata) {
        CHECK(!"an interrupt");
}

/* What is answered if stdin is that descriptor, which is closed. Nothing is said meanwhile. */
static Answer *answer_of(int input) {
        Capture *err = capture(STDERR_FILENO);
        static Answer answer;
        sd_event *event = NULL;

        answer = (Answer){};
        CHECK(dup2(input, STDIN_FILENO) == STDIN_FILENO);
        close(input);
        CHECK(sd_event_new(&event) >= 0);
        CHECK(dialog_new(event, on_interrupt, NULL, &answer.dialog) >= 0);
        CHECK(dialog_ask(answer.dialog, "What:", on_answer, &answer) >= 0);
        while (!answer.there)
                CHECK(sd_event_run(event, UINT64_MAX) >= 0);
        dialog_free(answer.dialog);
        sd_event_unref(event);
        CHECK_STR(captured(err), "");
        return &answer;
}

static int pipe_with(const char *data, size_t size) {
        int fds[2];

        CHECK(pipe(fds) == 0);
        CHECK(write(fds[1], data, size) == (ssize_t) size);
        close(fds[1]);
        return fds[0];
}

static void the_first_line_is_the_answer(void) {
        static const struct {
                const char *data, *answer;
        } table[] = {
                { "1234567\n", "1234567" },
                { "1234567", "1234567" },
                { "  1234567 \t\r\n", "1234567" },
                { "\n \r\n\t\n1234567\nmore\n", "1234567" },
                { "https://ya.ru/verification_code?code=1&state=a b\n",
                  "https://ya.ru/verification_code?code=1&state=a b" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Answer *a = answer_of(pipe_with(table[i].data, strlen(table[i].data)));

                CHECK_INT(a->r, 0);
                CHECK_STR(a->text, table[i].answer);
        }
}

static void no_line_is_no_answer(void) {
        CHECK_INT(answer_of(pipe_with("", 0))->r, -ENODATA);
        CHECK_INT(answer_of(pipe_with("\n \n", 3))->r, -ENODATA);
        CHECK_INT(answer_of(open("/dev/null", O_RDONLY))->r, -ENODATA);
        CHECK_INT(answer_of(open("/", O_RDONLY))->r, -EISDIR);
}

static void files_are_read_too(void) {
        int fd = memfd_create("answer", 0);

        CHECK(write(fd, "code\n", 5) == 5 && lseek(fd, 0, SEEK_SET) == 0);
        CHECK_STR(answer_of(fd)->text, "code");
}

static void a_line_comes_in_pieces(void) {
        int fds[2];

        CHECK(pipe(fds) == 0);
        if (fork() == 0) {
                for (const char *c = "piecemeal\n"; *c; c++)
                        CHECK(write(fds[1], c, 1) == 1);
                _exit(EXIT_SUCCESS);
        }
        close(fds[1]);
        CHECK_STR(answer_of(fds[0])->text, "piecemeal");
}

static void an_answer_has_a_length(void) {
        char data[DIALOG_ANSWER_MAX_BYTES + 2];
        Answer *a;

        memset(data, 'a', sizeof(data));
        data[DIALOG_ANSWER_MAX_BYTES] = '\n';
        a = answer_of(pipe_with(data, DIALOG_ANSWER_MAX_BYTES + 1));
        CHECK_INT(a->r, 0);
        CHECK_INT(strlen(a->text), DIALOG_ANSWER_MAX_BYTES);

        data[DIALOG_ANSWER_MAX_BYTES] = 'a';
        CHECK_INT(answer_of(pipe_with(data, sizeof(data)))->r, -EMSGSIZE);
        CHECK_INT(answer_of(pipe_with(data, DIALOG_ANSWER_MAX_BYTES + 1))->r, -EMSGSIZE);
}

static void yes_is_yes(void) {
        CHECK(answer_is_yes("y") && answer_is_yes("Y") && answer_is_yes("yes"));
        CHECK(!answer_is_yes("") && !answer_is_yes("n") && !answer_is_yes("no"));
        CHECK(!answer_is_yes("maybe") && !answer_is_yes("ivan"));
        if (setlocale(LC_ALL, "ru_RU.UTF-8")) {
                CHECK(answer_is_yes("да") && answer_is_yes("Д") && answer_is_yes("y"));
                CHECK(!answer_is_yes("нет"));
        }
}

static const char *line(uint64_t left, unsigned columns) {
        static char buffer[DIALOG_COUNTDOWN_MAX_BYTES];

        return dialog_format_countdown(left, columns, buffer);
}

static void the_time_is_read_as_on_a_clock(void) {
        static const struct {
                uint64_t left;
                const char *clock;
        } table[] = {
                { 0, "0:00" },         { 1, "0:01" },           { 59, "0:59" },
                { 60, "1:00" },        { 299, "4:59" },         { 1800, "30:00" },
                { 3599, "59:59" },     { 3600, "1:00:00" },     { 3661, "1:01:01" },
                { 86399, "23:59:59" }, { 360000, "100:00:00" },
        };
        char text[DIALOG_COUNTDOWN_MAX_BYTES];

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                (void) snprintf(text, sizeof(text), "Waiting for you: %s left; Ctrl-C cancels.",
                                table[i].clock);
                CHECK_STR(line(table[i].left, WIDE), text);
        }
        CHECK(strlen(line(UINT64_MAX - 1, WIDE)) < DIALOG_COUNTDOWN_MAX_BYTES - 1);
}

static void the_time_may_be_unknown(void) {
        CHECK_STR(line(UINT64_MAX, WIDE), "Waiting for you; Ctrl-C cancels.");
}

static void it_never_reaches_the_last_column(void) {
        CHECK_STR(line(299, 44), "Waiting for you: 4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 43), "4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 27), "4:59 left; Ctrl-C cancels.");
        CHECK_STR(line(299, 26), "4:59");
        CHECK_STR(line(299, 5), "4:59");
        CHECK_STR(line(299, 4), "4:5");
        CHECK_STR(line(299, 1), "");
        CHECK_STR(line(299, 0), "");
        CHECK_STR(line(UINT64_MAX, 33), "Waiting for you; Ctrl-C cancels.");
        CHECK_STR(line(UINT64_MAX, 32), "Ctrl-C cancels.");
        CHECK_STR(line(UINT64_MAX, 15), "");
}

int main(void) {
        the_time_is_read_as_on_a_clock();
        the_time_may_be_unknown();
        it_never_reaches_the_last_column();
        the_first_line_is_the_answer();
        no_line_is_no_answer();
        files_are_read_too();
        a_line_comes_in_pieces();
        an_answer_has_a_length();
        yes_is_yes();
        return EXIT_SUCCESS;
}
