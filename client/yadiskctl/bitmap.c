/* SPDX-License-Identifier: MIT */

#include "yadiskctl/bitmap.h"

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

unsigned bitmap_lines(const Bitmap *b) {
        return (b->height + 1) / 2;
}

static const char *cell(bool upper, bool lower) {
        if (upper)
                return lower ? "█" : "▀";
        return lower ? "▄" : " ";
}

void bitmap_print(const Bitmap *b, FILE *f, const char *before, const char *after) {
        for (unsigned y = 0; y < b->height; y += 2) {
                fputs(before, f);
                for (unsigned x = 0; x < b->width; x++)
                        fputs(cell(bitmap_is_drawn(b, x, y), bitmap_is_drawn(b, x, y + 1)), f);
                fputs(after, f);
                fputc('\n', f);
        }
}
