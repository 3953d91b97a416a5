/* SPDX-License-Identifier: MIT */

/*
 * Files of [sections] with "key = value". GKeyFile parses them. rclone and ydcmd also accept
 * comments that begin with ";". Values are taken raw: a backslash has no meaning.
 *
 * rclone.conf has a section for each remote, named as the remote is. We need of one:
 *
 *     type = yandex
 *     client_id = ...             absent or empty: rclone's own application
 *     client_secret = ...
 *     token = {"access_token":"...","token_type":"OAuth","refresh_token":"...","expiry":"..."}
 *
 * ydcmd.cfg has one section with all options of ydcmd. We need:
 *
 *     [ydcmd]
 *     token = ...
 *     app-id = ...                absent: ydcmd's own application
 *     app-secret = ...
 *     refresh-token = ...         ydcmd itself neither writes nor reads it
 */

#include <strings.h>

#include "common/shell.h"
#include "common/strv.h"
#include "feed/feed.h"
#include "shared/glib-library.h"
#include "yadiskctl/feed/rclone-conf.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define BLANKS        " \t\r"
#define YANDEX_TYPE   "yandex"
#define YDCMD_SECTION "ydcmd"

typedef struct Ini {
        GKeyFile *file;
        char **sections;
} Ini;

static void ini_done(Ini *ini) {
        (void) strv_free(ini->sections);
        if (ini->file)
                glib.key_file_unref(ini->file);
}

/* The line after this one, or NULL. */
static char *ini_next_line(char *line) {
        char *end = strchr(line, '\n');

        return end && end[1] ? end + 1 : NULL;
}

static void ini_unify_comments(char *data) {
        for (char *line = data; line; line = ini_next_line(line)) {
                char *first = line + strspn(line, BLANKS);

                if (*first == ';')
                        *first = '#';
        }
}

/* Whether GKeyFile cannot accept the line. */
static bool ini_line_is_wrong(const char *line, bool in_section) {
        size_t length = strcspn(line, "\n");
        const char *first = line + strspn(line, BLANKS);

        if (*first == '\n' || *first == '#' || *first == '\0')
                return false;
        if (*first == '[')
                return !memchr(line, ']', length);
        return !in_section || !memchr(line, '=', length);
}

/* Does not show the line: it may be half a token. */
static ExitStatus ini_explain(const TokenSource *s) {
        bool in_section = false;
        size_t number = 1;

        for (char *line = s->data; line; line = ini_next_line(line), number++) {
                if (ini_line_is_wrong(line, in_section))
                        return fail_usage(
                                "%s, line %zu: this is neither a [section], nor key = value in "
                                "one, nor a comment; correct it, or name the right file.",
                                s->name, number);
                in_section = in_section || line[strspn(line, BLANKS)] == '[';
        }
        return fail_usage("%s has a section or a key with a name that cannot be read; correct it, "
                          "or name the right file.",
                          s->name);
}

/* ini_done() ends *ret, even if this fails. */
static ExitStatus ini_parse(TokenSource *s, Ini *ret) {
        ExitStatus status;

        if (token_source_first(s) == '{')
                return fail_usage("%s is JSON; import it with \"yadiskctl import json\".", s->name);

        status = library_expect(&glib_library);
        if (status != EXIT_STATUS_OK)
                return status;
        ini_unify_comments(s->data);
        ret->file = glib.key_file_new();
        if (!glib.key_file_load_from_data(ret->file, s->data, s->size, G_KEY_FILE_NONE, NULL))
                return ini_explain(s);
        ret->sections = glib.key_file_get_groups(ret->file, NULL);
        return EXIT_STATUS_OK;
}

/* Finds a name in whatever case, and returns it as it is written in the file, or NULL. */
static const char *ini_find(char *const *names, const char *name) {
        for (; *names; names++)
                if (strcasecmp(*names, name) == 0)
                        return *names;
        return NULL;
}

static void ini_strip(char *s) {
        size_t blanks = strspn(s, BLANKS), n;

        for (n = strlen(s); n > blanks && strchr(BLANKS, s[n - 1]);)
                s[--n] = '\0';
        memmove(s, s + blanks, n + 1 - blanks);
}

/* Returns the value of a key in whatever case, for secret_free(); NULL if there is none, or if it
 * is empty. */
