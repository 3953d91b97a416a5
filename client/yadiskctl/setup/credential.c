/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/credential.h"

#include <stdio.h>

#include "common/i18n.h"
#include "yadiskctl/setup/mistake.h"
#include "yadiskctl/terminal/secret.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define TRIES_MAX        5
#define ORIGIN_MAX_BYTES 512

ExitStatus credential_explain_no_terminal(void) {
        return fail(EXIT_STATUS_USAGE, "There is no terminal to ask on; give the application with "
                                       "--client-id ID and --client-secret-file FILE.");
}

ExitStatus credential_explain_no_answer(int r) {
        if (r != -ECANCELED)
                return fail_errno(r, "ask at the terminal");
        return fail(EXIT_STATUS_FAILURE,
                    "Cancelled, nothing was saved; run the command again to start over.");
}

/* What is asked for: the secret of client_id, or where that is NULL a ClientID. */
typedef struct Wanted {
        const char *question;
        const char *client_id;
        bool is_optional; /* an empty answer will do, and leaves what there was */
} Wanted;

/* 0 with an answer, or with a mistake and none; or a negative errno. */
static int ask_once(const Wanted *w, char **ret, Mistake *ret_mistake) {
        _cleanup_(secret_freep) char *answer = NULL;
        int r;

        r = terminal_ask(w->question, w->client_id, &answer);
        if (r == -EMSGSIZE || r == -EBADMSG) {
                *ret_mistake = r == -EMSGSIZE ? MISTAKE_TOO_LONG : MISTAKE_STRAY;
                return 0;
        }
        if (r < 0)
                return r;

        if (w->is_optional && *answer == '\0')
                return 0;

        *ret_mistake = w->client_id ? mistake_find_in_secret(answer, w->client_id)
                                    : mistake_find_in_client_id(answer);
        if (*ret_mistake == MISTAKE_NONE) {
                secret_free(*ret);
                *ret = TAKE_PTR(answer);
        }
        return 0;
}

static ExitStatus ask(const Wanted *w, char **ret) {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
                Mistake mistake = MISTAKE_NONE;
                int r;

                r = ask_once(w, ret, &mistake);
                if (r < 0)
                        return credential_explain_no_answer(r);
                if (mistake == MISTAKE_NONE)
                        return EXIT_STATUS_OK;
                paragraph_print(stderr, _(mistake_sentence(mistake)));
        }
        return fail(EXIT_STATUS_USAGE, "None of the answers was right; open the application's page "
                                       "at https://oauth.yandex.ru, then run the command again.");
}

ExitStatus credential_ask_client_id(char **ret) {
        Wanted w = { .question = _("ClientID of the application:") };

        return ask(&w, ret);
}

ExitStatus credential_ask_client_secret(const char *client_id, char **ret) {
        Wanted w = { .question = _("Client secret:"), .client_id = client_id };

        return ask(&w, ret);
}

ExitStatus credential_ask_optional_secret(const char *client_id, char **ret) {
        Wanted w = {
                .question = _("Client secret (empty: sign in without one):"),
                .client_id = client_id,
                .is_optional = true,
        };

        return ask(&w, ret);
}

ExitStatus credential_take_client_id(const char *given, char **ret) {
        Mistake mistake = mistake_find_in_client_id(given);

        if (mistake != MISTAKE_NONE)
                return fail(EXIT_STATUS_USAGE, "--client-id: %s", _(mistake_sentence(mistake)));
        return str_replace(ret, given) < 0 ? fail_errno(-ENOMEM, "note the ClientID")
                                           : EXIT_STATUS_OK;
}

static ExitStatus explain_file(int r, const char *path) {
        char origin[ORIGIN_MAX_BYTES];

        (void) snprintf(origin, sizeof(origin), _("The client secret in \"%s\""), path);
        switch (r) {
        case -ENODATA:
                return fail(EXIT_STATUS_USAGE, "%s is empty.", origin);
        case -EMSGSIZE:
                return fail(EXIT_STATUS_USAGE, "%s is too long; at most %zu bytes are accepted.",
                            origin, SECRET_MAX_BYTES);
        case -EBADMSG:
                return fail(EXIT_STATUS_USAGE,
                            "%s contains characters that do not belong there; copy it again from "
                            "https://oauth.yandex.ru.",
                            origin);
        default:
                return fail(EXIT_STATUS_USAGE, "%s cannot be read: %s.", origin, strerror(-r));
        }
}

ExitStatus credential_read_client_secret(const char *file, const char *client_id, char **ret) {
        _cleanup_(secret_freep) char *secret = NULL;
        bool is_stdin = streq(file, "-");
        Mistake mistake;
        int r;

        if (is_stdin && terminal_can_ask())
                return credential_ask_client_secret(client_id, ret); /* typed, so not to be shown */

        r = is_stdin ? secret_read(STDIN_FILENO, &secret) : secret_read_file(file, &secret);
        if (r < 0)
                return explain_file(r, file);

        mistake = mistake_find_in_secret(secret, client_id);
        if (mistake != MISTAKE_NONE)
                return fail(EXIT_STATUS_USAGE, "--client-secret-file: %s",
                            _(mistake_sentence(mistake)));

        secret_free(*ret);
        *ret = TAKE_PTR(secret);
        return EXIT_STATUS_OK;
}
