/* SPDX-License-Identifier: MIT */

/* What is drawn in which window, and with which ink. */

#include "yadiskctl/sign-in/picture.h"

#include "check.h"
#include "common/util.h"
#include "yadiskctl/terminal/output.h"

/* The prompt of the device flow at https://ya.ru/device. */
static const LayoutContent device = {
        .text_lines = 6,
        .gaps = 3,
        .side_columns = 24,
        .side_lines = 9,
        .picture_dots = 21,
        .letters_columns = 51,
        .letters_lines = 5,
};

/* A picture whose address is longer. */
static LayoutContent larger(void) {
        LayoutContent m = device;

        m.picture_dots = 25;
        m.side_columns = 30;
        return m;
}

static Window window_of(unsigned columns, unsigned lines) {
        return (Window){ .columns = columns, .lines = lines, .has_blocks = true };
}

/* The picture and its border, then letters and gaps. */
static const char *layout_in(Window w, LayoutContent content) {
        static const char *const pictures[] = {
                [PICTURE_NONE] = "",
                [PICTURE_PAINTED] = "painted",
                [PICTURE_BESIDE] = "beside",
                [PICTURE_HALVED] = "halved",
        };
        Layout l = layout_choose(&w, &content);
        static char text[64];
        char border[16] = "";

        if (l.picture != PICTURE_NONE)
                (void) snprintf(border, sizeof(border), "%u ", l.border);
        (void) snprintf(text, sizeof(text), "%s%s%s%s", pictures[l.picture], border,
                        l.letters ? "l" : "", l.gaps ? "g" : "");
        return text;
}

static const char *layout(unsigned columns, unsigned lines, LayoutContent content) {
        return layout_in(window_of(columns, lines), content);
}

static void what_fits_is_drawn(void) {
        CHECK_STR(layout(80, 60, device), "painted4 lg");
        CHECK_STR(layout(80, 45, device), "painted4 lg");
        CHECK_STR(layout(80, 44, device), "painted4 l");
        CHECK_STR(layout(80, 41, device), "painted4 l");
        CHECK_STR(layout(84, 40, device), "beside4 lg");
        CHECK_STR(layout(80, 40, device), "beside2 lg");
        CHECK_STR(layout(80, 33, device), "beside2 lg");
        CHECK_STR(layout(84, 32, device), "beside4 g");
        CHECK_STR(layout(80, 32, device), "beside2 g");
        CHECK_STR(layout(80, 27, device), "beside2 g");
        CHECK_STR(layout(80, 26, device), "beside1 g");
        CHECK_STR(layout(80, 25, device), "beside1 g");
        CHECK_STR(layout(80, 24, device), "beside1 ");
        CHECK_STR(layout(72, 24, device), "beside1 ");
        CHECK_STR(layout(80, 23, device), "halved4 ");
        CHECK_STR(layout(80, 21, device), "halved4 ");
        CHECK_STR(layout(80, 20, device), "lg");
        CHECK_STR(layout(80, 15, device), "lg");
        CHECK_STR(layout(80, 14, device), "g");
        CHECK_STR(layout(80, 1, device), "g");
}

static void a_larger_picture_is_halved(void) {
        CHECK_STR(layout(80, 49, larger()), "painted4 lg");
        CHECK_STR(layout(80, 29, larger()), "halved4 l");
        CHECK_STR(layout(100, 29, larger()), "beside1 g");
        CHECK_STR(layout(80, 28, larger()), "halved4 g");
        CHECK_STR(layout(80, 24, larger()), "halved4 ");
        CHECK_STR(layout(80, 22, larger()), "lg");
}

static void halves_need_a_font_that_has_them(void) {
        Window w = window_of(80, 24);

        w.has_blocks = false;
        CHECK_STR(layout_in(w, larger()), "lg");
        CHECK_STR(layout_in(w, device), "beside1 ");
        w.has_blocks = w.has_seams = true;
        CHECK_STR(layout_in(w, larger()), "lg");
        CHECK_STR(layout_in(w, device), "beside1 ");
}

static void nothing_is_broken_by_a_narrow_window(void) {
        CHECK_STR(layout(58, 60, device), "painted4 lg");
        CHECK_STR(layout(57, 60, device), "halved4 lg");
        CHECK_STR(layout(50, 60, device), "halved4 g");
        CHECK_STR(layout(29, 60, device), "halved4 g");
        CHECK_STR(layout(28, 60, device), "g");
        CHECK_STR(layout(71, 24, device), "halved4 ");
        CHECK_STR(layout(1, 60, device), "g");
}

/* The address is never broken, and all of the text is seen. */
static void text_that_is_too_long_does_not_stand_beside(void) {
        LayoutContent m = device;

        m.side_columns = 33;
        CHECK_STR(layout(80, 24, m), "halved4 ");
        m = device;
        m.side_lines = 24;
        CHECK_STR(layout(80, 24, m), "halved4 ");
}

static void what_is_not_there_is_not_drawn(void) {
        LayoutContent m = device;

        m.picture_dots = 0;
        CHECK_STR(layout(80, 60, m), "lg");
        m.letters_columns = m.letters_lines = 0;
        CHECK_STR(layout(80, 60, m), "g");
}

static void the_ink_is_that_of_the_terminal(void) {
        static const struct {
                const char *term, *colorterm, *dark, *light, *dark_on_light;
        } table[] = {
#define OF_256 "\033[48;5;16m", "\033[48;5;231m", "\033[38;5;16;48;5;231m"
#define OF_16  "\033[40m", "\033[107m", "\033[30;107m"
                { "xterm-256color", NULL, OF_256 },
                { "screen-256color", "", OF_256 },
                { "tmux-256color-bce", NULL, OF_256 },
                { "foot", "truecolor", OF_256 },
                { "konsole", "24bit", OF_256 },
                { "xterm", NULL, OF_16 },
                { "screen", "yes", OF_16 },
                { "linux", NULL, "\033[40m", "\033[47m", "\033[30;47m" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const Ink *ink = window_ink(table[i].term, table[i].colorterm);

                CHECK(ink);
                CHECK_STR(ink->dark, table[i].dark);
                CHECK_STR(ink->light, table[i].light);
                CHECK_STR(ink->dark_on_light, table[i].dark_on_light);
        }
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
        CHECK_INT(output_columns(stdout), 0);
        (void) captured(out);
        CHECK(!w.can_redraw);
        CHECK_INT(w.columns, 80);
        CHECK_INT(w.lines, 24);
        CHECK(!w.has_blocks); /* in the locale of C, which a program starts in */
}

int main(void) {
        what_fits_is_drawn();
        a_larger_picture_is_halved();
        halves_need_a_font_that_has_them();
        nothing_is_broken_by_a_narrow_window();
        text_that_is_too_long_does_not_stand_beside();
        what_is_not_there_is_not_drawn();
        the_ink_is_that_of_the_terminal();
        a_pipe_is_no_window();
        return EXIT_SUCCESS;
}
