/* SPDX-License-Identifier: MIT */

/*
 * A file of rclone is one of lines: "[name]" begins a section, "key = value" or "key: value" is in
 * it, and "#" or ";" begins a comment. Blanks around all of these do not count. Sections of one
 * name are one section (github.com/unknwon/goconfig, which rclone reads it with).
 */

#include <strings.h>

#include "shared/sealed.h"
#include "yadiskctl/feed/rclone-conf.h"

#define BLANKS          " \t\r\n\v\f"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define ENCRYPTION_MARK "RCLONE_ENCRYPT_V"

/* What a remote that is fed has in place of these. An application would be of no use: the endpoint
 * asks for none. */
static const char *const replaced_keys[] = { "token", "token_url", "client_id", "client_secret" };

/* A part of the file. */
typedef struct Span {
        const char *begin, *end;
} Span;

static Span span_trim(Span s, const char *characters) {
        while (s.begin < s.end && strchr(characters, *s.begin) && *s.begin)
                s.begin++;
        while (s.begin < s.end && strchr(characters, s.end[-1]) && s.end[-1])
                s.end--;
        return s;
}

static bool span_is(Span s, const char *word) {
        size_t length = (size_t) (s.end - s.begin);

        return length == strlen(word) && memcmp(s.begin, word, length) == 0;
}

/* Takes the next line, with its end, from the front of the file. */
static bool span_take_line(Span *file, Span *ret) {
        const char *end;

        if (file->begin == file->end)
                return false;
        end = memchr(file->begin, '\n', (size_t) (file->end - file->begin));
        *ret = (Span){ file->begin, end ? end + 1 : file->end };
        file->begin = ret->end;
        return true;
}

static Span conf_span(const char *data, size_t size) {
        size_t mark = strlen(BYTE_ORDER_MARK);
        bool has_mark = size >= mark && memcmp(data, BYTE_ORDER_MARK, mark) == 0;

        return (Span){ data + (has_mark ? mark : 0), data + size };
}

static bool line_is_empty(Span line) {
        Span text = span_trim(line, BLANKS);

        return text.begin == text.end || *text.begin == '#' || *text.begin == ';';
}

static bool line_is_section(Span line, Span *ret_name) {
        Span text = span_trim(line, BLANKS);

        if (text.end - text.begin < 2 || *text.begin != '[' || text.end[-1] != ']')
                return false;
        *ret_name = span_trim((Span){ text.begin + 1, text.end - 1 }, BLANKS);
        return true;
}

/* Splits "key = value". Keys may stand between quotes. */
static bool line_is_key(Span line, Span *ret_key, Span *ret_value) {
        Span text = span_trim(line, BLANKS);
        const char *sign = text.begin;

        while (sign < text.end && *sign != '=' && *sign != ':')
                sign++;
        if (line_is_empty(line) || sign == text.end)
                return false;
        *ret_key = span_trim(span_trim((Span){ text.begin, sign }, BLANKS), "\"`");
        *ret_value = span_trim((Span){ sign + 1, text.end }, BLANKS);
        return true;
}

static bool line_is_replaced(Span line) {
        Span key, value;

        if (!line_is_key(line, &key, &value))
                return false;
        for (size_t i = 0; i < ELEMENTSOF(replaced_keys); i++)
                if ((size_t) (key.end - key.begin) == strlen(replaced_keys[i]) &&
                    strncasecmp(key.begin, replaced_keys[i], strlen(replaced_keys[i])) == 0)
                        return true;
        return false;
}

bool rclone_conf_is_encrypted(const char *data, size_t size) {
        Span file = conf_span(data, size), line;

        while (span_take_line(&file, &line))
                if (!line_is_empty(line)) {
                        line = span_trim(line, BLANKS);
                        return (size_t) (line.end - line.begin) >= strlen(ENCRYPTION_MARK) &&
                               str_has_prefix(line.begin, ENCRYPTION_MARK);
                }
        return false;
}

RcloneRemote rclone_conf_look(const RcloneConf *c, const char *remote) {
        Span file = conf_span(str_or_empty(c->data), c->size), line, name, key, value;
        RcloneRemote found = RCLONE_REMOTE_MISSING;
        bool inside = false;

        while (span_take_line(&file, &line))
                if (line_is_section(line, &name)) {
                        inside = span_is(name, remote);
                        if (inside && found == RCLONE_REMOTE_MISSING)
                                found = RCLONE_REMOTE_OTHER;
                } else if (inside && line_is_key(line, &key, &value) && span_is(key, "type"))
                        found = span_is(value, "yandex") ? RCLONE_REMOTE_YANDEX
                                                         : RCLONE_REMOTE_OTHER;
        return found;
}

/* Finds the line after which the new ones come: in their old place or, if they had none, at the end
 * of what is in the section. NULL if there is no such section. */
static const char *conf_find_place(Span file, const char *remote) {
        const char *last = NULL, *old = NULL;
        bool inside = false, again = false;
        Span line, name;

        while (!old && span_take_line(&file, &line)) {
                if (line_is_section(line, &name)) {
                        again = again || inside;
                        inside = span_is(name, remote);
                }
                if (inside && line_is_replaced(line))
                        old = line.begin;
                else if (inside && !again && !line_is_empty(line))
                        last = line.end;
        }
        return old ?: last;
}

/* How the lines of the file end. */
static bool conf_has_carriage_returns(const char *data, size_t size) {
        const char *end = memchr(data, '\n', size);

        return end && end > data && end[-1] == '\r';
}

typedef struct Output {
        char *data, *end;
        bool has_carriage_returns;
} Output;

static void output_copy(Output *o, const char *begin, const char *end) {
        o->end = mempcpy(o->end, begin, (size_t) (end - begin));
}

static void output_add(Output *o, const char *text) {
        for (; *text; text++) {
                if (*text == '\n' && o->has_carriage_returns)
                        *o->end++ = '\r';
                *o->end++ = *text;
        }
}

/* Begins a new line, if the last one has no end. */
static void output_end_line(Output *o) {
        if (o->end > o->data && o->end[-1] != '\n')
                output_add(o, "\n");
}

static void output_add_section(Output *o, const char *remote, const char *token) {
        output_end_line(o);
        output_add(o, o->end > o->data ? "\n[" : "[");
        output_add(o, remote);
        output_add(o, "]\ntype = yandex\n");
        output_add(o, token);
}

static void conf_rewrite(Output *o, Span file, const char *remote, const char *token) {
        const char *place = conf_find_place(file, remote);
        bool inside = false;
        Span line, name;

        while (span_take_line(&file, &line)) {
                if (line.begin == place)
                        output_add(o, token);
                if (line_is_section(line, &name))
                        inside = span_is(name, remote);
                if (!inside || !line_is_replaced(line))
                        output_copy(o, line.begin, line.end);
                if (line.end == place && file.begin == file.end) {
                        output_end_line(o);
                        output_add(o, token);
                }
        }
        if (!place)
                output_add_section(o, remote, token);
}

int rclone_conf_edit(const char *data, size_t size, const char *remote, const char *token,
                     char **ret, size_t *ret_size) {
        Span file = conf_span(data, size);
        Output o = { .has_carriage_returns = conf_has_carriage_returns(data, size) };

        /* Each added line may need one byte more for its end. */
        o.data = o.end = malloc(size + 2 * strlen(token) + strlen(remote) + 64);
        if (!o.data)
                return -ENOMEM;

        output_copy(&o, data, file.begin);
        conf_rewrite(&o, file, remote, token);
        *ret_size = (size_t) (o.end - o.data);
        *o.end = '\0';
        *ret = o.data;
        return 0;
}
