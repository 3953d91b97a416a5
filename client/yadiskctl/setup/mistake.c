/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/mistake.h"

#include <ctype.h>
#include <strings.h>

#include "common/i18n.h"
#include "common/utf8.h"
#include "common/util.h"
#include "yadiskctl/terminal/secret.h"

#define ACCESS_TOKEN_MIN_BYTES   30 /* those seen have 39 and more */
#define CONFIRMATION_CODE_DIGITS 7
#define CONFIRMATION_CODE_LENGTH 16
#define USER_CODE_LENGTH         8

static const char *const sentences[] = {
        [MISTAKE_EMPTY] = N_("Nothing was entered; ClientID and client secret are shown on the "
                             "application's page at https://oauth.yandex.ru."),
        [MISTAKE_TOO_LONG] =
                N_("This is too long; copy just the one line from the application's page."),
        [MISTAKE_QUOTED] = N_("There are quotes around it; leave them out."),
        [MISTAKE_HEADER] = N_("This is a header with an access token; copy ClientID and client "
                              "secret from the application's page instead."),
        [MISTAKE_ADDRESS] = N_("This is an address; ClientID and client secret are shown on the "
                               "application's page, next to these words."),
        [MISTAKE_LABELLED] =
                N_("The words in front are not part of it; copy only what follows them."),
        [MISTAKE_REFRESH_TOKEN] = N_("This is a refresh token; copy ClientID and client secret "
                                     "from the application's page instead."),
        [MISTAKE_ACCESS_TOKEN] =
                N_("This is an access token, which the sign-in will fetch by itself; copy ClientID "
                   "and client secret from the application's page instead."),
        [MISTAKE_MAIL_ADDRESS] = N_("This is a mail address or a login; the ClientID is assigned "
                                    "by Yandex and shown on the application's page."),
        [MISTAKE_STRAY] = N_("It contains characters that do not belong there; copy it again from "
                             "the application's page."),
        [MISTAKE_NAME] =
                N_("This looks like a name, such as that of the application; ClientID and client "
                   "secret are shown below the name on its page, and contain no spaces."),
        [MISTAKE_LOOK_ALIKE] = N_("It contains a Cyrillic letter that only looks like a Latin one; "
                                  "copy it instead of typing it."),
        [MISTAKE_CONFIRMATION_CODE] =
                N_("This is a confirmation code, for signing in later; copy ClientID and client "
                   "secret from the application's page instead."),
        [MISTAKE_USER_CODE] =
                N_("This is a code to enter on Yandex's page when signing in later; copy ClientID "
                   "and client secret from the application's page instead."),
        [MISTAKE_SAME] = N_("This is the ClientID again; the client secret is shown below it on "
                            "the application's page."),
};

/* Cyrillic letters that nobody can tell from Latin ones: а с е о р х у, and capitals. */
static const char look_alikes[] = "асеорхуАВСЕНКМОРТХУ";

