/* SPDX-License-Identifier: MIT */

/* What is drawn in which window, and with which ink. */

#include "yadiskctl/layout.h"

#include "check.h"
#include "common/util.h"

/* The prompt of the device flow at https://ya.ru/device. */
static const Material device = {
        .text_lines = 6,
        .gaps = 3,
        .picture_columns = 33,
        .picture_lines = 17,
        .letters_columns = 51,
        .letters_lines = 5,
};

static const char *layout(unsigned columns, unsigned lines, Material material) {
        Window w = { .columns = columns, .lines = lines };
        Layout l = layout_choose(&w, &material);
        static char text[4];

        (void) snprintf(text, sizeof(text), "%s%s%s", l.picture ? "p" : "", l.letters ? "l" : "",
                        l.gaps ? "g" : "");
        return text;
}

static void what_fits_is_drawn(void) {
        CHECK_STR(layout(80, 60, device), "plg");
        CHECK_STR(layout(80, 33, device), "plg");
        CHECK_STR(layout(80, 32, device), "pl");
        CHECK_STR(layout(80, 29, device), "pl");
        CHECK_STR(layout(80, 28, device), "pg");
        CHECK_STR(layout(80, 27, device), "pg");
        CHECK_STR(layout(80, 26, device), "p");
        CHECK_STR(layout(80, 24, device), "p");
        CHECK_STR(layout(80, 23, device), "p");
        CHECK_STR(layout(80, 22, device), "lg");
        CHECK_STR(layout(80, 15, device), "lg");
        CHECK_STR(layout(80, 14, device), "g");
        CHECK_STR(layout(80, 1, device), "g");
}

static void nothing_is_broken_by_a_narrow_window(void) {
        CHECK_STR(layout(51, 60, device), "plg");
        CHECK_STR(layout(50, 60, device), "pg");
        CHECK_STR(layout(33, 60, device), "pg");
        CHECK_STR(layout(32, 60, device), "g");
        CHECK_STR(layout(1, 60, device), "g");
}

static void what_is_not_there_is_not_drawn(void) {
        Material m = device;

        m.picture_columns = m.picture_lines = 0;
        CHECK_STR(layout(80, 60, m), "lg");
        m.letters_columns = m.letters_lines = 0;
        CHECK_STR(layout(80, 60, m), "g");
}

static void the_ink_is_that_of_the_terminal(void) {
        static const struct {
                const char *term, *colorterm, *ink;
        } table[] = {
                { "xterm-256color", NULL, "\033[38;5;16;48;5;231m" },
                { "screen-256color", "", "\033[38;5;16;48;5;231m" },
                { "tmux-256color-bce", NULL, "\033[38;5;16;48;5;231m" },
                { "foot", "truecolor", "\033[38;5;16;48;5;231m" },
                { "konsole", "24bit", "\033[38;5;16;48;5;231m" },
                { "xterm", NULL, "\033[30;107m" },
                { "screen", "yes", "\033[30;107m" },
                { "linux", NULL, "\033[30;47m" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                CHECK_STR(window_ink(table[i].term, table[i].colorterm), table[i].ink);
        CHECK(!window_ink(NULL, NULL));
        CHECK(!window_ink("", "truecolor"));
        CHECK(!window_ink("dumb", "truecolor"));
        CHECK(!window_ink("vt220", NULL));
}

static void a_pipe_is_no_window(void) {
        Capture *out = capture(STDOUT_FILENO);
        Window w;

        CHECK(setenv("TERM", "xterm", 1) == 0);
        window_look(&w);
        (void) captured(out);
        CHECK(!w.can_redraw);
        CHECK_INT(w.columns, 80);
        CHECK_INT(w.lines, 24);
        CHECK(!w.has_blocks); /* in the locale of C, which a program starts in */
}

int main(void) {
        what_fits_is_drawn();
        nothing_is_broken_by_a_narrow_window();
        what_is_not_there_is_not_drawn();
        the_ink_is_that_of_the_terminal();
        a_pipe_is_no_window();
        return EXIT_SUCCESS;
}
