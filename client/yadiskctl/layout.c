/* SPDX-License-Identifier: MIT */

#include "yadiskctl/layout.h"

#include "common/util.h"

/* From the best. The border of the picture parts it from the text as well as a gap does. */
static const Layout layouts[] = {
        { .picture = true, .letters = true, .gaps = true },
        { .picture = true, .letters = true },
        { .picture = true, .gaps = true },
        { .picture = true },
        { .letters = true, .gaps = true },
};

static const Layout plain = { .gaps = true };

static unsigned count_lines(const Layout *l, const Material *m) {
        unsigned n = m->text_lines;

        if (l->gaps)
                n += m->gaps;
        if (l->picture)
                n += m->picture_lines + (l->gaps ? 1 : 0);
        if (l->letters)
                n += m->letters_lines + 1;
        return n;
}

static bool fits(const Layout *l, const Window *w, const Material *m) {
        if (l->picture && (m->picture_lines == 0 || m->picture_columns > w->columns))
                return false;
        if (l->letters && (m->letters_lines == 0 || m->letters_columns > w->columns))
                return false;
        return count_lines(l, m) <= w->lines;
}

Layout layout_choose(const Window *window, const Material *material) {
        for (size_t i = 0; i < ELEMENTSOF(layouts); i++)
                if (fits(&layouts[i], window, material))
                        return layouts[i];
        return plain;
}