static bool begins(const char *s, const char *prefix) {
        return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

static bool begins_with_any(const char *s, const char *const *prefixes) {
        for (; *prefixes; prefixes++)
                if (begins(s, *prefixes))
                        return true;
        return false;
}

static bool consists_of(const char *s, int (*class)(int)) {
        for (; *s; s++)
                if (!isascii(*s) || !class(*s))
                        return false;
        return true;
}

static bool has_any(const char *s, int (*class)(int)) {
        for (; *s; s++)
                if (isascii(*s) && class(*s))
                        return true;
        return false;
}

static bool is_empty(const char *s) {
        return !*s;
}

static bool is_too_long(const char *s) {
        return strlen(s) > SECRET_MAX_BYTES;
}

static bool is_quoted(const char *s) {
        static const char *const quotes[] = { "\"", "'", "`", "<", "«", "“", "„", "‘", NULL };

        return begins_with_any(s, quotes);
}

static bool is_header(const char *s) {
        static const char *const headers[] = { "authorization:", "oauth ", "bearer ", NULL };

        return begins_with_any(s, headers);
}

static bool is_address(const char *s) {
        static const char *const hosts[] = { "www.",       "oauth.yandex.", "ya.ru/",
                                             "yandex.ru/", "yandex.com/",   NULL };

        return strstr(s, "://") || begins_with_any(s, hosts);
}

static bool is_labelled(const char *s) {
        static const char *const labels[] = { "clientid",
                                              "client id",
                                              "client_id",
                                              "clientsecret",
                                              "client secret",
                                              "client_secret",
                                              "secret",
                                              "id",
                                              NULL };

        for (const char *const *label = labels; *label; label++) {
                char next = begins(s, *label) ? s[strlen(*label)] : '\0';

                if (next == ':' || next == '=' ||
                    (isspace((unsigned char) next) && begins(s, "client")))
                        return true;
        }
        return false;
}

/* "1:" and three more parts in the older shape, "2:" and five in the newer one. */
static bool is_refresh_token(const char *s) {
        size_t colons = 0;

        if (!isascii(*s) || !isdigit(*s) || s[1] != ':' || !consists_of(s, isgraph))
                return false;
        for (; *s; s++)
                colons += *s == ':';
        return colons >= 2;
}

/* "y0_" now; AQAA and AgAA in the past, which an opaque id might begin with as well. */
static bool is_access_token(const char *s) {
        bool is_long = strlen(s) >= ACCESS_TOKEN_MIN_BYTES;

        if (s[0] == 'y' && isdigit((unsigned char) s[1]) && s[2] == '_')
                return true;
        return is_long && (strncmp(s, "AQAA", 4) == 0 || strncmp(s, "AgAA", 4) == 0);
}

static bool is_mail_address(const char *s) {
        return strchr(s, '@') && !has_any(s, isspace);
}

static int is_unprintable(int c) {
        return iscntrl(c) && !isspace(c);
}

static bool is_stray(const char *s) {
        return has_any(s, is_unprintable) || !utf8_is_valid(s);
}

static bool is_cyrillic(uint32_t c) {
        return c >= 0x400 && c <= 0x52f;
}

static bool is_look_alike(uint32_t c) {
        const char *l = look_alikes;

        while (*l) {
                uint32_t look_alike;

                l += utf8_decode(l, &look_alike);
                if (c == look_alike)
                        return true;
        }
        return false;
}

/* Whether every character beyond ASCII, of which there is one at least, is such. */
static bool is_foreign(const char *s, bool (*is)(uint32_t)) {
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

static bool has_look_alike(const char *s) {
        return has_any(s, isalnum) && !has_any(s, isspace) && is_foreign(s, is_look_alike);
}

/* Words, or one in Cyrillic. */
static bool is_name(const char *s) {
        return has_any(s, isspace) || (is_foreign(s, is_cyrillic) && !has_look_alike(s));
}

static bool is_not_ascii(const char *s) {
        return !consists_of(s, isgraph);
}

/* The older shape is a number, the newer one a word. */
static bool is_confirmation_code(const char *s) {
        size_t length = strlen(s);

        return (length == CONFIRMATION_CODE_DIGITS && consists_of(s, isdigit)) ||
               (length == CONFIRMATION_CODE_LENGTH && consists_of(s, isalnum));
}

static bool is_user_code(const char *s) {
        return strlen(s) == USER_CODE_LENGTH && consists_of(s, isalnum) && !has_any(s, isupper);
}

typedef struct Rule {
        bool (*fits)(const char *s);
        Mistake mistake;
} Rule;

static const Rule rules[] = {
        { is_empty, MISTAKE_EMPTY },
        { is_too_long, MISTAKE_TOO_LONG },
        { is_stray, MISTAKE_STRAY },
        { is_quoted, MISTAKE_QUOTED },
        { is_header, MISTAKE_HEADER },
        { is_address, MISTAKE_ADDRESS },
        { is_labelled, MISTAKE_LABELLED },
        { is_refresh_token, MISTAKE_REFRESH_TOKEN },
        { is_access_token, MISTAKE_ACCESS_TOKEN },
        { is_mail_address, MISTAKE_MAIL_ADDRESS },
        { is_name, MISTAKE_NAME },
        { has_look_alike, MISTAKE_LOOK_ALIKE },
        { is_not_ascii, MISTAKE_STRAY },
        { is_confirmation_code, MISTAKE_CONFIRMATION_CODE },
        { is_user_code, MISTAKE_USER_CODE },
};

Mistake mistake_find(const char *text) {
        for (size_t i = 0; i < ELEMENTSOF(rules); i++)
                if (rules[i].fits(text))
                        return rules[i].mistake;
        return MISTAKE_NONE;
}

Mistake mistake_find_in_client_id(const char *client_id) {
        Mistake m = mistake_find(client_id);

        return m == MISTAKE_NONE && strlen(client_id) > CLIENT_ID_MAX_BYTES ? MISTAKE_TOO_LONG : m;
}

Mistake mistake_find_in_secret(const char *client_secret, const char *client_id) {
        Mistake m = mistake_find(client_secret);

        return m == MISTAKE_NONE && streq(client_secret, client_id) ? MISTAKE_SAME : m;
}

const char *mistake_sentence(Mistake m) {
        return sentences[m];
}
