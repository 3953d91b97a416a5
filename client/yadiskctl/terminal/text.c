/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/text.h"

#include <wchar.h>

#include "common/utf8.h"
#include "common/util.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ESCAPE      '\033'

/* If a margin leaves less room for words than that, a smaller margin is better. */
#define ROOM_MIN     20U
#define MARGIN_SMALL 4U

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

/* Measures the character at *s and goes on to the next. U+FFFD, which replaces an unsafe character,
 * takes one column, and so does a character that the locale does not know. */
static size_t text_measure_character(const char **s) {
        uint32_t c = 0;
        size_t length = utf8_decode(*s, &c);
        int n = length == 0 || text_is_unsafe(c) ? 1 : wcwidth((wchar_t) c);

        *s += length ?: 1;
        return n < 0 ? 1 : (size_t) n;
}

size_t text_columns(const char *s) {
        size_t n = 0;

        while (*s)
                n += text_measure_character(&s);
        return n;
}

int text_padding(const char *s, size_t columns) {
        return (int) (columns + strlen(s) - text_columns(s));
}

/* The state while a line is written. */
typedef struct Paragraph {
        FILE *f; /* NULL: only the lines are counted */
        Measure measure;
        unsigned column;
        unsigned lines;
        bool has_word; /* in the current line of the terminal */
} Paragraph;

/* Returns the length of the colour sequence at s, such as "\033[1;31m", or 0. */
static size_t paragraph_skip_colour(const char *s) {
        const char *end;

        if (*s != ESCAPE)
                return 0;
        end = strchr(s, 'm');
        return end ? (size_t) (end - s) + 1 : 1;
}

unsigned paragraph_columns(const char *s, size_t size) {
        const char *end = s + size;
        unsigned n = 0;

        while (s < end) {
                size_t colour = paragraph_skip_colour(s);

                if (colour > 0)
                        s += colour;
                else
                        n += (unsigned) text_measure_character(&s);
        }
        return n;
}

/* Returns what closes the quote that opens at s, or NULL if no quote opens there. */
static const char *paragraph_closing_quote(const char *s) {
        if (*s == '"')
                return "\"";
        return str_has_prefix(s, "«") ? "»" : NULL;
}

/* Returns the length of the word at s. A quotation in it belongs to it with all its words. */
static size_t paragraph_find_word(const char *s) {
        const char *at = s;

        while (*at && *at != ' ') {
                const char *quote = paragraph_closing_quote(at), *end = NULL;
                uint32_t c;

                at += paragraph_skip_colour(at) ?: utf8_decode(at, &c) ?: 1;
                if (quote)
                        end = strstr(at, quote);
                if (end)
                        at = end + strlen(quote);
        }
        return (size_t) (at - s);
}

static void paragraph_write_spaces(Paragraph *p, unsigned n) {
        if (p->f)
                fprintf(p->f, "%*s", (int) n, "");
        p->column += n;
}

/* The margin is reduced for a word that fits into a line, but not behind the margin. */
static void paragraph_begin_line(Paragraph *p, unsigned width) {
        unsigned columns = p->measure.columns, margin = p->measure.margin;

        if (margin + width > columns)
                margin = width < columns ? MIN_OF(MARGIN_SMALL, columns - width) : 0;

        if (p->f)
                fputc('\n', p->f);
        p->lines++;
        p->column = 0;
        paragraph_write_spaces(p, margin);
        p->has_word = false;
}

/* A word that is longer than a line is broken by the terminal. Nothing is put behind it. */
static void paragraph_write_word(Paragraph *p, const char *s, size_t size) {
        unsigned columns = p->measure.columns;

        if (p->f)
                fwrite(s, 1, size, p->f);
        p->has_word = true;
        p->column += paragraph_columns(s, size);
        if (p->column <= columns)
                return;

        p->lines += (p->column - 1) / columns;
        p->column = columns;
}

static void paragraph_write_words(Paragraph *p, const char *line) {
        while (*line) {
                unsigned spaces = (unsigned) strspn(line, " ");
                size_t size = paragraph_find_word(line + spaces);
                unsigned width = paragraph_columns(line + spaces, size);

                line += spaces;
                if (size == 0)
                        return; /* spaces at the end */
                if (p->has_word && p->column + spaces + width > p->measure.columns)
                        paragraph_begin_line(p, width);
                else
                        paragraph_write_spaces(p, spaces);
                paragraph_write_word(p, line, size);
                line += size;
        }
}

static unsigned paragraph_limit_margin(unsigned margin, unsigned columns) {
        unsigned small = MIN_OF(MARGIN_SMALL, columns / 2);

        return margin + ROOM_MIN > columns ? MIN_OF(margin, small) : margin;
}

static void paragraph_write_all(Paragraph *p, const char *line) {
        unsigned spaces = (unsigned) strspn(line, " ");

        p->measure.margin = paragraph_limit_margin(p->measure.margin, p->measure.columns);
        paragraph_write_spaces(p, paragraph_limit_margin(spaces, p->measure.columns));
        paragraph_write_words(p, line + spaces);
}

void paragraph_write(FILE *f, const char *line, Measure measure) {
        Paragraph p = { .f = f, .measure = measure };

        if (measure.columns == 0)
                fputs(line, f);
        else
                paragraph_write_all(&p, line);
}

unsigned paragraph_lines(const char *line, Measure measure) {
        Paragraph p = { .measure = measure, .lines = 1 };

        if (measure.columns > 0)
                paragraph_write_all(&p, line);
        return p.lines;
}