static char *ini_get(const Ini *ini, const char *section, const char *key) {
        _cleanup_(strv_freep) char **keys = glib.key_file_get_keys(ini->file, section, NULL, NULL);
        const char *written = keys ? ini_find(keys, key) : NULL;
        char *value = written ? glib.key_file_get_value(ini->file, section, written, NULL) : NULL;

        if (!value)
                return NULL;
        ini_strip(value);
        return *value ? value : secret_free(value);
}

ExitStatus token_file_find_rclone(char **ret) {
        int r;

        r = rclone_conf_find(ret);
        if (r < 0)
                return fail_errno(r, "look for rclone.conf");
        if (!*ret)
                return fail_usage("There is no rclone.conf where rclone would look for it; name "
                                  "it: \"yadiskctl import rclone FILE\".");
        return EXIT_STATUS_OK;
}

static ExitStatus rclone_explain_encrypted(const TokenSource *s, const char *remote) {
        _cleanup_free_ char *word = NULL;

        if (remote && shell_quote_word(remote, &word) < 0)
                return fail_errno(-ENOMEM, "read the file");
        return fail_usage("%s is encrypted; let rclone decrypt it: \"rclone config show %s | "
                          "yadiskctl import rclone -\".",
                          s->name, word ?: "NAME");
}

static bool rclone_is_yandex(const Ini *ini, const char *section) {
        _cleanup_(secret_freep) char *type = ini_get(ini, section, "type");

        return streq(type, YANDEX_TYPE);
}

/* Lists the names of the remotes of Yandex Disk, such as "one two 'and three'"; "" if there are
 * none. *ret_first becomes the first of them. */
static int rclone_list_remotes(const Ini *ini, char **ret_list, const char **ret_first,
                               size_t *ret_n) {
        _cleanup_(strv_freep) char **words = NULL;
        int r = 0;

        *ret_n = 0;
        for (char *const *section = ini->sections; r >= 0 && *section; section++) {
                _cleanup_free_ char *word = NULL;

                if (!rclone_is_yandex(ini, *section))
                        continue;
                if ((*ret_n)++ == 0)
                        *ret_first = *section;
                r = shell_quote_word(*section, &word);
                if (r >= 0)
                        r = strv_extend(&words, word);
        }
        return r < 0 ? r : strv_join(words, ret_list);
}

static ExitStatus rclone_choose_only(const TokenSource *s, const Ini *ini, const char **ret) {
        _cleanup_free_ char *list = NULL;
        size_t n;

        if (rclone_list_remotes(ini, &list, ret, &n) < 0)
                return fail_errno(-ENOMEM, "list the remotes");
        if (n > 1)
                return fail_usage(
                        "%s has several remotes of Yandex Disk; choose one with --remote: %s",
                        s->name, list);
        if (n == 0 && ini_find(ini->sections, YDCMD_SECTION))
                return fail_usage(
                        "%s is a file of ydcmd; import it with \"yadiskctl import ydcmd\".",
                        s->name);
        if (n == 0)
                return fail_usage("%s has no remote of the type \"yandex\"; name the right file, "
                                  "or sign in with \"yadiskctl login\".",
                                  s->name);
        return EXIT_STATUS_OK;
}

static ExitStatus rclone_choose(const TokenSource *s, const Ini *ini, const char *wanted,
                                const char **ret) {
        if (!wanted)
                return rclone_choose_only(s, ini, ret);
        if (!strv_contains(ini->sections, wanted))
                return fail_usage("%s has no remote \"%s\"; \"rclone listremotes\" lists them.",
                                  s->name, wanted);
        if (!rclone_is_yandex(ini, wanted))
                return fail_usage("The remote \"%s\" is not of the type \"yandex\"; name one that "
                                  "is with --remote.",
                                  wanted);
        *ret = wanted;
        return EXIT_STATUS_OK;
}

static ExitStatus rclone_explain_fed(const char *remote) {
        _cleanup_free_ char *word = NULL;

        if (shell_quote_word(remote, &word) < 0)
                return fail_errno(-ENOMEM, "read the file");
        return fail_usage(
                "The remote \"%s\" gets its tokens from here already, so there is nothing "
                "to import; if it gets none, run \"yadiskctl feed add rclone --remote %s "
                "--write\".",
                remote, word);
}

