/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/credential.h"

#include <ctype.h>
#include <strings.h>

#include "common/harden.h"
#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define TRIES_MAX                5
#define ORIGIN_MAX_BYTES         512
#define ACCESS_TOKEN_MIN_BYTES   30 /* those seen have 39 and more */
#define CONFIRMATION_CODE_DIGITS 7
#define CONFIRMATION_CODE_LENGTH 16
#define USER_CODE_LENGTH         8

/* Cyrillic letters that look like Latin ones: а с е о р х у, and capitals. */
static const char look_alikes[] = "асеорхуАВСЕНКМОРТХУ";

static bool text_begins(const char *s, const char *prefix) {
        return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

static bool text_begins_with_any(const char *s, const char *const *prefixes) {
        for (; *prefixes; prefixes++)
                if (text_begins(s, *prefixes))
                        return true;
        return false;
}

static bool text_consists_of(const char *s, int (*class)(int)) {
        for (; *s; s++)
                if (!isascii(*s) || !class(*s))
                        return false;
        return true;
}

static bool text_has_any(const char *s, int (*class)(int)) {
        for (; *s; s++)
                if (isascii(*s) && class(*s))
                        return true;
        return false;
}

static bool credential_is_empty(const char *s) {
        return !*s;
}

static bool credential_is_too_long(const char *s) {
        return strlen(s) > SECRET_MAX_BYTES;
}

/* What stands around a value in documents, and in the sources of programs. */
static const struct {
        const char *open, *close;
} quotes[] = {
        { "\"", "\"" }, { "'", "'" }, { "`", "`" }, { "<", ">" },
        { "«", "»" },   { "“", "”" }, { "„", "“" }, { "‘", "’" },
};

static bool credential_is_quoted(const char *s) {
        for (size_t i = 0; i < ELEMENTSOF(quotes); i++)
                if (text_begins(s, quotes[i].open))
                        return true;
        return false;
}

/* Takes off one pair of quotes, and erases what is left behind the text. */
static void credential_unquote(char *s) {
        size_t length = strlen(s);

        for (size_t i = 0; i < ELEMENTSOF(quotes); i++) {
                size_t begin = strlen(quotes[i].open), end = strlen(quotes[i].close);

                if (length < begin + end || !str_has_prefix(s, quotes[i].open) ||
                    !str_has_suffix(s, quotes[i].close))
                        continue;
                memmove(s, s + begin, length - begin - end);
                explicit_bzero(s + length - begin - end, begin + end);
                return;
        }
}

static bool credential_is_header(const char *s) {
        static const char *const headers[] = { "authorization:", "oauth ", "bearer ", NULL };

        return text_begins_with_any(s, headers);
}

static bool credential_is_address(const char *s) {
        static const char *const hosts[] = { "www.",       "oauth.yandex.", "ya.ru/",
                                             "yandex.ru/", "yandex.com/",   NULL };

        return strstr(s, "://") || text_begins_with_any(s, hosts);
}

static bool credential_is_labelled(const char *s) {
        static const char *const labels[] = {
                "clientid",      "client id",     "client_id", "clientsecret",
                "client secret", "client_secret", "secret",    "id",
        };

        for (size_t i = 0; i < ELEMENTSOF(labels); i++) {
                char next = text_begins(s, labels[i]) ? s[strlen(labels[i])] : '\0';

                if (next == ':' || next == '=' ||
                    (isspace((unsigned char) next) && text_begins(s, "client")))
                        return true;
        }
        return false;
}

/* "1:" and three more parts in the older shape, "2:" and five in the newer one. */
static bool credential_is_refresh_token(const char *s) {
        size_t colons = 0;

        if (!isascii(*s) || !isdigit(*s) || s[1] != ':' || !text_consists_of(s, isgraph))
                return false;
        for (; *s; s++)
                colons += *s == ':';
        return colons >= 2;
}

/* "y0_" now; AQAA and AgAA in the past, which an opaque id might begin with as well. */
static bool credential_is_access_token(const char *s) {
        bool is_long = strlen(s) >= ACCESS_TOKEN_MIN_BYTES;

        if (s[0] == 'y' && isdigit((unsigned char) s[1]) && s[2] == '_')
                return true;
        return is_long && (strncmp(s, "AQAA", 4) == 0 || strncmp(s, "AgAA", 4) == 0);
}

static bool credential_is_mail_address(const char *s) {
        return strchr(s, '@') && !text_has_any(s, isspace);
}

/* For text_has_any(), as the functions of <ctype.h>. */
static int char_is_unprintable(int c) {
        return iscntrl(c) && !isspace(c);
}

static bool char_is_cyrillic(uint32_t c) {
        return c >= 0x400 && c <= 0x52f;
}

static bool char_is_look_alike(uint32_t c) {
        uint32_t look_alike;

        for (const char *l = look_alikes; *l;) {
                l += utf8_decode(l, &look_alike);
                if (c == look_alike)
                        return true;
        }
        return false;
}

/* Whether there is a character beyond ASCII, and all of these are such. */
static bool text_is_foreign(const char *s, bool (*is)(uint32_t)) {
        bool found = false;

        while (*s) {
                uint32_t c;

                s += utf8_decode(s, &c);
                if (c > 0x7f && !is(c))
                        return false;
                found = found || c > 0x7f;
        }
        return found;
}

static bool credential_has_look_alike(const char *s) {
        return text_has_any(s, isalnum) && !text_has_any(s, isspace) &&
               text_is_foreign(s, char_is_look_alike);
}

/* Whether the text is several words, or one in Cyrillic. */
static bool credential_is_name(const char *s) {
        return text_has_any(s, isspace) ||
               (text_is_foreign(s, char_is_cyrillic) && !credential_has_look_alike(s));
}

static bool credential_is_stray(const char *s) {
        return !text_consists_of(s, isgraph);
}

/* The older shape is a number, the newer one a word. */
static bool credential_is_confirmation_code(const char *s) {
        size_t length = strlen(s);

        return (length == CONFIRMATION_CODE_DIGITS && text_consists_of(s, isdigit)) ||
               (length == CONFIRMATION_CODE_LENGTH && text_consists_of(s, isalnum));
}

static bool credential_is_user_code(const char *s) {
        return strlen(s) == USER_CODE_LENGTH && text_consists_of(s, isalnum) &&
               !text_has_any(s, isupper);
}

/* Looked for in this order. */
static const struct {
        bool (*fits)(const char *s);
        const char *sentence;
} faults[_FAULT_MAX] = {
        [FAULT_EMPTY] = { credential_is_empty,
                          N_("Nothing was entered; ClientID and client secret are shown on the "
                             "application's page at https://oauth.yandex.ru.") },
        [FAULT_TOO_LONG] = { credential_is_too_long, N_("This is too long; copy just the one line "
                                                        "from the application's page.") },
        [FAULT_QUOTED] = { credential_is_quoted,
                           N_("There are quotes around it; leave them out.") },
        [FAULT_HEADER] = { credential_is_header,
                           N_("This is a header with an access token; copy ClientID and client "
                              "secret from the application's page instead.") },
        [FAULT_ADDRESS] = { credential_is_address,
                            N_("This is an address; ClientID and client secret are shown on the "
                               "application's page, next to these words.") },
        [FAULT_LABELLED] = { credential_is_labelled, N_("The words in front are not part of it; "
                                                        "copy only what follows them.") },
        [FAULT_REFRESH_TOKEN] = { credential_is_refresh_token,
                                  N_("This is a refresh token; copy ClientID and client secret "
                                     "from the application's page instead.") },
        [FAULT_ACCESS_TOKEN] = { credential_is_access_token,
                                 N_("This is an access token, which the sign-in will fetch by "
                                    "itself; copy ClientID and client secret from the "
                                    "application's page instead.") },
        [FAULT_MAIL_ADDRESS] = { credential_is_mail_address,
                                 N_("This is a mail address or a login; the ClientID is assigned "
                                    "by Yandex and shown on the application's page.") },
        [FAULT_NAME] = { credential_is_name,
                         N_("This looks like a name, such as that of the application; ClientID and "
                            "client secret are shown below the name on its page, and contain no "
                            "spaces.") },
        [FAULT_LOOK_ALIKE] = { credential_has_look_alike,
                               N_("It contains a Cyrillic letter that only looks like a Latin one; "
                                  "copy it instead of typing it.") },
        [FAULT_STRAY] = { credential_is_stray,
                          N_("It contains characters that do not belong there; copy it again from "
                             "the application's page.") },
        [FAULT_CONFIRMATION_CODE] = { credential_is_confirmation_code,
                                      N_("This is a confirmation code, for signing in later; copy "
                                         "ClientID and client secret from the application's page "
                                         "instead.") },
        [FAULT_USER_CODE] = { credential_is_user_code,
                              N_("This is a code to enter on Yandex's page when signing in later; "
                                 "copy ClientID and client secret from the application's page "
                                 "instead.") },
        [FAULT_SAME] = { NULL, N_("This is the ClientID again; the client secret is shown below it "
                                  "on the application's page.") },
};

/* What is not UTF-8 comes first, since the rules read characters. */
CredentialFault credential_find_fault(const char *text) {
        if (text_has_any(text, char_is_unprintable) || !utf8_is_valid(text))
                return FAULT_STRAY;

        for (CredentialFault f = FAULT_NONE + 1; f < FAULT_SAME; f++)
                if (faults[f].fits(text))
                        return f;
        return FAULT_NONE;
}

CredentialFault credential_find_client_id_fault(const char *client_id) {
        CredentialFault f = credential_find_fault(client_id);

        return f == FAULT_NONE && strlen(client_id) > CLIENT_ID_MAX_BYTES ? FAULT_TOO_LONG : f;
}

CredentialFault credential_find_secret_fault(const char *client_secret, const char *client_id) {
        CredentialFault f = credential_find_fault(client_secret);

        return f == FAULT_NONE && streq(client_secret, client_id) ? FAULT_SAME : f;
}

const char *credential_fault_sentence(CredentialFault f) {
        return faults[f].sentence;
}

ExitStatus credential_explain_no_terminal(void) {
        return fail_usage("There is no terminal to ask on; give the application with --client-id "
                          "ID and --client-secret-file FILE.");
}

ExitStatus credential_explain_no_answer(int r) {
        if (r != -ECANCELED)
                return fail_errno(r, "ask at the terminal");
        return fail(EXIT_STATUS_FAILURE,
                    "Cancelled, nothing was saved; run the command again to start over.");
}

/* Asks for the secret of client_id, or for a ClientID if that is NULL. */
static ExitStatus credential_ask(const char *question, const char *client_id, bool is_optional,
                                 char **ret) {
        if (client_id)
                memory_hide();
        for (int tries = 0; tries < TRIES_MAX; tries++) {
                _cleanup_(secret_freep) char *answer = NULL;
                CredentialFault fault;
                int r;

                r = terminal_ask(question, client_id != NULL, &answer);
                if (r >= 0)
                        credential_unquote(answer);
                if (r == -EMSGSIZE || r == -EBADMSG)
                        fault = r == -EMSGSIZE ? FAULT_TOO_LONG : FAULT_STRAY;
                else if (r < 0)
                        return credential_explain_no_answer(r);
                else if (is_optional && *answer == '\0')
                        return EXIT_STATUS_OK;
                else
                        fault = client_id ? credential_find_secret_fault(answer, client_id)
                                          : credential_find_client_id_fault(answer);

                if (fault == FAULT_NONE) {
                        secret_free(*ret);
                        *ret = TAKE_PTR(answer);
                        return EXIT_STATUS_OK;
                }
                paragraph_print(stderr, _(credential_fault_sentence(fault)));
        }
        return fail_usage("None of the answers was right; open the application's page at "
                          "https://oauth.yandex.ru, then run the command again.");
}

ExitStatus credential_ask_client_id(char **ret) {
        return credential_ask(_("ClientID of the application:"), NULL, false, ret);
}

ExitStatus credential_ask_client_secret(const char *client_id, char **ret) {
        return credential_ask(_("Client secret:"), client_id, false, ret);
}

ExitStatus credential_ask_optional_secret(const char *client_id, char **ret) {
        return credential_ask(_("Client secret (empty: sign in without one):"), client_id, true,
                              ret);
}

ExitStatus credential_take_client_id(const char *given, char **ret) {
        CredentialFault fault = credential_find_client_id_fault(given);

        if (fault != FAULT_NONE)
                return fail_usage("--client-id: %s", _(credential_fault_sentence(fault)));
        return str_replace(ret, given) < 0 ? fail_errno(-ENOMEM, "note the ClientID")
                                           : EXIT_STATUS_OK;
}

static ExitStatus credential_explain_file(int r, const char *path) {
        char origin[ORIGIN_MAX_BYTES];

        (void) snprintf(origin, sizeof(origin), _("The client secret in \"%s\""), path);
        switch (r) {
        case -ENODATA:
                return fail_usage("%s is empty.", origin);
        case -EMSGSIZE:
                return fail_usage("%s is too long; at most %zu bytes are accepted.", origin,
                                  SECRET_MAX_BYTES);
        case -EBADMSG:
                return fail_usage("%s contains characters that do not belong there; copy it again "
                                  "from https://oauth.yandex.ru.",
                                  origin);
        default:
                return fail_usage("%s cannot be read: %s.", origin, strerror(-r));
        }
}

ExitStatus credential_read_client_secret(const char *file, const char *client_id, char **ret) {
        _cleanup_(secret_freep) char *secret = NULL;
        bool is_stdin = streq(file, "-");
        CredentialFault fault;
        int r;

        if (is_stdin && terminal_can_ask())
                return credential_ask_client_secret(client_id, ret); /* typed, so not to be shown */

        memory_hide();
        r = is_stdin ? secret_read(STDIN_FILENO, &secret) : secret_read_file(file, &secret);
        if (r < 0)
                return credential_explain_file(r, file);

        credential_unquote(secret);
        fault = credential_find_secret_fault(secret, client_id);
        if (fault != FAULT_NONE)
                return fail_usage("--client-secret-file: %s", _(credential_fault_sentence(fault)));

        secret_free(*ret);
        *ret = TAKE_PTR(secret);
        return EXIT_STATUS_OK;
}
