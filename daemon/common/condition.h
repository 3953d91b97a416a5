/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Expected outcomes that a caller must handle.
 *
 * A function returns 0; a negative errno if the system failed, which is passed up unchanged and
 * never matched on; or a positive Condition. One table maps a Condition to its D-Bus error name,
 * its sentence and the exit status of yadiskctl; daemon and client both use it. Conditions of one
 * kind share a name, which means the first of them to a client.
 *
 * The values are greater than every errno, so that the one int of sd_bus_error_get_errno() tells
 * them apart.
 */

#include <stdbool.h>

#include "common/util.h"

typedef enum Condition {
        _CONDITION_MIN = 10000,
        CONDITION_NOT_SIGNED_IN = _CONDITION_MIN,
        CONDITION_SIGN_IN_NEEDED,
        CONDITION_APP_REFUSED,
        CONDITION_APP_NOT_ALLOWED,       /* known, but it awaits moderation or is blocked */
        CONDITION_CLIENT_SECRET_MISSING, /* needed, and not in the keyring, or not readable */
        CONDITION_KEYRING_LOCKED,
        CONDITION_KEYRING_ITEMS_LOCKED, /* the collection is open, its items are not */
        CONDITION_KEYRING_UNAVAILABLE,
        CONDITION_KEYRING_MISSING, /* there is a service, but no default collection */
        CONDITION_KEYRING_FAILED,
        CONDITION_KEYRING_DISMISSED, /* the user did not allow a change */
        CONDITION_RECORD_NEWER,      /* an item was written by a newer version of this program */
        CONDITION_RECORD_UNREADABLE,
        CONDITION_OFFLINE,
        CONDITION_SERVER_TROUBLE,
        CONDITION_LIBRARY_MISSING, /* libcurl or OpenSSL, which are loaded at need */
        CONDITION_UNKNOWN_REFUSAL, /* by an error code that we do not know */
        CONDITION_RATE_LIMITED,
        CONDITION_OVER_BUDGET, /* it is we who let requests to Yandex wait */
        CONDITION_EXPIRED,
        CONDITION_ACCESS_DENIED,
        CONDITION_NO_SUCH_ACCOUNT,
        CONDITION_AMBIGUOUS,
        CONDITION_PENDING,
        CONDITION_CANCELLED,
        CONDITION_INVALID_ARGS,
        CONDITION_SECRET_IN_USE, /* an account uses another client secret of the application */
        CONDITION_LIMITS_EXCEEDED,
        _CONDITION_MAX,
        _CONDITION_INVALID = -EINVAL,
} Condition;

/* Beyond the table, CONDITION_UNKNOWN_REFUSAL with a sentence that names the code. */
#define CONDITION_NAMED_MAX (_CONDITION_MAX + 16)

/* Exit statuses of yadiskctl. */
typedef enum ExitStatus {
        EXIT_STATUS_OK = 0,
        EXIT_STATUS_FAILURE = 1,
        EXIT_STATUS_USAGE = 2,
        EXIT_STATUS_NO_ACCOUNT = 3,
        EXIT_STATUS_SIGN_IN_NEEDED = 4,
        EXIT_STATUS_KEYRING = 5,
        EXIT_STATUS_TRY_LATER = 6,
        EXIT_STATUS_DENIED = 7,
        EXIT_STATUS_NO_DAEMON = 8,
} ExitStatus;

static inline bool condition_is_valid(int r) {
        return r >= _CONDITION_MIN && r < CONDITION_NAMED_MAX;
}

static inline bool condition_is_unknown_refusal(int r) {
        return r == CONDITION_UNKNOWN_REFUSAL || (r >= _CONDITION_MAX && r < CONDITION_NAMED_MAX);
}

/* The Condition for an error code of Yandex that we do not know. Its sentence has the code in
 * parentheses, as i18n_reason() wants it, if the code is printable ASCII of at most 64 bytes and
 * one of the first 16 different ones, so that no server can fill our memory. */
int condition_unknown_refusal(const char *code);

/* No renewal is possible without the client secret, which the keyring lacks, or a newer version has
 * written. */
static inline bool condition_is_of_client_secret(int r) {
        return r == CONDITION_CLIENT_SECRET_MISSING || r == CONDITION_RECORD_NEWER;
}

static inline bool condition_is_of_application(int r) {
        return r == CONDITION_APP_REFUSED || r == CONDITION_APP_NOT_ALLOWED;
}

/* Whether the keyring is the cause. */
bool condition_is_of_keyring(int r);

/* Whether the keyring is the cause, and another look at it may find it well: it is locked, or not
 * there. */
bool condition_is_of_keyring_state(int r);

/* What the table has for a Condition. Static strings. A negative errno and anything unknown are a
 * failure without a name: "org.freedesktop.DBus.Error.Failed", exit status 1. */
const char *condition_bus_name(int r);
const char *condition_sentence(int r);
ExitStatus condition_exit_status(int r);

/* The first Condition of that name, or _CONDITION_INVALID. */
int condition_from_bus_name(const char *name);
