/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "common/util.h"
#include "yadiskctl/terminal/output.h"
#include "yadiskctl/terminal/secret.h"

bool terminal_can_ask(void) {
        return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool terminal_is_attended(void) {
        return isatty(STDIN_FILENO) || isatty(STDERR_FILENO);
}

/* Waits for a line or a signal. The signals are blocked, so none can slip in before poll(). */
static int wait_for_line(int signals) {
        struct pollfd fds[] = {
                { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = signals, .events = POLLIN },
        };

        while (poll(fds, ELEMENTSOF(fds), -1) < 0)
                if (errno != EINTR)
                        return -errno;

        if (fds[1].revents) {
                struct signalfd_siginfo taken;

                return read(signals, &taken, sizeof(taken)) < 0 ? -errno : -ECANCELED;
        }
        return 0;
}

static int ask(const char *question, bool hidden, const sigset_t *ending, char **ret) {
        _cleanup_fd_ int signals = signalfd(-1, ending, SFD_CLOEXEC);
        struct termios before, quiet;
        int r;

        if (signals < 0 || tcgetattr(STDIN_FILENO, &before) < 0)
                return -errno;

        quiet = before;
        if (hidden)
                quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
        if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0)
                return -errno;

        inquire("%s", question); /* only now: what was typed before is flushed */
        r = wait_for_line(signals);
        if (r == 0)
                r = secret_read_line(STDIN_FILENO, ret);

        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        if (hidden || r < 0)
                fputc('\n', stderr); /* the one that was typed was not shown */
        return r;
}

int terminal_ask(const char *question, bool hidden, char **ret) {
        sigset_t ending, blocked, before;
        int r;

        (void) sigemptyset(&ending);
        (void) sigaddset(&ending, SIGINT);
        (void) sigaddset(&ending, SIGTERM);
        (void) sigaddset(&ending, SIGHUP);
        (void) sigaddset(&ending, SIGQUIT);
        blocked = ending;
        (void) sigaddset(&blocked, SIGTSTP); /* stopped later, with the terminal as it was */

        r = pthread_sigmask(SIG_BLOCK, &blocked, &before);
        if (r != 0)
                return -r;
        r = ask(question, hidden, &ending, ret);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        return r;
}
