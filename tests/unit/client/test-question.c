/* SPDX-License-Identifier: MIT */

/* Answers that come without a terminal. Those of people are shown end to end. */

#include "yadiskctl/sign-in/question.h"

#include <locale.h>

#include "check.h"

typedef struct Answer {
        Question *question;
        int r;
        char text[ANSWER_MAX_BYTES + 1];
        bool there;
} Answer;

static void on_answer(int r, const char *text, void *userdata) {
        Answer *a = userdata;

        CHECK(!a->there);
        a->there = true;
        a->r = r;
        if (r == 0)
                (void) snprintf(a->text, sizeof(a->text), "%s", text);
        a->question = question_free(a->question);
}

/* What is answered where stdin is that descriptor, which is closed. Nothing is said meanwhile. */
static Answer *answer_of(int input) {
        Capture *err = capture(STDERR_FILENO);
        static Answer answer;
        sd_event *event = NULL;

        answer = (Answer){};
        CHECK(dup2(input, STDIN_FILENO) == STDIN_FILENO);
        close(input);
        CHECK(sd_event_new(&event) >= 0);
        CHECK(question_new(event, "What:", on_answer, &answer, &answer.question) >= 0);
        while (!answer.there)
                CHECK(sd_event_run(event, UINT64_MAX) >= 0);
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
        char data[ANSWER_MAX_BYTES + 2];
        Answer *a;

        memset(data, 'a', sizeof(data));
        data[ANSWER_MAX_BYTES] = '\n';
        a = answer_of(pipe_with(data, ANSWER_MAX_BYTES + 1));
        CHECK_INT(a->r, 0);
        CHECK_INT(strlen(a->text), ANSWER_MAX_BYTES);

        data[ANSWER_MAX_BYTES] = 'a';
        CHECK_INT(answer_of(pipe_with(data, sizeof(data)))->r, -EMSGSIZE);
        CHECK_INT(answer_of(pipe_with(data, ANSWER_MAX_BYTES + 1))->r, -EMSGSIZE);
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

int main(void) {
        the_first_line_is_the_answer();
        no_line_is_no_answer();
        files_are_read_too();
        a_line_comes_in_pieces();
        an_answer_has_a_length();
        yes_is_yes();
        return EXIT_SUCCESS;
}
