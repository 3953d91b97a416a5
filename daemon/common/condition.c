/* SPDX-License-Identifier: MIT */

#include "common/condition.h"

#include <stdio.h>

#include "common/i18n.h"
#include "common/names.h"
#include "common/utf8.h"

#define BUS_ERROR_FAILED "org.freedesktop.DBus.Error.Failed"
#define CODE_MAX         64

typedef struct ConditionRow {
        const char *bus_name;
        const char *sentence;
        ExitStatus exit_status;
} ConditionRow;

static const ConditionRow table[_CONDITION_MAX - _CONDITION_MIN] = {
#define ROW(condition) [condition - _CONDITION_MIN]
        ROW(CONDITION_NOT_SIGNED_IN) = {
                TOKENS_ERROR("NotSignedIn"),
                N_("Nobody is signed in yet; run \"yadiskctl login\"."),
                EXIT_STATUS_NO_ACCOUNT,
        },
        ROW(CONDITION_SIGN_IN_NEEDED) = {
                TOKENS_ERROR("SignInNeeded"),
                N_("Yandex no longer accepts this sign-in; run \"yadiskctl login\" to sign in again."),
                EXIT_STATUS_SIGN_IN_NEEDED,
        },
        ROW(CONDITION_APP_REFUSED) = {
                TOKENS_ERROR("AppRefused"),
                N_("Yandex refused the application; check its ClientID and secret at "
                "https://oauth.yandex.ru, then run \"yadiskctl login\" with the right ones."),
                EXIT_STATUS_DENIED,
        },
        ROW(CONDITION_APP_NOT_ALLOWED) = {
                TOKENS_ERROR("AppRefused"),
                N_("Yandex does not allow this application to do that: it awaits moderation or is blocked; "
                "look it up at https://oauth.yandex.ru, and try again once Yandex has allowed it."),
                EXIT_STATUS_DENIED,
        },
        ROW(CONDITION_CLIENT_SECRET_MISSING) = {
                TOKENS_ERROR("ClientSecretMissing"),
                N_("The secret of the application is no longer in the keyring, or cannot be read there; copy "
                "it from https://oauth.yandex.ru and run \"yadiskctl apps add\" to give it again."),
                EXIT_STATUS_SIGN_IN_NEEDED,
        },
        ROW(CONDITION_KEYRING_LOCKED) = {
                TOKENS_ERROR("KeyringLocked"),
                N_("The keyring is locked; unlock it, or run the command again in a terminal."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_KEYRING_ITEMS_LOCKED) = {
                TOKENS_ERROR("KeyringLocked"),
                N_("The keyring is open, but it lets a program read its entries only when you allow it; run "
                "the command again in a terminal, and allow it in the window that opens."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_KEYRING_UNAVAILABLE) = {
                TOKENS_ERROR("KeyringUnavailable"),
                N_("No keyring service is running; install and start one, for example gnome-keyring."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_KEYRING_MISSING) = {
                TOKENS_ERROR("KeyringUnavailable"),
                N_("There is no keyring yet to keep tokens in; run \"yadiskctl doctor\" to see how to make "
                "one."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_KEYRING_FAILED) = {
                TOKENS_ERROR("KeyringFailed"),
                N_("The keyring cannot be used as it should; look at the journal for what is wrong with "
                "it, then try again."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_KEYRING_DISMISSED) = {
                TOKENS_ERROR("KeyringFailed"),
                N_("The change was refused in the window of the keyring, and nothing is lost; run the "
                "command again and allow it there."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_RECORD_NEWER) = {
                TOKENS_ERROR("KeyringFailed"),
                N_("The keyring entry of this account, or of its application, was written by a newer "
                "yadisk-tokend; install that version again."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_RECORD_UNREADABLE) = {
                TOKENS_ERROR("KeyringFailed"),
                N_("The keyring entry of this account cannot be read; sign the account out with \"yadiskctl "
                "logout\", then run \"yadiskctl login\"."),
                EXIT_STATUS_KEYRING,
        },
        ROW(CONDITION_OFFLINE) = {
                TOKENS_ERROR("Offline"),
                N_("Yandex cannot be reached; check the network and try again."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_SERVER_TROUBLE) = {
                TOKENS_ERROR("ServerTrouble"),
                N_("Yandex did not answer as it should; try again later."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_LIBRARY_MISSING) = {
                TOKENS_ERROR("ServerTrouble"),
                N_("Yandex cannot be asked, since libcurl is missing, or does not use the OpenSSL that "
                "yadisk-tokend does; install the one that does (in Debian: libcurl4), and look at "
                "LD_LIBRARY_PATH."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_UNKNOWN_REFUSAL) = {
                TOKENS_ERROR("Refused"),
                N_("Yandex refused for a reason that this version does not know; check at "
                "https://id.yandex.ru that the account is in order, or ask Yandex support."),
                EXIT_STATUS_DENIED,
        },
        ROW(CONDITION_RATE_LIMITED) = {
                TOKENS_ERROR("RateLimited"),
                N_("Yandex asks for a pause; try again later."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_OVER_BUDGET) = {
                TOKENS_ERROR("RateLimited"),
                N_("Programs on this machine want more of Yandex than it may be asked at once; try "
                   "again in a minute."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_EXPIRED) = {
                TOKENS_ERROR("Expired"),
                N_("The code was not confirmed in time; start the sign-in again."),
                EXIT_STATUS_FAILURE,
        },
        ROW(CONDITION_ACCESS_DENIED) = {
                TOKENS_ERROR("AccessDenied"),
                N_("Access was denied; start the sign-in again and press Allow."),
                EXIT_STATUS_DENIED,
        },
        ROW(CONDITION_NO_SUCH_ACCOUNT) = {
                TOKENS_ERROR("NoSuchAccount"),
                N_("There is no such account; \"yadiskctl list\" shows those there are."),
                EXIT_STATUS_NO_ACCOUNT,
        },
        ROW(CONDITION_AMBIGUOUS) = {
                TOKENS_ERROR("Ambiguous"),
                N_("Several accounts answer to that name; use the id that \"yadiskctl list\" shows."),
                EXIT_STATUS_NO_ACCOUNT,
        },
        ROW(CONDITION_PENDING) = {
                TOKENS_ERROR("Pending"),
                N_("The sign-in waits for the user; open the page that is shown and enter the code."),
                EXIT_STATUS_TRY_LATER,
        },
        ROW(CONDITION_CANCELLED) = {
                TOKENS_ERROR("Cancelled"),
                N_("The request was cancelled; start it again if it is still wanted."),
                EXIT_STATUS_FAILURE,
        },
        ROW(CONDITION_INVALID_ARGS) = {
                "org.freedesktop.DBus.Error.InvalidArgs",
                N_("An argument is not valid; io.github.yadiskctl.Tokens1(5) tells what is."),
                EXIT_STATUS_USAGE,
        },
        ROW(CONDITION_SECRET_IN_USE) = {
                "org.freedesktop.DBus.Error.InvalidArgs",
                N_("An account uses this application with another client secret; if the new one is right, "
                "run \"yadiskctl apps add\" with the option --replace."),
                EXIT_STATUS_USAGE,
        },
        ROW(CONDITION_LIMITS_EXCEEDED) = {
                "org.freedesktop.DBus.Error.LimitsExceeded",
                N_("Too many requests are open at once; end some of them first."),
                EXIT_STATUS_FAILURE,
        },
#undef ROW
};

static char named[CONDITION_NAMED_MAX - _CONDITION_MAX][384];

static const ConditionRow *condition_find(int r) {
        if (r >= _CONDITION_MAX && r < CONDITION_NAMED_MAX)
                r = CONDITION_UNKNOWN_REFUSAL;
        return condition_is_valid(r) ? &table[r - _CONDITION_MIN] : NULL;
}

int condition_unknown_refusal(const char *code) {
        const char *sentence = condition_find(CONDITION_UNKNOWN_REFUSAL)->sentence;
        int clause = (int) strcspn(sentence, ";");
        char text[sizeof(named[0])];

        if (!ascii_is_printable(code, CODE_MAX))
                return CONDITION_UNKNOWN_REFUSAL;

        (void) snprintf(text, sizeof(text), "%.*s (%s)%s", clause, sentence, code,
                        sentence + clause);
        for (int i = 0; i < (int) ELEMENTSOF(named); i++) {
                if (named[i][0] == '\0')
                        strcpy(named[i], text);
                if (streq(named[i], text))
                        return _CONDITION_MAX + i;
        }
        return CONDITION_UNKNOWN_REFUSAL;
}

bool condition_is_of_keyring_state(int r) {
        return r == CONDITION_KEYRING_LOCKED || r == CONDITION_KEYRING_ITEMS_LOCKED ||
               r == CONDITION_KEYRING_UNAVAILABLE || r == CONDITION_KEYRING_MISSING;
}

bool condition_is_of_keyring(int r) {
        return condition_exit_status(r) == EXIT_STATUS_KEYRING;
}

const char *condition_bus_name(int r) {
        const ConditionRow *row = condition_find(r);

        return row ? row->bus_name : BUS_ERROR_FAILED;
}

const char *condition_sentence(int r) {
        const ConditionRow *row = condition_find(r);

        if (r >= _CONDITION_MAX && row && *named[r - _CONDITION_MAX])
                return named[r - _CONDITION_MAX];
        return row ? row->sentence
                   : N_("Something went wrong inside yadisk-tokend; look at \"journalctl --user -u "
                        "yadisk-tokend\".");
}

ExitStatus condition_exit_status(int r) {
        const ConditionRow *row = condition_find(r);

        return row ? row->exit_status : r == 0 ? EXIT_STATUS_OK : EXIT_STATUS_FAILURE;
}

int condition_from_bus_name(const char *name) {
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++)
                if (streq(condition_find(r)->bus_name, name))
                        return r;
        return _CONDITION_INVALID;
}
