/* SPDX-License-Identifier: MIT */

#include "library/error.h"

#include "common/condition.h"
#include "shared/session-bus.h"
#include "yadisk-token.h"

#define _public_ __attribute__((visibility("default")))

/* The numbers of Condition are not part of the ABI, and a program does not need every difference. */
static int error_from_condition(Condition condition) {
        switch (condition) {
        case CONDITION_NOT_SIGNED_IN:
                return YADISK_TOKEN_NOT_SIGNED_IN;
        case CONDITION_SIGN_IN_NEEDED:
        case CONDITION_EXPIRED:
        case CONDITION_CLIENT_SECRET_MISSING:
                return YADISK_TOKEN_SIGN_IN_NEEDED;
        case CONDITION_APP_REFUSED:
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
        case CONDITION_UNKNOWN_REFUSAL:
        case CONDITION_RATE_LIMITED:
        case CONDITION_PENDING:
                return YADISK_TOKEN_TRY_LATER;
        case CONDITION_ACCESS_DENIED:
                return YADISK_TOKEN_ACCESS_DENIED;
        case CONDITION_NO_SUCH_ACCOUNT:
        case CONDITION_AMBIGUOUS:
                return YADISK_TOKEN_NO_SUCH_ACCOUNT;
        case CONDITION_CANCELLED:
        case CONDITION_INVALID_ARGS:
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

static const char *const error_sentences[] = {
        [0] = "No error.",
        [YADISK_TOKEN_NOT_SIGNED_IN] = "Nobody is signed in yet; run \"yadiskctl login\".",
        [YADISK_TOKEN_SIGN_IN_NEEDED] =
                "Yandex no longer accepts this sign-in; run \"yadiskctl login\" to sign in again.",
        [YADISK_TOKEN_APP_REFUSED] =
                "Yandex refused the application; run \"yadiskctl status\" to see why.",
        [YADISK_TOKEN_KEYRING_LOCKED] = "The keyring is locked; unlock it and try again.",
        [YADISK_TOKEN_KEYRING_FAILED] =
                "The keyring is missing or failed; run \"yadiskctl status\" to see why.",
        [YADISK_TOKEN_TRY_LATER] = "Yandex cannot be reached or asks for a pause; try again later.",
        [YADISK_TOKEN_ACCESS_DENIED] = "Access to the token was denied; ask the user to allow it.",
        [YADISK_TOKEN_NO_SUCH_ACCOUNT] =
                "No account, or more than one, has this name; run \"yadiskctl list\".",
        [YADISK_TOKEN_NO_DAEMON] =
                "yadisk-tokend is not reachable; run \"yadiskctl doctor\" to see why.",
        [YADISK_TOKEN_FAILED] =
                "yadisk-tokend failed; look at \"journalctl --user -u yadisk-tokend\".",
};

_public_ const char *yadisk_token_strerror(int r) {
        if (r < 0)
                return strerrordesc_np(-r) ?: "Unknown error";
        if ((size_t) r < ELEMENTSOF(error_sentences))
                return error_sentences[r];
        return "Unknown error";
}
