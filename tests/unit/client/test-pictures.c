/* SPDX-License-Identifier: MIT */

/* What is drawn in half blocks: the picture to scan and the large letters. That a scanner reads the
 * picture is shown end to end. */

#include "check.h"
#include "yadiskctl/bitmap.h"
#include "yadiskctl/letters.h"
#include "yadiskctl/qr.h"

#define BORDER 4
#define FINDER 7

#define ALL "abcdefghijklmnopqrstuvwxyz0123456789-"

static const char *print(const Bitmap *b, const char *before, const char *after) {
        static char *text;
        size_t size;
        FILE *f;

        free(text);
        f = open_memstream(&text, &size);
        CHECK(f);
        bitmap_print(b, f, before, after);
        CHECK(fclose(f) == 0);
        return text;
}

static void two_dots_share_a_cell(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        CHECK_INT(bitmap_init(&b, 4, 3), 0);
        bitmap_draw(&b, 1, 0);
        bitmap_draw(&b, 2, 1);
        bitmap_draw(&b, 3, 0);
        bitmap_draw(&b, 3, 1);
        bitmap_draw(&b, 0, 2);
        CHECK_INT(bitmap_lines(&b), 2);
        CHECK_STR(print(&b, "<", ">"), "< ▀▄█>\n<▀   >\n");
        CHECK(bitmap_is_drawn(&b, 0, 2) && !bitmap_is_drawn(&b, 0, 3));
        CHECK(!bitmap_is_drawn(&b, 4, 0));
}

static bool is_finder(const Bitmap *b, unsigned left, unsigned top) {
        for (unsigned i = 0; i < FINDER; i++) {
                bool rim = bitmap_is_drawn(b, left + i, top) && bitmap_is_drawn(b, left, top + i) &&
                           bitmap_is_drawn(b, left + i, top + FINDER - 1) &&
                           bitmap_is_drawn(b, left + FINDER - 1, top + i);

                if (!rim)
                        return false;
        }
        return !bitmap_is_drawn(b, left + 1, top + 1) && bitmap_is_drawn(b, left + 3, top + 3);
}

static void a_picture_has_its_corners_and_its_border(void) {
        _cleanup_(bitmap_done) Bitmap b = {};
        unsigned far;

        CHECK_INT(qr_make("https://ya.ru/device", &b), 0);
        CHECK_INT(b.width, 25 + 2 * BORDER);
        CHECK_INT(b.height, b.width);
        far = b.width - BORDER - FINDER;
        CHECK(is_finder(&b, BORDER, BORDER));
        CHECK(is_finder(&b, far, BORDER));
        CHECK(is_finder(&b, BORDER, far));
        CHECK(!is_finder(&b, far, far));

        for (unsigned i = 0; i < b.width; i++)
                for (unsigned j = 0; j < BORDER; j++) {
                        CHECK(!bitmap_is_drawn(&b, i, j));
                        CHECK(!bitmap_is_drawn(&b, j, i));
                        CHECK(!bitmap_is_drawn(&b, i, b.height - 1 - j));
                        CHECK(!bitmap_is_drawn(&b, b.width - 1 - j, i));
                }
}

static void a_picture_holds_so_much(void) {
        static char text[2955];

        memset(text, 'a', 2953);
        for (int fits = 1; fits >= 0; fits--) {
                _cleanup_(bitmap_done) Bitmap b = {};

                CHECK_INT(qr_make(text, &b), fits ? 0 : -ERANGE);
                CHECK_INT(b.width, fits ? 177 + 2 * BORDER : 0);
                text[2953] = 'a';
        }
}

static void every_letter_is_another(void) {
        char *shapes[sizeof(ALL)] = {};

        for (size_t i = 0; i < strlen(ALL); i++) {
                const char letter[] = { ALL[i], '\0' };
                _cleanup_(bitmap_done) Bitmap b = {};

                CHECK_INT(letters_make(letter, &b), 0);
                CHECK_INT(b.width, 5);
                shapes[i] = strdup(print(&b, "", ""));
                for (size_t j = 0; j < i; j++)
                        CHECK(strcmp(shapes[i], shapes[j]) != 0);
        }
        for (size_t i = 0; i < strlen(ALL); i++)
                free(shapes[i]);
}

static void the_ones_that_are_mistaken(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        CHECK_INT(letters_make("o0l1i-", &b), 0);
        CHECK_STR(print(&b, "|", "|"), "|      ▄▀▀▀▄  ▀█    ▄█     ▀        |\n"
                                       "|▄▀▀▀▄ █ ▄▀█   █   ▀ █    ▀█        |\n"
                                       "|█   █ █▀  █   █     █     █    ▀▀▀ |\n"
                                       "| ▀▀▀   ▀▀▀     ▀▀ ▀▀▀▀▀  ▀▀▀       |\n"
                                       "|                                   |\n");
}

static void other_characters_have_no_letter(void) {
        static const char *const texts[] = { "", "A", " ", "ab cd", "a_b", "é", "a\033", "АБ" };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                Bitmap b = {};

                CHECK_INT(letters_make(texts[i], &b), -EILSEQ);
                CHECK(!b.dots);
        }
}

int main(void) {
        two_dots_share_a_cell();
        a_picture_has_its_corners_and_its_border();
        a_picture_holds_so_much();
        every_letter_is_another();
        the_ones_that_are_mistaken();
        other_characters_have_no_letter();
        return EXIT_SUCCESS;
}
