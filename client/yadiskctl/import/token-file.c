/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/token-file.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/secret.h"

/* A clock may be wrong by hours; Yandex has the last word on what ended less long ago. */
#define LONG_AGO_SEC (UINT64_C(24) * 60 * 60)

static ExitStatus find_standard_input(char **ret) {
        return str_replace(ret, "-") < 0 ? fail_errno(-ENOMEM, "name the file") : EXIT_STATUS_OK;
}

static const TokenFormat formats[] = {
        { "rclone", token_file_find_rclone, token_file_parse_rclone },
        { "ydcmd", token_file_find_ydcmd, token_file_parse_ydcmd },
        { "json", find_standard_input, token_file_parse_json },
};

const TokenFormat *token_format_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(formats); i++)
                if (streq(formats[i].name, name))
                        return &formats[i];
        return NULL;
}

void token_pair_done(TokenPair *p) {
        (void) secret_free(p->access_token);
        (void) secret_free(p->refresh_token);
        (void) secret_free(p->client_secret);
        free(p->client_id);
        free(p->remote);
        *p = (TokenPair){};
}

static ExitStatus check(const TokenSource *s, const TokenPair *p) {
        char moment[MOMENT_MAX_BYTES];
        uint64_t now = moment_now();

        if (str_is_empty(p->refresh_token))
                return fail(EXIT_STATUS_USAGE,
                            "%s holds an access token without a refresh token, so there is nothing "
                            "to renew; sign in with \"yadiskctl login\" instead.",
                            s->name);
        if (p->expires_at != 0 && p->expires_at + LONG_AGO_SEC < now)
                return fail(EXIT_STATUS_USAGE,
                            "%s holds a token that ended %s, and its refresh token ended with it; "
                            "sign in with \"yadiskctl login\" instead.",
                            s->name, moment_print(p->expires_at, now, moment));
        return EXIT_STATUS_OK;
}

ExitStatus token_file_read(const TokenFormat *format, const char *path, const TokenWish *wish,
                           TokenSource *ret_source, TokenPair *ret_pair) {
        _cleanup_(token_source_done) TokenSource source = {};
        _cleanup_(token_pair_done) TokenPair pair = {};
        _cleanup_free_ char *found = NULL;
        ExitStatus s = EXIT_STATUS_OK;

        if (!path)
                s = format->find(&found);
        if (s == EXIT_STATUS_OK)
                s = token_source_read(path ?: found, &source);
        if (s == EXIT_STATUS_OK)
                s = format->parse(&source, wish, &pair);
        if (s == EXIT_STATUS_OK)
                s = check(&source, &pair);
        if (s != EXIT_STATUS_OK)
                return s;

        *ret_source = source;
        *ret_pair = pair;
        source = (TokenSource){};
        pair = (TokenPair){};
        return EXIT_STATUS_OK;
}
