/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/layout.h"

#include "common/util.h"
#include "yadiskctl/sign-in/qr.h"

#define BORDER_MIDDLE 2U

/* The line that tells how long the code is still good for, and the empty one above it. */
#define WAITING_LINES 2U

/* From the best. The border of the picture parts it from the text as well as a gap does. */
static const Layout layouts[] = {
        { PICTURE_PAINTED, QR_BORDER, true, true },
        { PICTURE_PAINTED, QR_BORDER, true, false },
        { PICTURE_BESIDE, QR_BORDER, true, true },
        { PICTURE_BESIDE, BORDER_MIDDLE, true, true },
        { PICTURE_PAINTED, QR_BORDER, false, true },
        { PICTURE_PAINTED, QR_BORDER, false, false },
        { PICTURE_BESIDE, QR_BORDER, false, true },
        { PICTURE_BESIDE, BORDER_MIDDLE, false, true },
        { PICTURE_BESIDE, QR_BORDER_MIN, false, true },
        { PICTURE_BESIDE, QR_BORDER_MIN, false, false },
        { PICTURE_HALVED, QR_BORDER, true, true },
        { PICTURE_HALVED, QR_BORDER, true, false },
        { PICTURE_HALVED, QR_BORDER, false, true },
        { PICTURE_HALVED, QR_BORDER, false, false },
        { PICTURE_NONE, 0, true, true },
};

static const Layout plain = { .gaps = true };

static unsigned count_picture_columns(const Layout *l, const Material *m) {
        unsigned dots = m->picture_dots + 2 * l->border;

        switch (l->picture) {
        case PICTURE_NONE:
                return 0;
        case PICTURE_PAINTED:
                return bitmap_painted_columns(dots);
        case PICTURE_BESIDE:
                return bitmap_painted_columns(dots) + SIDE_GAP + m->side_columns;
        case PICTURE_HALVED:
                return dots;
        }
        return 0;
}

static unsigned count_picture_lines(const Layout *l, const Material *m) {
        unsigned dots = m->picture_dots + 2 * l->border;

        switch (l->picture) {
        case PICTURE_NONE:
                return 0;
        case PICTURE_PAINTED:
        case PICTURE_BESIDE:
                return dots;
        case PICTURE_HALVED:
                return bitmap_halved_lines(dots);
        }
        return 0;
}

/* Beside the text the picture has the lines for itself. */
static unsigned count_lines(const Layout *l, const Material *m) {
        unsigned n = count_picture_lines(l, m);

        if (l->letters)
                n += m->letters_lines + 1;
        if (l->picture == PICTURE_BESIDE)
                return n + WAITING_LINES - (l->gaps ? 0 : 1);

        n += m->text_lines;
        if (l->gaps)
                n += m->gaps + (l->picture ? 1 : 0);
        return n;
}

static bool can_be_drawn(const Layout *l, const Window *w, const Material *m) {
        if (l->picture != PICTURE_NONE && m->picture_dots == 0)
                return false;
        if (l->picture == PICTURE_HALVED && (!w->has_blocks || w->has_seams))
                return false;
        if (l->picture == PICTURE_BESIDE && m->side_lines > count_picture_lines(l, m))
                return false;
        return !l->letters || m->letters_lines > 0;
}

static bool fits(const Layout *l, const Window *w, const Material *m) {
        if (!can_be_drawn(l, w, m) || count_picture_columns(l, m) > w->columns)
                return false;
        if (l->letters && m->letters_columns > w->columns)
                return false;
        return count_lines(l, m) <= w->lines;
}

Layout layout_choose(const Window *window, const Material *material) {
        for (size_t i = 0; i < ELEMENTSOF(layouts); i++)
                if (fits(&layouts[i], window, material))
                        return layouts[i];
        return plain;
}
