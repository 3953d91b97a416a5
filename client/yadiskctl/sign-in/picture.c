/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/picture.h"

#include <ctype.h>
#include <qrencode.h>

#include "common/dynamic-library.h"

#define LETTER_WIDTH  5U
#define LETTER_HEIGHT 9U
#define LETTER_PITCH  (LETTER_WIDTH + 1)

/* For libqrencode. */
#define QR_ANY_SIZE       0
#define QR_CASE_SENSITIVE 1
#define QR_IS_DARK        1 /* the lowest bit of a module */

/* Scanners need an empty border of four dots (ISO/IEC 18004). Those in use do with one dot, if they
 * must. */
#define QR_BORDER        4U
#define QR_BORDER_MIDDLE 2U
#define QR_BORDER_MIN    1U

/* The line that tells how long the code is still good for, and the empty one above it. */
#define WAITING_LINES 2U

static typeof(QRcode_encodeString) *qr_encode_string;
static typeof(QRcode_free) *qr_free;

static const DynamicSymbol qr_symbols[] = {
        { "QRcode_encodeString", &qr_encode_string },
        { "QRcode_free", &qr_free },
        {},
};

static DynamicLibrary qr_library = { "libqrencode.so.4", "libqrencode4", qr_symbols };

static void qr_code_free(QRcode *code) {
        qr_free(code);
}

DEFINE_CLEANUP(QRcode *, qr_code_free)

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

/* x and y count from the corner of the border. Left of the bitmap and above it the differences wrap
 * around, far outside of it. */
static bool bitmap_is_drawn_in_border(const Bitmap *b, unsigned border, unsigned x, unsigned y) {
        return bitmap_is_drawn(b, x - border, y - border);
}

void bitmap_paint_line(const Bitmap *b, FILE *f, unsigned border, unsigned y, const Ink *ink) {
        const char *ground = NULL;

        for (unsigned x = 0; x < b->width + 2 * border; x++) {
                bool is_drawn = bitmap_is_drawn_in_border(b, border, x, y);
                const char *next = is_drawn ? ink->dark : ink->light;

                if (next != ground)
                        fputs(next, f);
                ground = next;
                fputs("  ", f);
        }
        fputs(INK_END, f);
}

/* If both halves are the same, a full block would do; but a font need not have one, nor need it
 * fill the cell. */
static void bitmap_print_cell(FILE *f, bool upper, bool lower, const Ink *ink) {
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
                        bitmap_print_cell(f, bitmap_is_drawn_in_border(b, border, x, y),
                                          bitmap_is_drawn_in_border(b, border, x, y + 1), ink);
                fputs(ink ? INK_END "\n" : "\n", f);
        }
}

/* The length of "https://host:port"; 0 for what is no such address. */
static size_t qr_origin_length(const char *address) {
        static const char scheme[] = "https://";
        size_t host;

        if (!str_has_prefix(address, scheme))
                return 0;

        host = strcspn(address + strlen(scheme), "/?#");
        if (memchr(address + strlen(scheme), '@', host)) /* a user's name is not to be changed */
                return 0;
        return strlen(scheme) + host;
}

/* With the lowest level of correction, which makes the picture smaller: a screen has no
 * scratches. */
static int qr_encode(const char *address, QRcode **ret) {
        _cleanup_free_ char *text = strdup(address);
        size_t origin = qr_origin_length(address);
        QRcode *code;
        int r;

        if (!text)
                return -ENOMEM;
        r = dynamic_library_load(&qr_library);
        if (r < 0)
                return r;
        for (size_t i = 0; i < origin; i++)
                text[i] = (char) toupper((unsigned char) text[i]);

        errno = 0;
        code = qr_encode_string(text, QR_ANY_SIZE, QR_ECLEVEL_L, QR_MODE_8, QR_CASE_SENSITIVE);
        if (!code)
                return errno > 0 ? -errno : -EINVAL;

        *ret = code;
        return 0;
}

int qr_make(const char *address, Bitmap *ret) {
        _cleanup_(qr_code_freep) QRcode *code = NULL;
        Bitmap b;
        unsigned n;
        int r;

        r = qr_encode(address, &code);
        if (r < 0)
                return r;

        n = (unsigned) code->width;
        r = bitmap_init(&b, n, n);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < n * n; i++)
                if (code->data[i] & QR_IS_DARK)
                        bitmap_draw(&b, i % n, i / n);

        *ret = b;
        return 0;
}

/*
 * A type of our own, five dots wide: seven above the line that the letters stand on, two below it.
 * A zero has a stroke and is as tall as a digit, an o is not; a one has a foot and a flag, an l a
 * tail, an i a dot.
 */
typedef struct LetterRow {
        const char *characters;
        const char *lines[LETTER_HEIGHT];
} LetterRow;

