/* SPDX-License-Identifier: MIT */

/* Every terminal in use today understands the few sequences that we need, so its name only has to
 * tell the exceptions. A database of all terminals there ever were would be one more library. */

#include "yadiskctl/terminal/terminal.h"

#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "common/utf8.h"
#include "yadiskctl/terminal/output.h"

#define COLUMNS_DEFAULT 80
#define LINES_DEFAULT   24

/* Reads up to the first end of line, or until the buffer is full. */
static ssize_t secret_fill(int fd, char *buffer, size_t size) {
        size_t n = 0;

        while (n < size && !memchr(buffer, '\n', n)) {
                ssize_t k = read(fd, buffer + n, size - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }
        return (ssize_t) n;
}

static int secret_read_with(int fd, int (*parse)(const char *data, size_t size, char **ret),
                            char **ret) {
        char buffer[SECRET_MAX_BYTES + 1]; /* one byte more shows that it is too long */
        ssize_t n = secret_fill(fd, buffer, sizeof(buffer));
        int r = n < 0 ? (int) n : parse(buffer, (size_t) n, ret);

        explicit_bzero(buffer, sizeof(buffer));
        return r;
}

/* Trims s in place and erases the rest. */
static void secret_trim(char *s) {
        char *begin = NULL, *end = s;

        for (char *p = s; *p;) {
                uint32_t c = 0;
                size_t length = utf8_decode(p, &c) ?: 1;

                if (!utf8_is_blank(c) && !utf8_is_invisible(c)) {
                        begin = begin ?: p;
                        end = p + length;
                }
                p += length;
        }

        if (begin)
                memmove(s, begin, (size_t) (end - begin));
        end = begin ? s + (end - begin) : s;
        explicit_bzero(end, strlen(end));
}

static int secret_parse_line(const char *data, size_t size, char **ret) {
        const char *end = memchr(data, '\n', size) ?: data + size;
        size_t length = (size_t) (end - data);
        char *copy;

        if (size == 0)
                return -ECANCELED;
        if (length > SECRET_MAX_BYTES)
                return -EMSGSIZE;
        if (memchr(data, '\0', length))
                return -EBADMSG;

        copy = strndup(data, length);
        if (!copy)
                return -ENOMEM;

        secret_trim(copy);
        *ret = copy;
        return 0;
}

int secret_parse(const char *data, size_t size, char **ret) {
        _cleanup_(secret_freep) char *line = NULL;
        int r;

        r = secret_parse_line(data, size, &line);
        if (r == -ECANCELED || (r == 0 && !*line))
                return -ENODATA;
        if (r < 0)
                return r;

        for (const char *c = line; *c; c++)
                if (*c <= ' ' || *c > '~')
                        return -EBADMSG;

        *ret = TAKE_PTR(line);
        return 0;
}

int secret_read(int fd, char **ret) {
        return secret_read_with(fd, secret_parse, ret);
}

int secret_read_line(int fd, char **ret) {
        return secret_read_with(fd, secret_parse_line, ret);
}

int secret_read_file(const char *path, char **ret) {
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : secret_read(fd, ret);
}

bool terminal_can_ask(void) {
        return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool terminal_is_attended(void) {
        return isatty(STDIN_FILENO) || isatty(STDERR_FILENO);
}

/* Waits for a line or a signal. The signals are blocked, so none can arrive unseen before
 * poll(). */
static int terminal_wait(int signals) {
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

static int terminal_ask_blocked(const char *question, bool hidden, const sigset_t *ending,
                                char **ret) {
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
        r = terminal_wait(signals);
        if (r == 0)
                r = secret_read_line(STDIN_FILENO, ret);

        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        if (hidden || r < 0)
                fputc('\n', stderr); /* the one that was typed was not shown */
        return r;
}

int terminal_ask(const char *question, bool hidden, char **ret) {
        static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
        sigset_t ending, blocked, before;
        int r;

        (void) sigemptyset(&ending);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                (void) sigaddset(&ending, numbers[i]);
        blocked = ending;
        (void) sigaddset(&blocked,
                         SIGTSTP); /* takes effect later, when the terminal is as before */

        r = pthread_sigmask(SIG_BLOCK, &blocked, &before);
        if (r != 0)
                return -r;
        r = terminal_ask_blocked(question, hidden, &ending, ret);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        return r;
}

/* Takes a line that cannot be read for one that answers no question, so that the question is asked
 * again. */
static int terminal_ask_for_choice(const char *question, char **ret) {
        int r = terminal_ask(question, false, ret);

        return r == -EMSGSIZE || r == -EBADMSG ? str_replace(ret, "?") : r;
}

int terminal_confirm(const char *question, bool *ret) {
        for (;;) {
                _cleanup_(secret_freep) char *answer = NULL;
                int r, verdict;

                r = terminal_ask_for_choice(question, &answer);
                if (r < 0)
                        return r;

                verdict = *answer ? rpmatch(answer) : 1;
                if (verdict >= 0) {
                        *ret = verdict > 0;
                        return 0;
                }
                remark("Answer with y or n; Enter alone means y.");
        }
}

/* Returns 0 if it is not a number from 1 to n. */
static size_t terminal_parse_number(const char *answer, size_t n) {
        char *end;
        unsigned long number;

        if (*answer < '0' || *answer > '9')
                return 0;
        errno = 0;
        number = strtoul(answer, &end, 10);
        return *end || errno || number > n ? 0 : number;
}

int terminal_ask_number(const char *question, size_t n, bool enter_is_one, size_t *ret) {
        for (;;) {
                _cleanup_(secret_freep) char *answer = NULL;
                size_t number;
                int r;

                r = terminal_ask_for_choice(question, &answer);
                if (r < 0)
                        return r;

                number = terminal_parse_number(answer, n);
                if (number > 0 || !*answer) {
                        *ret = number > 0 ? number : enter_is_one;
                        return 0;
                }
                if (enter_is_one)
                        remark("Answer with a number from 1 to %zu; Enter alone means 1.", n);
                else
                        remark("Answer with a number from 1 to %zu; Enter alone means none.", n);
        }
}

/* These two of 256 colours are the same in all themes; those of 16 are dark and light in most. */
static const Ink ink_of_256 = {
        .dark = "\033[48;5;16m",
        .light = "\033[48;5;231m",
        .dark_on_light = "\033[38;5;16;48;5;231m",
};
static const Ink ink_of_16 = {
        .dark = "\033[40m",
        .light = "\033[107m",
        .dark_on_light = "\033[30;107m",
};
static const Ink ink_of_8 = {
        .dark = "\033[40m",
        .light = "\033[47m",
        .dark_on_light = "\033[30;47m",
};

static bool window_is_dumb(const char *term) {
        return str_is_empty(term) || streq(term, "dumb");
}

const Ink *window_ink(const char *term, const char *colorterm) {
        if (window_is_dumb(term) || str_has_prefix(term, "vt"))
                return NULL;
        if (strstr(term, "256color") || streq(colorterm, "truecolor") || streq(colorterm, "24bit"))
                return &ink_of_256;
        return streq(term, "linux") ? &ink_of_8 : &ink_of_16;
}

void window_look(Window *ret) {
        const char *term = getenv("TERM");
        struct winsize size = {};

        (void) ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        *ret = (Window){
                .columns = size.ws_col ?: COLUMNS_DEFAULT,
                .lines = size.ws_row ?: LINES_DEFAULT,
                .can_redraw = isatty(STDOUT_FILENO) && !window_is_dumb(term),
                .has_blocks = streq(nl_langinfo(CODESET), "UTF-8"),
                .has_seams = getenv("XTERM_VERSION"),
                .ink = window_ink(term, getenv("COLORTERM")),
        };
}

/* Without job control there is no other job. */
bool window_is_ours(void) {
        pid_t front = tcgetpgrp(STDOUT_FILENO);

        return front < 0 || front == getpgrp();
}
