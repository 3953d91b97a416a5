/* SPDX-License-Identifier: MIT */

/* What is drawn: the picture to scan and the large letters. That a scanner reads the picture is
 * shown end to end. */

#include "check.h"
#include "yadiskctl/sign-in/picture.h"

#define FINDER 7U

#define ALL "abcdefghijklmnopqrstuvwxyz0123456789-"

static const Ink ink = { .dark = "#", .light = "_", .dark_on_light = "!" };

static char *text;
static size_t text_size;

/* What was written by the last one. */
static FILE *begin(void) {
        FILE *f;

        free(text);
        f = open_memstream(&text, &text_size);
        CHECK(f);
        return f;
}

static const char *written(FILE *f) {
        CHECK(fclose(f) == 0);
        return text;
}

static const char *halved(const Bitmap *b, unsigned border, const Ink *with, const char *indent) {
        FILE *f = begin();

        bitmap_print_halved(b, f, border, with, indent);
        return written(f);
}

static const char *painted_line(const Bitmap *b, unsigned border, unsigned y) {
        FILE *f = begin();

        bitmap_paint_line(b, f, border, y, &ink);
        return written(f);
}

static void draw(Bitmap *b) {
        CHECK_INT(bitmap_init(b, 4, 3), 0);
        bitmap_draw(b, 1, 0);
        bitmap_draw(b, 2, 1);
        bitmap_draw(b, 3, 0);
        bitmap_draw(b, 3, 1);
        bitmap_draw(b, 0, 2);
}

static void two_dots_share_a_cell(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        draw(&b);
        CHECK_INT(bitmap_halved_lines(b.height), 2);
        CHECK_STR(halved(&b, 0, NULL, ">"), "> ▀▄█\n>▀   \n");
        CHECK(bitmap_is_drawn(&b, 0, 2) && !bitmap_is_drawn(&b, 0, 3));
        CHECK(!bitmap_is_drawn(&b, 4, 0));
}

/* A font need not have what fills a cell. */
static void a_whole_cell_is_painted(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        draw(&b);
        CHECK_STR(halved(&b, 0, &ink, ""), "! ▀▄# !\033[0m\n!▀   \033[0m\n");
        CHECK_STR(halved(&b, 1, &ink, ""), "!  ▄ ▄ \033[0m\n! ▄ ▀▀ \033[0m\n!      \033[0m\n");
}

static void a_dot_is_two_spaces(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        draw(&b);
        CHECK_INT(bitmap_painted_columns(b.width), 8);
        CHECK_STR(painted_line(&b, 0, 0), "_  #  _  #  \033[0m");
        CHECK_STR(painted_line(&b, 0, 1), "_    #    \033[0m");
        CHECK_STR(painted_line(&b, 1, 1), "_    #  _  #  _  \033[0m");
        CHECK_STR(painted_line(&b, 1, 0), "_            \033[0m");
        CHECK_STR(painted_line(&b, 1, 4), "_            \033[0m");
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

static void a_picture_has_its_corners(void) {
        _cleanup_(bitmap_done) Bitmap b = {};
        unsigned far;

        CHECK_INT(qr_make("https://ya.ru/device", &b), 0);
        CHECK_INT(b.width, 21); /* there is no smaller one */
        CHECK_INT(b.height, b.width);
        far = b.width - FINDER;
        CHECK(is_finder(&b, 0, 0));
        CHECK(is_finder(&b, far, 0));
        CHECK(is_finder(&b, 0, far));
        CHECK(!is_finder(&b, far, far));
}

static bool are_same(const Bitmap *a, const Bitmap *b) {
        return a->width == b->width &&
               memcmp(a->dots, b->dots, (size_t) a->width * a->height * sizeof(bool)) == 0;
}

/* Only where case does not matter. */
static void check_becomes(const char *address, const char *other, bool same) {
        _cleanup_(bitmap_done) Bitmap a = {}, b = {};

        CHECK_INT(qr_make(address, &a), 0);
        CHECK_INT(qr_make(other, &b), 0);
        CHECK_INT(are_same(&a, &b), same);
}

static void scheme_and_host_are_in_capitals(void) {
        check_becomes("https://ya.ru/device", "HTTPS://YA.RU/device", true);
        check_becomes("https://ya.ru/device", "HTTPS://YA.RU/DEVICE", false);
        check_becomes("https://localhost:4430/a?b=c", "HTTPS://LOCALHOST:4430/a?b=c", true);
        check_becomes("https://ya.ru?a=b", "HTTPS://YA.RU?a=b", true);
        check_becomes("https://me@ya.ru/device", "HTTPS://ME@YA.RU/device", false);
        check_becomes("http://ya.ru/device", "HTTP://YA.RU/device", false);
        check_becomes("ya.ru/device", "YA.RU/device", false);
}

static void a_picture_holds_so_much(void) {
        static char many[2955];

        memset(many, 'a', 2953);
        for (int fits = 1; fits >= 0; fits--) {
                _cleanup_(bitmap_done) Bitmap b = {};

                CHECK_INT(qr_make(many, &b), fits ? 0 : -ERANGE);
                CHECK_INT(b.width, fits ? 177 : 0);
                many[2953] = 'a';
        }
}

static void every_letter_is_another(void) {
        char *shapes[sizeof(ALL)] = {};

        for (size_t i = 0; i < strlen(ALL); i++) {
                const char letter[] = { ALL[i], '\0' };
                _cleanup_(bitmap_done) Bitmap b = {};

                CHECK_INT(letters_make(letter, &b), 0);
                CHECK_INT(b.width, 5);
                shapes[i] = strdup(halved(&b, 0, NULL, ""));
                for (size_t j = 0; j < i; j++)
                        CHECK(strcmp(shapes[i], shapes[j]) != 0);
        }
        for (size_t i = 0; i < strlen(ALL); i++)
                free(shapes[i]);
}

static void the_ones_that_are_mistaken(void) {
        _cleanup_(bitmap_done) Bitmap b = {};

        CHECK_INT(letters_make("o0l1i-", &b), 0);
        CHECK_STR(halved(&b, 0, NULL, "|"), "|      ▄▀▀▀▄  ▀█    ▄█     ▀        \n"
                                            "|▄▀▀▀▄ █ ▄▀█   █   ▀ █    ▀█        \n"
                                            "|█   █ █▀  █   █     █     █    ▀▀▀ \n"
                                            "| ▀▀▀   ▀▀▀     ▀▀ ▀▀▀▀▀  ▀▀▀       \n"
                                            "|                                   \n");
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
        a_whole_cell_is_painted();
        a_dot_is_two_spaces();
        a_picture_has_its_corners();
        scheme_and_host_are_in_capitals();
        a_picture_holds_so_much();
        every_letter_is_another();
        the_ones_that_are_mistaken();
        other_characters_have_no_letter();
        return EXIT_SUCCESS;
}
