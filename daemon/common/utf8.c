/* SPDX-License-Identifier: MIT */

#include "common/utf8.h"

#include "common/util.h"

typedef struct Form {
        uint8_t mask, lead; /* of the first byte */
        uint32_t smallest;  /* anything below has a shorter form */
} Form;

static const Form forms[] = {
        { 0x80, 0x00, 0x0 },
        { 0xe0, 0xc0, 0x80 },
        { 0xf0, 0xe0, 0x800 },
        { 0xf8, 0xf0, 0x10000 },
};

static bool utf8_is_character(uint32_t c, uint32_t smallest) {
        return c >= smallest && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_decode(const char *s, uint32_t *ret) {
        const uint8_t *u = (const uint8_t *) s;
        uint32_t c;

        for (size_t length = 1; length <= ELEMENTSOF(forms); length++) {
                const Form *form = &forms[length - 1];

                if ((u[0] & form->mask) != form->lead)
                        continue;

                c = u[0] & (uint8_t) ~form->mask;
                for (size_t i = 1; i < length; i++) {
                        if ((u[i] & 0xc0) != 0x80) /* stops at the end of the string, too */
                                return 0;
                        c = c << 6 | (u[i] & 0x3f);
                }
                if (!utf8_is_character(c, form->smallest))
                        return 0;

                *ret = c;
                return length;
        }
        return 0;
}

bool utf8_is_valid(const char *s) {
        uint32_t c;

        while (*s) {
                size_t length = utf8_decode(s, &c);

                if (length == 0)
                        return false;
                s += length;
        }
        return true;
}

typedef struct Range {
        uint32_t first, last;
} Range;

static const Range blank[] = {
        { 0x09, 0x0d },     { 0x20, 0x20 },     { 0x85, 0x85 },     { 0xa0, 0xa0 },
        { 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x2028, 0x2029 }, { 0x202f, 0x202f },
        { 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

static const Range invisible[] = {
        { 0xad, 0xad },     /* soft hyphen */
        { 0x61c, 0x61c },   /* direction mark */
        { 0x200b, 0x200f }, /* zero-width space and joiners, direction marks */
        { 0x202a, 0x202e }, /* directions */
        { 0x2060, 0x206f }, /* word joiner, isolates */
        { 0xfeff, 0xfeff }, /* byte order mark */
};

static bool range_contains(const Range *ranges, size_t n, uint32_t c) {
        for (size_t i = 0; i < n; i++)
                if (c >= ranges[i].first && c <= ranges[i].last)
                        return true;
        return false;
}

bool utf8_is_blank(uint32_t c) {
        return range_contains(blank, ELEMENTSOF(blank), c);
}

bool utf8_is_invisible(uint32_t c) {
        return range_contains(invisible, ELEMENTSOF(invisible), c);
}

static bool utf8_is_of_text(uint32_t c) {
        bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        bool noncharacter = (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;

        return !control && !noncharacter;
}

bool utf8_is_text(const char *s, size_t max) {
        uint32_t c;

        if (str_is_empty(s) || strlen(s) > max)
                return false;

        while (*s) {
                size_t length = utf8_decode(s, &c);

                if (length == 0 || !utf8_is_of_text(c))
                        return false;
                s += length;
        }
        return true;
}

static bool ascii_is_between(const char *s, char first, char last, size_t max) {
        size_t n = 0;

        for (; s && s[n]; n++)
                if (n >= max || s[n] < first || s[n] > last)
                        return false;
        return n > 0;
}

bool ascii_is_printable(const char *s, size_t max) {
        return ascii_is_between(s, ' ', '~', max);
}

bool ascii_is_visible(const char *s, size_t max) {
        return ascii_is_between(s, '!', '~', max);
}
