/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/colour.h"

#include "common/util.h"

/* Of the sixteen colours that every theme has, those that are read on a dark and on a light one. */
static const char *const sequences[_COLOUR_MAX] = {
        [COLOUR_PLAIN] = "",
        [COLOUR_STRONG] = "\033[1m",
        [COLOUR_FAINT] = "\033[2m",
        [COLOUR_GOOD] = "\033[32m",
        [COLOUR_ATTENTION] = "\033[33m",
        [COLOUR_TROUBLE] = "\033[1;31m",
};

bool colour_is_wanted(FILE *f) {
        const char *term = getenv("TERM");

        if (!str_is_empty(getenv("NO_COLOR"))) /* no-color.org */
                return false;
        if (str_is_empty(term) || streq(term, "dumb"))
                return false;
        return isatty(fileno(f));
}

static bool is_shown(FILE *f, Colour colour) {
        return colour != COLOUR_PLAIN && colour_is_wanted(f);
}

const char *colour_begin(FILE *f, Colour colour) {
        return is_shown(f, colour) ? sequences[colour] : "";
}

const char *colour_end(FILE *f, Colour colour) {
        return is_shown(f, colour) ? "\033[0m" : "";
}
