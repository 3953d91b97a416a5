/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/text.h"

#include <wchar.h>

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

char *text_clean(const char *s) {
        char *clean = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&clean, &size);
        if (!f)
                return NULL;

        text_print(f, s);
        if (fclose(f) == 0)
                return clean;
        free(clean);
        return NULL;
}

/* What is replaced takes the one column of U+FFFD, and so does a character that the locale does not know. */
static size_t columns_of(uint32_t c) {
        int n = text_is_unsafe(c) ? 1 : wcwidth((wchar_t) c);

        return n < 0 ? 1 : (size_t) n;
}

size_t text_columns(const char *s) {
        size_t n = 0;

        while (*s) {
                uint32_t c;
                size_t length = utf8_decode(s, &c);

                n += length == 0 ? 1 : columns_of(c);
                s += length ?: 1;
        }
        return n;
}

int text_padding(const char *s, size_t columns) {
        return (int) (columns + strlen(s) - text_columns(s));
}