static ExitStatus rclone_read_token(const Ini *ini, const char *remote, TokenPair *p) {
        _cleanup_(secret_freep) char *token = ini_get(ini, remote, "token");
        int r;

        if (!token)
                return fail_usage(
                        "The remote \"%s\" has no token; sign in with \"yadiskctl login\" instead.",
                        remote);

        r = token_json_read(token, 0, p);
        if (r == -EBADMSG || r == -EPROTO)
                return fail_usage("The token of the remote \"%s\" is not the JSON that rclone "
                                  "writes; sign in with \"yadiskctl login\" instead.",
                                  remote);
        if (r < 0)
                return fail_errno(r, "read the token");
        if (p->refresh_token && str_has_prefix(p->refresh_token, FEED_HANDLE_PREFIX))
                return rclone_explain_fed(remote);
        return EXIT_STATUS_OK;
}

/* The application of the remote takes precedence over that in its token. */
static ExitStatus rclone_read_application(const Ini *ini, const char *remote,
                                          const ImportOptions *options, TokenPair *p) {
        free(p->client_id);
        (void) secret_free(p->client_secret);
        p->client_id = ini_get(ini, remote, "client_id");
        p->client_secret = ini_get(ini, remote, "client_secret");
        if (!p->client_id && !options->client_id)
                return fail_usage(
                        "The remote \"%s\" uses rclone's own application, whose tokens only rclone "
                        "can renew; sign in through one of yours with \"yadiskctl login\" instead.",
                        remote);
        return EXIT_STATUS_OK;
}

ExitStatus token_file_parse_rclone(TokenSource *s, const ImportOptions *options, TokenPair *ret) {
        _cleanup_(ini_done) Ini ini = {};
        const char *remote = NULL;
        ExitStatus status;

        if (rclone_conf_is_encrypted(s->data, s->size))
                return rclone_explain_encrypted(s, options->remote);

        status = ini_parse(s, &ini);
        if (status == EXIT_STATUS_OK)
                status = rclone_choose(s, &ini, options->remote, &remote);
        if (status == EXIT_STATUS_OK)
                status = rclone_read_token(&ini, remote, ret);
        if (status == EXIT_STATUS_OK)
                status = rclone_read_application(&ini, remote, options, ret);
        if (status == EXIT_STATUS_OK && str_replace(&ret->remote, remote) < 0)
                status = fail_errno(-ENOMEM, "note the remote");
        return status;
}

ExitStatus token_file_find_ydcmd(char **ret) {
        const char *home = getenv("HOME");
        int r;

        if (str_is_empty(home))
                return fail_usage(
                        "HOME is not set; name the file: \"yadiskctl import ydcmd FILE\".");
        r = str_format(ret, "%s/.ydcmd.cfg", home);
        return r < 0 ? fail_errno(r, "name the file") : EXIT_STATUS_OK;
}

static char *ydcmd_get(const Ini *ini, const char *section, const char *key, const char *other) {
        return ini_get(ini, section, key) ?: ini_get(ini, section, other);
}

ExitStatus token_file_parse_ydcmd(TokenSource *s, const ImportOptions *options, TokenPair *ret) {
        _cleanup_(ini_done) Ini ini = {};
        const char *section;
        ExitStatus status;

        status = ini_parse(s, &ini);
        if (status != EXIT_STATUS_OK)
                return status;

        section = ini_find(ini.sections, YDCMD_SECTION);
        if (!section)
                return fail_usage("%s has no section [ydcmd], so it is no file of ydcmd; name the "
                                  "right file, or import it with \"yadiskctl import rclone\".",
                                  s->name);

        ret->access_token = ini_get(&ini, section, "token");
        ret->refresh_token = ydcmd_get(&ini, section, "refresh-token", "refresh_token");
        ret->client_id = ydcmd_get(&ini, section, "app-id", "client_id");
        ret->client_secret = ydcmd_get(&ini, section, "app-secret", "client_secret");

        if (!ret->access_token && !ret->refresh_token)
                return fail_usage("%s has no token; sign in with \"yadiskctl login\" instead.",
                                  s->name);
        if (!ret->refresh_token)
                return fail_usage(
                        "%s holds an access token only, since ydcmd keeps no refresh token, so "
                        "there is nothing to renew; sign in with \"yadiskctl login\" instead.",
                        s->name);
        if (!ret->client_id && !options->client_id)
                return fail_usage(
                        "%s names no application of yours, whose tokens only ydcmd could renew; "
                        "sign in through one of yours with \"yadiskctl login\" instead.",
                        s->name);
        return EXIT_STATUS_OK;
}
