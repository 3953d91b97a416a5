/* SPDX-License-Identifier: MIT */

#include "yadiskctl/text.h"

#include "common/utf8.h"
#include "common/util.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

typedef struct Range {
        uint32_t first, last;
} Range;

static const Range unsafe[] = {
        { 0x00, 0x1f },     { 0x7f, 0x9f },     /* controls */
        { 0x61c, 0x61c },   { 0x200e, 0x200f }, /* direction marks */
        { 0x2028, 0x202e },                     /* separators, embeddings and overrides */
        { 0x2066, 0x2069 },                     /* isolates */
        { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

bool text_is_unsafe(uint32_t c) {
        for (size_t i = 0; i < ELEMENTSOF(unsafe); i++)
                if (c >= unsafe[i].first && c <= unsafe[i].last)
                        return true;
        return false;
}

void text_print(FILE *f, const char *s) {
        while (*s) {
                uint32_t c;
                size_t length = utf8_decode(s, &c);

                if (length == 0 || text_is_unsafe(c))
                        fputs(REPLACEMENT, f);
                else
                        fwrite(s, 1, length, f);
                s += length ?: 1;
        }
}

size_t text_length(const char *s) {
        size_t n = 0;

        while (*s) {
                uint32_t c;

                s += utf8_decode(s, &c) ?: 1;
                n++;
        }
        return n;
}

int text_padding(const char *s, size_t characters) {
        return (int) (characters + strlen(s) - text_length(s));
}
