/* SPDX-License-Identifier: MIT */

/*
 * The public library. Each call opens its own connection to the bus and closes it again. So threads
 * share nothing, a fork inherits nothing, and no event loop of the program is used.
 */

#include "library/token.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "common/names.h"
#include "common/utf8.h"
#include "common/util.h"
#include "shared/session-bus.h"
#include "shared/token-answer.h"
#include "yadisk-token.h"

#define _public_      __attribute__((visibility("default")))
#define HEADER_PREFIX "Authorization: OAuth "

/* The options of the first version. There is no padding, which a caller would leave uninitialized
 * and a later version would read. */
#define OPTIONS_MIN_BYTES (offsetof(YadiskTokenOptions, force) + sizeof(int))
_Static_assert(sizeof(YadiskTokenOptions) ==
                       sizeof(size_t) + sizeof(char *) + sizeof(uint32_t) + sizeof(int),
               "options without padding");

/* The numbers of Condition are not part of the ABI, and a program does not need every
 * difference. */
static int error_from_condition(Condition condition) {
        switch (condition) {
        case CONDITION_NOT_SIGNED_IN:
                return YADISK_TOKEN_NOT_SIGNED_IN;
        case CONDITION_SIGN_IN_NEEDED:
        case CONDITION_EXPIRED:
        case CONDITION_CLIENT_SECRET_MISSING:
                return YADISK_TOKEN_SIGN_IN_NEEDED;
        case CONDITION_APP_REFUSED:
        case CONDITION_APP_NOT_ALLOWED:
        case CONDITION_UNKNOWN_REFUSAL:
                return YADISK_TOKEN_APP_REFUSED;
        case CONDITION_KEYRING_LOCKED:
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return YADISK_TOKEN_KEYRING_LOCKED;
        case CONDITION_KEYRING_UNAVAILABLE:
        case CONDITION_KEYRING_MISSING:
        case CONDITION_KEYRING_FAILED:
        case CONDITION_KEYRING_DISMISSED:
        case CONDITION_RECORD_NEWER:
        case CONDITION_RECORD_UNREADABLE:
                return YADISK_TOKEN_KEYRING_FAILED;
        case CONDITION_OFFLINE:
        case CONDITION_SERVER_TROUBLE:
        case CONDITION_LIBRARY_MISSING:
        case CONDITION_RATE_LIMITED:
        case CONDITION_OVER_BUDGET:
        case CONDITION_PENDING:
                return YADISK_TOKEN_TRY_LATER;
        case CONDITION_ACCESS_DENIED:
                return YADISK_TOKEN_ACCESS_DENIED;
        case CONDITION_NO_SUCH_ACCOUNT:
        case CONDITION_AMBIGUOUS:
                return YADISK_TOKEN_NO_SUCH_ACCOUNT;
        case CONDITION_CANCELLED:
        case CONDITION_INVALID_ARGS:
        case CONDITION_SECRET_IN_USE:
        case CONDITION_LIMITS_EXCEEDED:
        case _CONDITION_MAX:
        case _CONDITION_INVALID:
                break;
        }
        return YADISK_TOKEN_FAILED;
}

int error_from_bus(const sd_bus_error *error, int r) {
        if (bus_error_is_unreachable(error, r))
                return YADISK_TOKEN_NO_DAEMON;
        if (!sd_bus_error_is_set(error))
                return r;
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return YADISK_TOKEN_ACCESS_DENIED;
        return error_from_condition(condition_from_bus_name(error->name));
}

/* The library speaks English; yadiskctl translates what it shows. */
static const char *const error_sentences[] = {
        [0] = N_("No error."),
        [YADISK_TOKEN_NOT_SIGNED_IN] = N_("Nobody is signed in yet; run \"yadiskctl login\"."),
        [YADISK_TOKEN_SIGN_IN_NEEDED] = N_(
                "Yandex no longer accepts this sign-in; run \"yadiskctl login\" to sign in again."),
        [YADISK_TOKEN_APP_REFUSED] =
                N_("Yandex refused to renew the token; run \"yadiskctl status\" to see why."),
        [YADISK_TOKEN_KEYRING_LOCKED] = N_("The keyring is locked; unlock it and try again."),
        [YADISK_TOKEN_KEYRING_FAILED] =
                N_("The keyring is missing or failed; run \"yadiskctl status\" to see why."),
        [YADISK_TOKEN_TRY_LATER] =
                N_("Yandex cannot be reached or asks for a pause; try again later."),
        [YADISK_TOKEN_ACCESS_DENIED] =
                N_("Access to the token was denied; ask the user to allow it."),
        [YADISK_TOKEN_NO_SUCH_ACCOUNT] =
                N_("No account, or more than one, has this name; run \"yadiskctl list\"."),
        [YADISK_TOKEN_NO_DAEMON] =
                N_("yadisk-tokend is not reachable; run \"yadiskctl doctor\" to see why."),
        [YADISK_TOKEN_FAILED] =
                N_("yadisk-tokend failed; look at \"journalctl --user -u yadisk-tokend\"."),
};

_public_ const char *yadisk_token_strerror(int r) {
        if (r < 0)
                return strerrordesc_np(-r) ?: "Unknown error";
        if ((size_t) r < ELEMENTSOF(error_sentences))
                return error_sentences[r];
        return "Unknown error";
}

