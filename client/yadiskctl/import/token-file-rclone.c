/* SPDX-License-Identifier: MIT */

/*
 * rclone.conf: a section for each remote, named as the remote is. What is of interest in one:
 *
 *     type = yandex
 *     client_id = ...             absent or empty: rclone's own application
 *     client_secret = ...
 *     token = {"access_token":"...","token_type":"OAuth","refresh_token":"...","expiry":"..."}
 */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/import/shell-word.h"
#include "yadiskctl/import/token-file-ini.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/terminal/secret.h"

#define OUR_TYPE        "yandex"
#define ENCRYPTION_MARK "RCLONE_ENCRYPT_V"

/* *ret becomes directory/rest, or NULL where there is no such file. */
static int look_in(const char *directory, const char *rest, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (str_is_empty(directory))
                return 0;
        r = str_format(&path, "%s/%s", directory, rest);
        if (r >= 0 && access(path, F_OK) == 0)
                *ret = TAKE_PTR(path);
        return r;
}

/* As rclone itself goes about it: $RCLONE_CONFIG and nothing else, or the first that is there. */
ExitStatus token_file_find_rclone(char **ret) {
        const char *named = getenv("RCLONE_CONFIG"), *home = getenv("HOME");
        int r;

        if (!str_is_empty(named))
                r = str_replace(ret, named);
        else {
                r = look_in(getenv("XDG_CONFIG_HOME"), "rclone/rclone.conf", ret);
                if (r >= 0 && !*ret)
                        r = look_in(home, ".config/rclone/rclone.conf", ret);
                if (r >= 0 && !*ret)
                        r = look_in(home, ".rclone.conf", ret);
        }
        if (r < 0)
                return fail_errno(r, "look for rclone.conf");
        if (!*ret)
                return fail(EXIT_STATUS_USAGE,
                            "There is no rclone.conf where rclone would look for it; name it: "
                            "\"yadiskctl import rclone FILE\".");
        return EXIT_STATUS_OK;
}

/* The mark stands where the first section would. */
static bool is_encrypted(const TokenSource *s) {
        const char *mark = strstr(s->data, ENCRYPTION_MARK);

        return mark && (mark == s->data || mark[-1] == '\n') &&
               !memchr(s->data, '[', mark - s->data);
}

static ExitStatus explain_encrypted(const TokenSource *s, const char *remote) {
        _cleanup_free_ char *word = NULL;

        if (remote && shell_word(remote, &word) < 0)
                return fail_errno(-ENOMEM, "read the file");
        return fail(EXIT_STATUS_USAGE,
                    "%s is encrypted; let rclone decrypt it: \"rclone config show %s | yadiskctl "
                    "import rclone -\".",
                    s->name, word ?: "NAME");
}

static bool is_of_type(const Ini *ini, const char *section, const char *type) {
        _cleanup_(secret_freep) char *value = ini_get(ini, section, "type");

        return streq(value, type);
}

/* "one two 'and three'", or "" for none; *ret_first is the first of them. */
static int list_ours(const Ini *ini, char **ret_list, const char **ret_first, size_t *ret_n) {
        _cleanup_(strv_freep) char **words = NULL;
        int r = 0;

        *ret_n = 0;
        for (char *const *section = ini_sections(ini); r >= 0 && *section; section++) {
                _cleanup_free_ char *word = NULL;

                if (!is_of_type(ini, *section, OUR_TYPE))
                        continue;
                if ((*ret_n)++ == 0)
                        *ret_first = *section;
                r = shell_word(*section, &word);
                if (r >= 0)
                        r = strv_extend(&words, word);
        }
        return r < 0 ? r : strv_join(words, ret_list);
}

static ExitStatus choose_the_only(const TokenSource *s, const Ini *ini, const char **ret) {
        _cleanup_free_ char *list = NULL;
        size_t n;

        if (list_ours(ini, &list, ret, &n) < 0)
                return fail_errno(-ENOMEM, "list the remotes");
        if (n > 1)
                return fail(EXIT_STATUS_USAGE,
                            "%s has several remotes of Yandex Disk; choose one with --remote: %s",
                            s->name, list);
        if (n == 0 && ini_find_section(ini, "ydcmd"))
                return fail(EXIT_STATUS_USAGE,
                            "%s is a file of ydcmd; import it with \"yadiskctl import ydcmd\".",
                            s->name);
        if (n == 0)
                return fail(EXIT_STATUS_USAGE,
                            "%s has no remote of the type \"yandex\"; name the right file, or sign "
                            "in with \"yadiskctl login\".",
                            s->name);
        return EXIT_STATUS_OK;
}

static ExitStatus choose(const TokenSource *s, const Ini *ini, const char *wanted,
                         const char **ret) {
        if (!wanted)
                return choose_the_only(s, ini, ret);
        if (!strv_contains(ini_sections(ini), wanted))
                return fail(EXIT_STATUS_USAGE,
                            "%s has no remote \"%s\"; \"rclone listremotes\" lists them.", s->name,
                            wanted);
        if (!is_of_type(ini, wanted, OUR_TYPE))
                return fail(
                        EXIT_STATUS_USAGE,
                        "The remote \"%s\" is not of the type \"yandex\"; name one that is with "
                        "--remote.",
                        wanted);
        *ret = wanted;
        return EXIT_STATUS_OK;
}

static ExitStatus read_token(const Ini *ini, const char *remote, TokenPair *p) {
        _cleanup_(secret_freep) char *token = ini_get(ini, remote, "token");
        int r;

        if (!token)
                return fail(EXIT_STATUS_USAGE,
                            "The remote \"%s\" has no token; sign in with \"yadiskctl login\" "
                            "instead.",
                            remote);

        r = token_json_read(token, 0, p);
        if (r == -EBADMSG || r == -EPROTO)
                return fail(EXIT_STATUS_USAGE,
                            "The token of the remote \"%s\" is not the JSON that rclone writes; "
                            "sign in with \"yadiskctl login\" instead.",
                            remote);
        return r < 0 ? fail_errno(r, "read the token") : EXIT_STATUS_OK;
}

/* The application that the remote names takes precedence over what stands in its token. */
static ExitStatus read_application(const Ini *ini, const char *remote, const TokenWish *wish,
                                   TokenPair *p) {
        free(p->client_id);
        (void) secret_free(p->client_secret);
        p->client_id = ini_get(ini, remote, "client_id");
        p->client_secret = ini_get(ini, remote, "client_secret");
        if (!p->client_id && !wish->client_id)
                return fail(EXIT_STATUS_USAGE,
                            "The remote \"%s\" uses rclone's own application, whose tokens only "
                            "rclone can renew; sign in through one of yours with \"yadiskctl "
                            "login\" instead.",
                            remote);
        return EXIT_STATUS_OK;
}

ExitStatus token_file_parse_rclone(TokenSource *s, const TokenWish *wish, TokenPair *ret) {
        _cleanup_(ini_freep) Ini *ini = NULL;
        const char *remote = NULL;
        ExitStatus status;

        if (is_encrypted(s))
                return explain_encrypted(s, wish->remote);

        status = ini_parse(s, &ini);
        if (status == EXIT_STATUS_OK)
                status = choose(s, ini, wish->remote, &remote);
        if (status == EXIT_STATUS_OK)
                status = read_token(ini, remote, ret);
        if (status == EXIT_STATUS_OK)
                status = read_application(ini, remote, wish, ret);
        if (status == EXIT_STATUS_OK && str_replace(&ret->remote, remote) < 0)
                status = fail_errno(-ENOMEM, "note the remote");
        return status;
}
