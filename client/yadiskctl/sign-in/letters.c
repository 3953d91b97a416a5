/* SPDX-License-Identifier: MIT */

/*
 * A type of our own, five dots wide: seven above the line that the letters stand on, two below it. A
 * zero has a stroke and is as tall as a digit, an o is not; a one has a foot and a flag, an l a tail, an
 * i a dot.
 */

#include "yadiskctl/sign-in/letters.h"

#define WIDTH  5U
#define HEIGHT 9U
#define PITCH  (WIDTH + 1)

/* Letters side by side, as they will look. */
typedef struct Case {
        const char *characters;
        const char *rows[HEIGHT];
} Case;

static const Case cases[] = {
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

static const Case *find(char c, unsigned *ret_x) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *at = strchr(cases[i].characters, c);

                if (at) {
                        *ret_x = (unsigned) (at - cases[i].characters) * PITCH;
                        return &cases[i];
                }
        }
        return NULL;
}

/* False where there is no such letter. */
static bool write_letter(Bitmap *b, char c, unsigned left) {
        const Case *from;
        unsigned x;

        from = find(c, &x);
        if (!from)
                return false;
        for (unsigned i = 0; i < WIDTH * HEIGHT; i++)
                if (from->rows[i / WIDTH][x + i % WIDTH] == '#')
                        bitmap_draw(b, left + i % WIDTH, i / WIDTH);
        return true;
}

int letters_make(const char *text, Bitmap *ret) {
        _cleanup_(bitmap_done) Bitmap b = {};
        unsigned n = (unsigned) strlen(text);
        int r;

        if (n == 0)
                return -EILSEQ;

        r = bitmap_init(&b, n * PITCH - 1, HEIGHT);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < n; i++)
                if (!write_letter(&b, text[i], i * PITCH))
                        return -EILSEQ;

        *ret = b;
        b = (Bitmap){};
        return 0;
}
