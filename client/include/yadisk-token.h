/* SPDX-License-Identifier: MIT */
#ifndef YADISK_TOKEN_H
#define YADISK_TOKEN_H

/*
 * Access tokens for Yandex Disk, from yadisk-tokend, the daemon that keeps them fresh.
 *
 * Ask for a token whenever one is needed instead of keeping one: the daemon answers from memory as
 * long as its token is valid. Every call is synchronous and may take up to 25 seconds, since the
 * daemon may have to ask Yandex. There is no global state: any thread may call at any time, but one
 * YadiskToken must not be freed while another thread reads it. Nothing here ever raises a prompt.
 *
 * Functions which return int return 0 on success, a negative errno if the system failed, or one of
 * the positive values of YadiskTokenError. On failure nothing is stored in the out-parameter.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct YadiskToken YadiskToken;

/* What can be expected to go wrong. Later versions may add values. */
typedef enum YadiskTokenError {
        /* No account is signed in yet. */
        YADISK_TOKEN_NOT_SIGNED_IN = 1,
        /* Yandex refused the sign-in of this account; the user has to sign in again. */
        YADISK_TOKEN_SIGN_IN_NEEDED = 2,
        /* Yandex refused the application, or refused for a reason that is not known. */
        YADISK_TOKEN_APP_REFUSED = 3,
        /* The keyring is locked, and the token is not in memory. */
        YADISK_TOKEN_KEYRING_LOCKED = 4,
        /* There is no keyring service, or it failed. */
        YADISK_TOKEN_KEYRING_FAILED = 5,
        /* Yandex cannot be reached, or asks for a pause: try again later. */
        YADISK_TOKEN_TRY_LATER = 6,
        /* The daemon does not serve this caller: a program in a sandbox that is not allowed to have
         * tokens; or one that may not be looked at, see PR_SET_DUMPABLE in prctl(2). */
        YADISK_TOKEN_ACCESS_DENIED = 7,
        /* No account has this label, login or id, or several accounts have it. */
        YADISK_TOKEN_NO_SUCH_ACCOUNT = 8,
        /* No session bus, no daemon on it, or no answer from it. */
        YADISK_TOKEN_NO_DAEMON = 9,
        /* The daemon refused for another reason, or its answer cannot be understood. */
        YADISK_TOKEN_FAILED = 10
} YadiskTokenError;

/*
 * Gets an access token.
 *
 * account: its label, login or id (UTF-8); NULL or "" is the default account. min_valid: seconds
 * for which the token must still be valid; 0 leaves it to the daemon (one minute). If even a fresh
 * token is not valid for so long, the fresh one is returned: see yadisk_token_expires_at().
 *
 * The caller owns *ret and frees it with yadisk_token_free(). Returns -EINVAL if account is not
 * UTF-8.
 */
int yadisk_token_get(const char *account, uint32_t min_valid, YadiskToken **ret);

/*
 * What to ask for. Set size to sizeof(YadiskTokenOptions), and what is not used to 0, as an
 * initializer does. Later versions may add members at the end: a program built for an earlier one
 * goes on as before.
 */
typedef struct YadiskTokenOptions {
        size_t size;
        /* As in yadisk_token_get(). */
        const char *account;
        uint32_t min_valid;
        /* If not 0, gets a new token, however old the present one is; for a user who asks for it.
         * If a service refused a token, use yadisk_token_report_refused() instead, which spares
         * Yandex when it was the service that was wrong. */
        int force;
} YadiskTokenOptions;

/*
 * Gets an access token as yadisk_token_get() does, with these options; they are not needed
 * afterwards.
 *
 * Also returns -EINVAL if size is too small, and -E2BIG if the program was built for a later
 * version and uses a member that this one does not have.
 */
int yadisk_token_get_full(const YadiskTokenOptions *options, YadiskToken **ret);

/* The access token: printable ASCII. Belongs to the YadiskToken, as do the next two. */
const char *yadisk_token_value(const YadiskToken *token);

/* A line for an HTTP request, "Authorization: OAuth …", without an end of line. */
const char *yadisk_token_header(const YadiskToken *token);

/*
 * The id of the account whose token it is, which stays the same for the life of the account. It can
 * be given to yadisk_token_get(), to have a token of the same account again even if the default
 * account has changed.
 */
const char *yadisk_token_account(const YadiskToken *token);

/* When the token expires, in UTC seconds since 1970; 0 if Yandex did not say. */
uint64_t yadisk_token_expires_at(const YadiskToken *token);

/* Counts the grants of the account. A token of another generation is another token. */
uint32_t yadisk_token_generation(const YadiskToken *token);

/*
 * Tells the daemon that a service answered 401 to this token. The daemon checks the token and, if
 * it is no longer accepted, renews it. A token which has been replaced since is not checked.
 * Afterwards ask for a token again. The caller keeps the YadiskToken.
 *
 * The report goes to the account that the token came from, whatever is the default account or has
 * its name by now. Returns YADISK_TOKEN_NO_SUCH_ACCOUNT if the user has signed that account out.
 */
int yadisk_token_report_refused(const YadiskToken *token);

/* Erases the token and frees it. NULL is fine. */
void yadisk_token_free(YadiskToken *token);

/* Describes what a function of this library returned: one line in English. Static, never NULL. */
const char *yadisk_token_strerror(int r);

#ifdef __cplusplus
}
#endif

#endif
