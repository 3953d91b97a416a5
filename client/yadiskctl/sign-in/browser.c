/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "common/util.h"

static bool browser_has_variable(const char *variable) {
        return !str_is_empty(getenv(variable));
}

bool browser_is_near(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
               (browser_has_variable("DISPLAY") || browser_has_variable("WAYLAND_DISPLAY")) &&
               !browser_has_variable("SSH_CONNECTION") && !browser_has_variable("SSH_TTY");
}

/* In a process of its own session, without our terminal: what it prints must not reach the user. */
static _Noreturn void browser_exec(const char *url) {
        int null = open("/dev/null", O_RDWR);
        sigset_t none;

        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
                (void) dup2(null, fd);

        execlp("xdg-open", "xdg-open", url, (char *) NULL);
        _exit(EXIT_FAILURE);
}

/* Forks twice: the grandchild belongs to init, so that we need not wait for a browser. */
void browser_open(const char *url) {
        pid_t child = fork();

        if (child < 0)
                return;
        if (child == 0) {
                (void) setsid();
                if (fork() == 0)
                        browser_exec(url);
                _exit(EXIT_SUCCESS);
        }
        (void) waitpid(child, NULL, 0);
}
