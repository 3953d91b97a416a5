/* SPDX-License-Identifier: MIT */

/* Who may colour: terminals that can, and nobody who was asked not to. Each stream for itself. */

#include "yadiskctl/terminal/output.h"

#include <pty.h>

#include "check.h"

static FILE *terminal, *file;

static void set(const char *term, const char *no_color) {
        CHECK((term ? setenv("TERM", term, 1) : unsetenv("TERM")) == 0);
        CHECK((no_color ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR")) == 0);
}

static void a_terminal_is_coloured(void) {
        set("xterm-256color", NULL);
        CHECK(colour_is_wanted(terminal));
        CHECK_STR(colour_begin(terminal, COLOUR_TROUBLE), "\033[1;31m");
        CHECK_STR(colour_end(terminal, COLOUR_TROUBLE), "\033[0m");
        CHECK_STR(colour_begin(terminal, COLOUR_PLAIN), "");
        CHECK_STR(colour_end(terminal, COLOUR_PLAIN), "");
}

static void what_is_no_terminal_is_not(void) {
        set("xterm-256color", NULL);
        CHECK(!colour_is_wanted(file));
        CHECK_STR(colour_begin(file, COLOUR_TROUBLE), "");
        CHECK_STR(colour_end(file, COLOUR_TROUBLE), "");
}

static void no_color_is_obeyed(void) {
        static const char *const values[] = { "1", "0", "no", " " };

        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
                set("xterm-256color", values[i]);
                CHECK(!colour_is_wanted(terminal));
        }
        set("xterm-256color", "");
        CHECK(colour_is_wanted(terminal));
}

static void a_terminal_that_cannot_is_not_coloured(void) {
        set("dumb", NULL);
        CHECK(!colour_is_wanted(terminal));
        set("", NULL);
        CHECK(!colour_is_wanted(terminal));
        set(NULL, NULL);
        CHECK(!colour_is_wanted(terminal));
}

static void every_colour_has_a_sequence(void) {
        set("linux", NULL);
        for (Colour c = COLOUR_STRONG; c < _COLOUR_MAX; c++)
                CHECK(colour_begin(terminal, c)[0] == '\033');
}

int main(void) {
        int master, slave;

        CHECK(openpty(&master, &slave, NULL, NULL, NULL) == 0);
        terminal = fdopen(slave, "w");
        file = tmpfile();
        CHECK(terminal && file);

        a_terminal_is_coloured();
        what_is_no_terminal_is_not();
        no_color_is_obeyed();
        a_terminal_that_cannot_is_not_coloured();
        every_colour_has_a_sequence();

        fclose(file);
        fclose(terminal);
        close(master);
        return EXIT_SUCCESS;
}
