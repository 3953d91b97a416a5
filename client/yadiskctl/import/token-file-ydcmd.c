/* SPDX-License-Identifier: MIT */

/*
 * ydcmd.cfg: one section, with all options of ydcmd. What is of interest:
 *
 *     [ydcmd]
 *     token = ...
 *     app-id = ...                absent: ydcmd's own application
 *     app-secret = ...
 *     refresh-token = ...         ydcmd itself neither writes nor reads it
 */

#include "common/i18n.h"
#include "yadiskctl/import/token-file-ini.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/terminal/secret.h"

#define SECTION "ydcmd"

ExitStatus token_file_find_ydcmd(char **ret) {
        const char *home = getenv("HOME");
        int r;

        if (str_is_empty(home))
                return fail(EXIT_STATUS_USAGE, "HOME is not set; name the file: \"yadiskctl import "
                                               "ydcmd FILE\".");
        r = str_format(ret, "%s/.ydcmd.cfg", home);
        return r < 0 ? fail_errno(r, "name the file") : EXIT_STATUS_OK;
}

static char *get_either(const Ini *ini, const char *section, const char *key, const char *other) {
        return ini_get(ini, section, key) ?: ini_get(ini, section, other);
}

ExitStatus token_file_parse_ydcmd(TokenSource *s, const TokenWish *wish, TokenPair *ret) {
        _cleanup_(ini_freep) Ini *ini = NULL;
        const char *section;
        ExitStatus status;

        status = ini_parse(s, &ini);
        if (status != EXIT_STATUS_OK)
                return status;

        section = ini_find_section(ini, SECTION);
        if (!section)
                return fail(EXIT_STATUS_USAGE,
                            "%s has no section [ydcmd], so it is no file of ydcmd; name the right "
                            "file, or import it with \"yadiskctl import rclone\".",
                            s->name);

        ret->access_token = ini_get(ini, section, "token");
        ret->refresh_token = get_either(ini, section, "refresh-token", "refresh_token");
        ret->client_id = get_either(ini, section, "app-id", "client_id");
        ret->client_secret = get_either(ini, section, "app-secret", "client_secret");

        if (!ret->access_token && !ret->refresh_token)
                return fail(EXIT_STATUS_USAGE,
                            "%s has no token; sign in with \"yadiskctl login\" instead.", s->name);
        if (!ret->refresh_token)
                return fail(EXIT_STATUS_USAGE,
                            "%s holds an access token only, since ydcmd keeps no refresh token, so "
                            "there is nothing to renew; sign in with \"yadiskctl login\" instead.",
                            s->name);
        if (!ret->client_id && !wish->client_id)
                return fail(
                        EXIT_STATUS_USAGE,
                        "%s names no application of yours, whose tokens only ydcmd could renew; "
                        "sign in through one of yours with \"yadiskctl login\" instead.",
                        s->name);
        return EXIT_STATUS_OK;
}
