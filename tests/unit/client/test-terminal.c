/* SPDX-License-Identifier: MIT */

/* Asking a person, who is a second process on the other side of a pseudo terminal. */

#include "yadiskctl/terminal/terminal.h"

#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include "check.h"

static int person; /* the other side */

static bool echoes(void) {
        struct termios t;

        CHECK(tcgetattr(STDIN_FILENO, &t) == 0);
        return t.c_lflag & ECHO;
}

/* Everything shown up to the end of what is expected. */
static void expect(const char *expected) {
        char shown[1024];
        size_t n = 0;

        do {
                CHECK(n < sizeof(shown) - 1);
                CHECK(read(person, shown + n, 1) == 1);
                shown[++n] = '\0';
        } while (!strstr(shown, expected));
}

/* The process under test: asks, says what it got, ends. */
static _Noreturn void ask_and_tell(bool hidden) {
        _cleanup_(secret_freep) char *answer = NULL;
        int r;

        CHECK(terminal_can_ask() && terminal_is_attended());
        r = terminal_ask("What:", hidden, &answer);
        CHECK(echoes());
        dprintf(STDERR_FILENO, "got %i <%s>!", r, str_or_empty(answer));
        pause();
        _exit(EXIT_FAILURE);
}

static pid_t begin(bool hidden) {
        pid_t pid = forkpty(&person, NULL, NULL, NULL);

        CHECK(pid >= 0);
        if (pid == 0)
                ask_and_tell(hidden);
        expect("What: ");
        return pid;
}

static void end(pid_t pid) {
        kill(pid, SIGKILL);
        CHECK(waitpid(pid, NULL, 0) == pid);
        close(person);
}

static void type(const char *keys) {
        CHECK(write(person, keys, strlen(keys)) == (ssize_t) strlen(keys));
}

static void an_answer_is_shown(void) {
        pid_t pid = begin(false);

        type("myid\n");
        expect("myid\r\ngot 0 <myid>!");
        end(pid);
}

static void a_hidden_answer_is_not(void) {
        char shown[64] = {};
        pid_t pid = begin(true);

        type("hush\n");
        CHECK(read(person, shown, strlen("\r\n")) == 2);
        CHECK_STR(shown, "\r\n"); /* and nothing before it */
        expect("got 0 <hush>!");
        end(pid);
}

static void nothing_is_an_answer_too(void) {
        pid_t pid = begin(true);

        type("\n");
        expect("got 0 <>!");
        end(pid);
}

static void words_are_an_answer(void) {
        pid_t pid = begin(false);

        type(" Мой диск\t\n");
        expect("got 0 <Мой диск>!");
        end(pid);
}

static void control_d_is_no_answer(void) {
        char sentence[64];
        pid_t pid = begin(true);

        (void) snprintf(sentence, sizeof(sentence), "got %i <>!", -ECANCELED);
        type("\004");
        expect(sentence);
        end(pid);
}

static void control_c_gives_the_terminal_back(void) {
        char sentence[64];
        pid_t pid = begin(true);

        (void) snprintf(sentence, sizeof(sentence), "got %i <>!", -ECANCELED);
        type("half an answ\003");
        expect(sentence);
        end(pid);
}

static void without_a_terminal_nobody_is_asked(void) {
        int null = open("/dev/null", O_RDWR);

        CHECK(dup2(null, STDIN_FILENO) == STDIN_FILENO);
        CHECK(!terminal_can_ask());
        close(null);
}

int main(void) {
        an_answer_is_shown();
        a_hidden_answer_is_not();
        nothing_is_an_answer_too();
        words_are_an_answer();
        control_d_is_no_answer();
        control_c_gives_the_terminal_back();
        without_a_terminal_nobody_is_asked();
        return EXIT_SUCCESS;
}
