/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/bitmap.h"

int bitmap_init(Bitmap *b, unsigned width, unsigned height) {
        bool *dots = calloc(width, (size_t) height * sizeof(bool));

        if (!dots)
                return -ENOMEM;

        *b = (Bitmap){ width, height, dots };
        return 0;
}

void bitmap_done(Bitmap *b) {
        free(b->dots);
        *b = (Bitmap){};
}

void bitmap_draw(Bitmap *b, unsigned x, unsigned y) {
        b->dots[(size_t) y * b->width + x] = true;
}

bool bitmap_is_drawn(const Bitmap *b, unsigned x, unsigned y) {
        return x < b->width && y < b->height && b->dots[(size_t) y * b->width + x];
}

unsigned bitmap_painted_columns(unsigned dots) {
        return 2 * dots;
}

unsigned bitmap_halved_lines(unsigned dots) {
        return (dots + 1) / 2;
}

/* In coordinates that begin with the border. What is left of the bitmap wraps around, far outside of it. */
static bool is_drawn(const Bitmap *b, unsigned border, unsigned x, unsigned y) {
        return bitmap_is_drawn(b, x - border, y - border);
}

void bitmap_paint_line(const Bitmap *b, FILE *f, unsigned border, unsigned y, const Ink *ink) {
        const char *ground = NULL;

        for (unsigned x = 0; x < b->width + 2 * border; x++) {
                const char *next = is_drawn(b, border, x, y) ? ink->dark : ink->light;

                if (next != ground)
                        fputs(next, f);
                ground = next;
                fputs("  ", f);
        }
        fputs(INK_END, f);
}

/* Where both halves are the same a font need not have a block, nor need it fill the cell. */
static void print_cell(FILE *f, bool upper, bool lower, const Ink *ink) {
        if (!upper && !lower)
                fputc(' ', f);
        else if (!upper || !lower)
                fputs(upper ? "▀" : "▄", f);
        else if (ink)
                fprintf(f, "%s %s", ink->dark, ink->dark_on_light);
        else
                fputs("█", f);
}

void bitmap_print_halved(const Bitmap *b, FILE *f, unsigned border, const Ink *ink,
                         const char *indent) {
        for (unsigned y = 0; y < b->height + 2 * border; y += 2) {
                fputs(indent, f);
                if (ink)
                        fputs(ink->dark_on_light, f);
                for (unsigned x = 0; x < b->width + 2 * border; x++)
                        print_cell(f, is_drawn(b, border, x, y), is_drawn(b, border, x, y + 1),
                                   ink);
                fputs(ink ? INK_END "\n" : "\n", f);
        }
}