struct YadiskToken {
        char *account; /* its id; the name that the caller gave may mean another one later */
        char *header;  /* the token is its tail, so that there is one copy to erase */
        uint64_t expires_at;
        uint32_t generation;
};

_public_ void yadisk_token_free(YadiskToken *token) {
        if (!token)
                return;

        secret_free(token->header);
        free(token->account);
        free(token);
}

DEFINE_CLEANUP(YadiskToken *, yadisk_token_free)

static int token_connect(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = session_bus_open("yadisk-token", &bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, DEADLINE_CLIENT_MS * UINT64_C(1000));
        if (r < 0)
                return error_from_bus(NULL, r);

        *ret = TAKE_PTR(bus);
        return 0;
}

static int token_append_options(sd_bus_message *m, const YadiskTokenOptions *options) {
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0 && options->min_valid > 0)
                r = sd_bus_message_append(m, "{sv}", "min_valid", "u", options->min_valid);
        if (r >= 0 && options->force)
                r = sd_bus_message_append(m, "{sv}", "force", "b", 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int token_call(sd_bus *bus, const YadiskTokenOptions *options, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                           TOKENS_MANAGER_INTERFACE, "GetTokenFD");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", str_or_empty(options->account));
        if (r >= 0)
                r = token_append_options(call, options);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, &error, ret);
        return r < 0 ? error_from_bus(&error, r) : 0;
}

static int token_read(sd_bus_message *reply, YadiskToken **ret) {
        _cleanup_(yadisk_token_freep) YadiskToken *token = NULL;
        TokenAnswer answer;
        int r;

        token = calloc(1, sizeof(YadiskToken));
        if (!token)
                return -ENOMEM;

        r = token_answer_read(reply, HEADER_PREFIX, &answer);
        if (r < 0)
                return r == -ENOMEM ? r : YADISK_TOKEN_FAILED;

        token->header = answer.token;
        token->expires_at = answer.expires_at;
        token->generation = answer.generation;
        r = sd_bus_path_decode(answer.account, TOKENS_ACCOUNT_PATH, &token->account);
        if (r <= 0)
                return r == -ENOMEM ? r : YADISK_TOKEN_FAILED;

        *ret = TAKE_PTR(token);
        return 0;
}

/* A program that was built against another version of the library has options of another size. The
 * members that a smaller one lacks are 0; in a larger one, all beyond our size has to be 0. */
static int token_copy_options(const YadiskTokenOptions *options, YadiskTokenOptions *ret) {
        const char *bytes = (const char *) options;

        if (options->size < OPTIONS_MIN_BYTES)
                return -EINVAL;
        for (size_t i = sizeof(*ret); i < options->size; i++)
                if (bytes[i] != 0)
                        return -E2BIG;

        *ret = (YadiskTokenOptions){};
        memcpy(ret, options, MIN_OF(options->size, sizeof(*ret)));
        return utf8_is_valid(str_or_empty(ret->account)) ? 0 : -EINVAL;
}

_public_ int yadisk_token_get_full(const YadiskTokenOptions *options, YadiskToken **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        YadiskTokenOptions known;
        int r;

        r = token_copy_options(options, &known);
        if (r < 0)
                return r;

        r = token_connect(&bus);
        if (r != 0)
                return r;
        r = token_call(bus, &known, &reply);
        if (r != 0)
                return r;
        return token_read(reply, ret);
}

_public_ int yadisk_token_get(const char *account, uint32_t min_valid, YadiskToken **ret) {
        const YadiskTokenOptions options = {
                .size = sizeof(options),
                .account = account,
                .min_valid = min_valid,
        };

        return yadisk_token_get_full(&options, ret);
}

_public_ const char *yadisk_token_value(const YadiskToken *token) {
        return token->header + strlen(HEADER_PREFIX);
}

_public_ const char *yadisk_token_header(const YadiskToken *token) {
        return token->header;
}

_public_ uint64_t yadisk_token_expires_at(const YadiskToken *token) {
        return token->expires_at;
}

_public_ uint32_t yadisk_token_generation(const YadiskToken *token) {
        return token->generation;
}

_public_ const char *yadisk_token_account(const YadiskToken *token) {
        return token->account;
}

/* The daemon is asked for the object, since it knows better why there may be none: the account is
 * gone, or the keyring is locked and hides it. */
_public_ int yadisk_token_report_refused(const YadiskToken *token) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        const char *path;
        int r;

        r = token_connect(&bus);
        if (r != 0)
                return r;

        r = sd_bus_call_method(bus, TOKENS_BUS_NAME, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                               "FindAccount", &error, &reply, "s", token->account);
        if (r < 0)
                return error_from_bus(&error, r);
        r = sd_bus_message_read(reply, "o", &path);
        if (r < 0)
                return YADISK_TOKEN_FAILED;

        r = sd_bus_call_method(bus, TOKENS_BUS_NAME, path, TOKENS_ACCOUNT_INTERFACE,
                               "ReportRefused", &error, NULL, "u", token->generation);
        return r < 0 ? error_from_bus(&error, r) : 0;
}
