/* SPDX-License-Identifier: MIT */

/* GKeyFile does the work, with its own idea of what such a file looks like. What rclone and ydcmd take
 * beyond that are comments that begin with ";". Values are taken raw: a backslash is one. */

#include "yadiskctl/import/token-file-ini.h"

#include <glib.h>
#include <strings.h>

#include "common/i18n.h"

#define BLANKS " \t\r"

struct Ini {
        GKeyFile *file;
        char **sections;
};

/* The line after this one, or NULL. */
static char *next_line(char *line) {
        char *end = strchr(line, '\n');

        return end && end[1] ? end + 1 : NULL;
}

static void unify_comments(char *data) {
        for (char *line = data; line; line = next_line(line)) {
                char *first = line + strspn(line, BLANKS);

                if (*first == ';')
                        *first = '#';
        }
}

/* Whether GKeyFile cannot but stumble over it. */
static bool is_wrong(const char *line, bool in_section) {
        size_t length = strcspn(line, "\n");
        const char *first = line + strspn(line, BLANKS);

        if (*first == '\n' || *first == '#' || *first == '\0')
                return false;
        if (*first == '[')
                return !memchr(line, ']', length);
        return !in_section || !memchr(line, '=', length);
}

/* The line is not shown: it may be half a token. */
static ExitStatus explain(const TokenSource *s) {
        bool in_section = false;
        size_t number = 1;

        for (char *line = s->data; line; line = next_line(line), number++) {
                if (is_wrong(line, in_section))
                        return fail(EXIT_STATUS_USAGE,
                                    "%s, line %zu: this is neither a [section], nor key = value in "
                                    "one, nor a comment; correct it, or name the right file.",
                                    s->name, number);
                in_section = in_section || line[strspn(line, BLANKS)] == '[';
        }
        return fail(
                EXIT_STATUS_USAGE,
                "%s has a section or a key with a name that cannot be read; correct it, or name "
                "the right file.",
                s->name);
}

ExitStatus ini_parse(TokenSource *s, Ini **ret) {
        _cleanup_(ini_freep) Ini *ini = calloc(1, sizeof(Ini));

        if (!ini)
                return fail_errno(-ENOMEM, "read the file");
        if (token_source_first(s) == '{')
                return fail(EXIT_STATUS_USAGE,
                            "%s is JSON; import it with \"yadiskctl import json\".", s->name);

        unify_comments(s->data);
        ini->file = g_key_file_new();
        if (!g_key_file_load_from_data(ini->file, s->data, s->size, G_KEY_FILE_NONE, NULL))
                return explain(s);
        ini->sections = g_key_file_get_groups(ini->file, NULL);

        *ret = TAKE_PTR(ini);
        return EXIT_STATUS_OK;
}

Ini *ini_free(Ini *ini) {
        if (!ini)
                return NULL;

        g_strfreev(ini->sections);
        if (ini->file)
                g_key_file_unref(ini->file);
        free(ini);
        return NULL;
}

char *const *ini_sections(const Ini *ini) {
        return ini->sections;
}

static const char *find(char *const *names, const char *name) {
        for (; *names; names++)
                if (strcasecmp(*names, name) == 0)
                        return *names;
        return NULL;
}

const char *ini_find_section(const Ini *ini, const char *name) {
        return find(ini->sections, name);
}

char *ini_get(const Ini *ini, const char *section, const char *key) {
        g_auto(GStrv) keys = g_key_file_get_keys(ini->file, section, NULL, NULL);
        const char *written = keys ? find(keys, key) : NULL;
        char *value = written ? g_key_file_get_value(ini->file, section, written, NULL) : NULL;

        if (!value || *g_strstrip(value))
                return value;
        g_free(value);
        return NULL;
}
