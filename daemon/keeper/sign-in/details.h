/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * All that is known of one sign-in: first what is asked for, then what it brought. The request on
 * the bus, the flow and what completes it share one reference-counted value.
 *
 * From the moment when Yandex is asked for tokens a copy is in the descriptor store, beside the
 * place where the answer arrives: if the daemon dies after that, the next one makes the account.
 */

#include <stdint.h>

#include "common/strv.h"
#include "keeper/storage/answer-slot.h"
#include "model/secret.h"
#include "yandex/oauth.h"

typedef enum SignInFlow {
        SIGN_IN_DEVICE,
        SIGN_IN_CODE,
        SIGN_IN_IMPORT, /* of the tokens of another program: asks nothing of the user */
        _SIGN_IN_FLOW_MAX,
        _SIGN_IN_FLOW_INVALID = -EINVAL,
} SignInFlow;

typedef struct SignInDetails {
        unsigned n_refs;

        /* What is asked for. */
        SignInFlow flow;
        char *client_id;
        Secret *client_secret; /* NULL if none was given: the application is known */
        /* Which Yandex is asked with: the one given, or the one known; may be NULL. */
        Secret *used_secret;
        Secret *refused_secret; /* which Yandex refused before that; NULL: none */
        bool replace;           /* the application may get the secret that was given */
        char **scopes;          /* NULL: all that the application has */
        char *label;            /* NULL: the login becomes the label */
        /* The account to sign in again; NULL: whichever the user has, or a new one. */
        char *account_id;

        /* The tokens: of the other program, if they are imported, until Yandex has given new
         * ones. */
        Secret *access_token;
        Secret *refresh_token;

        /* What Yandex said. */
        char **granted_scopes; /* NULL: the scopes that were asked for */
        int64_t granted_at;    /* UTC seconds */
        int64_t expires_in;    /* seconds from then on; <= 0: not known */
        char *uid;             /* NULL while it is not known, like the login */
        char *login;

        char *copy_name; /* the copy in the descriptor store; NULL: none */
        AnswerSlot *answer;
        bool warned; /* that the store does not take them */
} SignInDetails;

/* Details of which only the flow is set; the caller fills in what is asked for. Returns 0 or
 * -ENOMEM. */
int sign_in_details_new(SignInFlow flow, SignInDetails **ret);
SignInDetails *sign_in_details_ref(SignInDetails *d);

/* With the last reference the entries leave the descriptor store, too. Accepts NULL, returns
 * NULL. */
SignInDetails *sign_in_details_unref(SignInDetails *d);
DEFINE_CLEANUP(SignInDetails *, sign_in_details_unref)

/* The application, as Yandex is asked for tokens with it. */
OauthClient sign_in_details_client(const SignInDetails *d);

/* Returns an empty secret, borrowed, where the answer to the next request for tokens is to arrive,
 * and forgets the answer before. NULL, if the service manager does not keep it: then the answer may
 * arrive anywhere. */
Secret *sign_in_details_lend_answer(SignInDetails *d);

/* The tokens are in an account: the entries leave the descriptor store, which has that of the
 * account by now. */
void sign_in_details_drop_answer(SignInDetails *d);

/* The daemon ends before the tokens are in an account: leaves the entries to the next run. Returns
 * whether there are any. */
bool sign_in_details_leave_answer(SignInDetails *d);

/* Takes what Yandex gave, now. A refresh token that the answer does not renew stays. Returns 0 or
 * -ENOMEM. */
int sign_in_details_take_token(SignInDetails *d, const OauthToken *token, int64_t now);

/* Whether an entry of the descriptor store by this name belongs to a sign-in. If so, *ret_id, which
 * the caller frees, is the same for both entries of one sign-in, and *ret_is_answer tells which of
 * the two it is. */
bool sign_in_details_is_store_name(const char *name, const char **ret_id, bool *ret_is_answer);

/* Makes the details again from the two entries that an earlier run left, either of which may be
 * NULL, and takes the tokens. Returns 0; or -EBADMSG if there is no answer with tokens, or -ENOMEM:
 * then both entries leave the store. */
int sign_in_details_restore(const char *id, const Secret *copy, Secret *answer,
                            SignInDetails **ret);
