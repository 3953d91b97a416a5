/* SPDX-License-Identifier: MIT */

/*
 * Every terminal in use today understands the few sequences that are needed here, so that its name only
 * has to tell the exceptions; a database of all that ever were would be one more library.
 */

#include "yadiskctl/terminal/window.h"

#include <langinfo.h>
#include <sys/ioctl.h>

#include "common/util.h"

#define COLUMNS_DEFAULT 80
#define LINES_DEFAULT   24

/* Of 256 colours these two are the same in all themes; of 16 they are dark and light in most. */
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

static bool begins(const char *s, const char *with) {
        return strncmp(s, with, strlen(with)) == 0;
}

static bool is_dumb(const char *term) {
        return str_is_empty(term) || streq(term, "dumb");
}

const Ink *window_ink(const char *term, const char *colorterm) {
        if (is_dumb(term) || begins(term, "vt"))
                return NULL;
        if (strstr(term, "256color") || streq(colorterm, "truecolor") || streq(colorterm, "24bit"))
                return &ink_of_256;
        return streq(term, "linux") ? &ink_of_8 : &ink_of_16;
}

/* What is not known stays 0. */
static struct winsize look_at(int fd) {
        struct winsize size = {};

        (void) ioctl(fd, TIOCGWINSZ, &size);
        return size;
}

unsigned window_columns(FILE *f) {
        return look_at(fileno(f)).ws_col;
}

void window_look(Window *ret) {
        struct winsize size = look_at(STDOUT_FILENO);
        const char *term = getenv("TERM");

        *ret = (Window){
                .columns = size.ws_col ?: COLUMNS_DEFAULT,
                .lines = size.ws_row ?: LINES_DEFAULT,
                .can_redraw = isatty(STDOUT_FILENO) && !is_dumb(term),
                .has_blocks = streq(nl_langinfo(CODESET), "UTF-8"),
                .has_seams = getenv("XTERM_VERSION"),
                .ink = window_ink(term, getenv("COLORTERM")),
        };
}

bool window_is_ours(void) {
        pid_t front = tcgetpgrp(STDOUT_FILENO);

        return front < 0 || front == getpgrp(); /* without job control there is nobody else */
}