static const LetterRow letter_rows[] = {
        /* clang-format off */
        { "abcdefghijklm",
          {
                  "      #               #         ###       #       #      #  #      ##        ",
                  "      #               #        #          #                 #       #        ",
                  " ###  ####   ####  ####  ###  ####   #### ####   ##     ##  #  #    #   ## # ",
                  "    # #   # #     #   # #   #  #    #   # #   #   #      #  # #     #   # # #",
                  " #### #   # #     #   # #####  #    #   # #   #   #      #  ##      #   # # #",
                  "#   # #   # #     #   # #      #    #   # #   #   #      #  # #     #   # # #",
                  " #### ####   ####  ####  ####  #     #### #   #  ###     #  #  #     ## # # #",
                  "                                        #             #  #                   ",
                  "                                     ###               ##                    ",
          } },
        { "nopqrstuvwxyz",
          {
                  "                                     #                                       ",
                  "                                     #                                       ",
                  "####   ###  ####   #### # ##   #### ####  #   # #   # #   # #   # #   # #####",
                  "#   # #   # #   # #   # ##  # #      #    #   # #   # #   #  # #  #   #    # ",
                  "#   # #   # #   # #   # #      ###   #    #   # #   # # # #   #   #   #   #  ",
                  "#   # #   # #   # #   # #         #  #    #   #  # #  # # #  # #  #   #  #   ",
                  "#   #  ###  ####   #### #     ####    ###  ####   #    # #  #   #  #### #####",
                  "            #         #                                               #      ",
                  "            #         #                                            ###       ",
          } },
        { "0123456789-",
          {
                  " ###    #    ###   ###     #  #####   ##  #####  ###   ###       ",
                  "#   #  ##   #   # #   #   ##  #      #        # #   # #   #      ",
                  "#  ## # #       #     #  # #  ####  #        #  #   # #   #      ",
                  "# # #   #     ##    ##  #  #      # ####    #    ###   ####      ",
                  "##  #   #    #        # #####     # #   #   #   #   #     #  ### ",
                  "#   #   #   #     #   #    #  #   # #   #   #   #   #    #       ",
                  " ###  ##### #####  ###     #   ###   ###    #    ###   ##        ",
                  "                                                                 ",
                  "                                                                 ",
          } },
        /* clang-format on */
};

/* Returns false if there is no such letter. */
static bool letters_draw(Bitmap *b, char c, unsigned left) {
        for (size_t i = 0; i < ELEMENTSOF(letter_rows); i++) {
                const LetterRow *row = &letter_rows[i];
                const char *at = strchr(row->characters, c);

                if (!at)
                        continue;
                for (unsigned y = 0; y < LETTER_HEIGHT; y++)
                        for (unsigned x = 0; x < LETTER_WIDTH; x++)
                                if (row->lines[y][(at - row->characters) * LETTER_PITCH + x] == '#')
                                        bitmap_draw(b, left + x, y);
                return true;
        }
        return false;
}

int letters_make(const char *text, Bitmap *ret) {
        _cleanup_(bitmap_done) Bitmap b = {};
        unsigned n = (unsigned) strlen(text);
        int r;

        if (n == 0)
                return -EILSEQ;

        r = bitmap_init(&b, n * LETTER_PITCH - 1, LETTER_HEIGHT);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < n; i++)
                if (!letters_draw(&b, text[i], i * LETTER_PITCH))
                        return -EILSEQ;

        *ret = b;
        b = (Bitmap){};
        return 0;
}

/* The best comes first. The border of a picture separates it from the text as well as a gap
 * does. */
static const Layout layouts[] = {
        { PICTURE_PAINTED, QR_BORDER, true, true },
        { PICTURE_PAINTED, QR_BORDER, true, false },
        { PICTURE_BESIDE, QR_BORDER, true, true },
        { PICTURE_BESIDE, QR_BORDER_MIDDLE, true, true },
        { PICTURE_PAINTED, QR_BORDER, false, true },
        { PICTURE_PAINTED, QR_BORDER, false, false },
        { PICTURE_BESIDE, QR_BORDER, false, true },
        { PICTURE_BESIDE, QR_BORDER_MIDDLE, false, true },
        { PICTURE_BESIDE, QR_BORDER_MIN, false, true },
        { PICTURE_BESIDE, QR_BORDER_MIN, false, false },
        { PICTURE_HALVED, QR_BORDER, true, true },
        { PICTURE_HALVED, QR_BORDER, true, false },
        { PICTURE_HALVED, QR_BORDER, false, true },
        { PICTURE_HALVED, QR_BORDER, false, false },
        { PICTURE_NONE, 0, true, true },
};

static const Layout layout_of_text = { .gaps = true };

static bool layout_fits(const Layout *l, const Window *w, const LayoutContent *c) {
        unsigned dots = c->picture_dots + 2 * l->border, columns = 0, lines = 0;

        if (l->picture != PICTURE_NONE && c->picture_dots == 0)
                return false;
        if (l->letters && (c->letters_lines == 0 || c->letters_columns > w->columns))
                return false;

        switch (l->picture) {
        case PICTURE_NONE:
                break;
        case PICTURE_PAINTED:
                columns = bitmap_painted_columns(dots);
                lines = dots;
                break;
        case PICTURE_BESIDE:
                columns = bitmap_painted_columns(dots) + SIDE_GAP + c->side_columns;
                lines = dots;
                if (c->side_lines > lines)
                        return false;
                break;
        case PICTURE_HALVED:
                columns = dots;
                lines = bitmap_halved_lines(dots);
                if (!w->has_blocks || w->has_seams)
                        return false;
                break;
        }

        if (l->letters)
                lines += c->letters_lines + 1;
        if (l->picture == PICTURE_BESIDE)
                lines += WAITING_LINES - (l->gaps ? 0 : 1);
        else if (l->gaps)
                lines += c->text_lines + c->gaps + (l->picture == PICTURE_NONE ? 0 : 1);
        else
                lines += c->text_lines;
        return columns <= w->columns && lines <= w->lines;
}

Layout layout_choose(const Window *window, const LayoutContent *content) {
        for (size_t i = 0; i < ELEMENTSOF(layouts); i++)
                if (layout_fits(&layouts[i], window, content))
                        return layouts[i];
        return layout_of_text;
}
