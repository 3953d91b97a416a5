/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/paragraph.h"

#include "common/utf8.h"
#include "common/util.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/terminal/window.h"

/* With less room for words than that, a smaller margin is better. */
#define ROOM_MIN     20U
#define MARGIN_SMALL 4U

#define ESCAPE '\033'

/* Where we are in the line that is being written. */
typedef struct Pen {
        FILE *f; /* NULL: only the lines are counted */
        Measure measure;
        unsigned column;
        unsigned lines;
        bool has_word; /* in this line of the terminal */
} Pen;

/* The bytes of a colour at s, or 0: "\033[1;31m". */
static size_t skip_colour(const char *s) {
        const char *end;

        if (*s != ESCAPE)
                return 0;
        end = strchr(s, 'm');
        return end ? (size_t) (end - s) + 1 : 1;
}

static size_t skip_character(const char *s) {
        uint32_t c;

        return skip_colour(s) ?: utf8_decode(s, &c) ?: 1;
}

static unsigned count_columns(const char *s, size_t size) {
        const char *end = s + size;
        unsigned n = 0;

        while (s < end) {
                size_t colour = skip_colour(s), length = colour ?: skip_character(s);
                char character[5] = "";

                if (colour == 0) {
                        memcpy(character, s, length);
                        n += (unsigned) text_columns(character);
                }
                s += length;
        }
        return n;
}

unsigned paragraph_columns(const char *line) {
        return count_columns(line, strlen(line));
}

/* What closes the quote that opens at s, or NULL where none does. */
static const char *closing_quote(const char *s) {
        if (*s == '"')
                return "\"";
        return strncmp(s, "«", strlen("«")) == 0 ? "»" : NULL;
}

/* The bytes of the word at s, with all words of what is quoted in it. */
static size_t find_piece(const char *s) {
        const char *at = s;

        while (*at && *at != ' ') {
                const char *quote = closing_quote(at), *end = NULL;

                at += skip_character(at);
                if (quote)
                        end = strstr(at, quote);
                if (end)
                        at = end + strlen(quote);
        }
        return (size_t) (at - s);
}

static void write_spaces(Pen *p, unsigned n) {
        if (p->f)
                fprintf(p->f, "%*s", (int) n, "");
        p->column += n;
}

/* The margin gives way to a word that fits into a line, but not behind it. */
static unsigned margin_for(const Measure *m, unsigned width) {
        if (m->margin + width <= m->columns)
                return m->margin;
        return width < m->columns ? MIN_OF(MARGIN_SMALL, m->columns - width) : 0;
}

static void begin_line(Pen *p, unsigned width) {
        if (p->f)
                fputc('\n', p->f);
        p->lines++;
        p->column = 0;
        write_spaces(p, margin_for(&p->measure, width));
        p->has_word = false;
}

/* Of a word that is longer than a line the terminal makes several, and nothing is put behind it. */
static void write_piece(Pen *p, const char *s, size_t size) {
        unsigned width = count_columns(s, size), columns = p->measure.columns;

        if (p->f)
                fwrite(s, 1, size, p->f);
        p->has_word = true;
        p->column += width;
        if (p->column <= columns)
                return;

        p->lines += (p->column - 1) / columns;
        p->column = columns;
}

static void write_line(Pen *p, const char *line) {
        while (*line) {
                unsigned spaces = (unsigned) strspn(line, " ");
                size_t size = find_piece(line + spaces);
                unsigned width = count_columns(line + spaces, size);

                line += spaces;
                if (size == 0)
                        return; /* spaces at its end */
                if (p->has_word && p->column + spaces + width > p->measure.columns)
                        begin_line(p, width);
                else
                        write_spaces(p, spaces);
                write_piece(p, line, size);
                line += size;
        }
}

static unsigned smaller(unsigned margin, unsigned columns) {
        unsigned small = MIN_OF(MARGIN_SMALL, columns / 2);

        return margin + ROOM_MIN > columns ? MIN_OF(margin, small) : margin;
}

/* The spaces that the line begins with, and the rest of it. */
static void write_all(Pen *p, const char *line) {
        unsigned spaces = (unsigned) strspn(line, " ");

        p->measure.margin = smaller(p->measure.margin, p->measure.columns);
        write_spaces(p, smaller(spaces, p->measure.columns));
        write_line(p, line + spaces);
}

void paragraph_write(FILE *f, const char *line, Measure measure) {
        Pen p = { .f = f, .measure = measure };

        if (measure.columns == 0)
                fputs(line, f);
        else
                write_all(&p, line);
}

unsigned paragraph_lines(const char *line, Measure measure) {
        Pen p = { .measure = measure, .lines = 1 };

        if (measure.columns > 0)
                write_all(&p, line);
        return p.lines;
}

void paragraph_print(FILE *f, const char *text) {
        unsigned columns = window_columns(f) ?: PARAGRAPH_COLUMNS;
        _cleanup_free_ char *clean = text_clean(text);

        if (clean)
                paragraph_write(f, clean,
                                (Measure){ .columns = MIN_OF(columns, PARAGRAPH_COLUMNS) });
        else
                text_print(f, text);
        fputc('\n', f);
}
