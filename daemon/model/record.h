/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the keyring holds: one record per account and one per application, each a versioned JSON
 * document. An account's record holds the current grant and the one before it, so that replacing
 * the item is one atomic step.
 *
 * Every string in a document is percent-encoded, and the document says so. Apart from the
 * punctuation of JSON it consists of letters, digits and "-_.:~/%", and after "{" comes a quote.
 * Older documents, which do not say so, are read as they are. Encoding does not change a token of
 * the usual kind, so older daemons can read it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/strv.h"
#include "model/grant.h"
#include "model/secret.h"

#define RECORD_VERSION 1

/* How many apps can be allowed for an account, and how long the name of one can be, in bytes. */
#define ALLOWED_APPS_MAX 64
#define APP_NAME_MAX     255

/* Whether the text can be the name of a sandboxed app, such as "org.example.App", "snap.foo" or
 * "backup.service": what is in such names can neither deceive a reader nor be taken for an
 * option. */
bool app_name_is_valid(const char *app);

/* What Yandex last said of the grant, as far as that outlives a restart. */
typedef enum RecordVerdict {
        RECORD_ACCEPTED,
        RECORD_REFUSED,         /* the refresh token: "sign-in-needed" */
        RECORD_APP_REFUSED,     /* the application */
        RECORD_APP_NOT_ALLOWED, /* the same; see CONDITION_APP_NOT_ALLOWED */
        _RECORD_VERDICT_MAX,
        _RECORD_VERDICT_INVALID = -EINVAL,
} RecordVerdict;

/* An account. It owns all that it points to; the grants are references. */
typedef struct AccountRecord {
        char *id;        /* random, stable */
        char *client_id; /* the application it was signed in through */
        char *uid;       /* Yandex's id of the user; NULL if not known */
        char *login;     /* NULL if not known */
        char *label;
        char **scopes;           /* requested or granted; NULL: all that the application has */
        char **allowed;          /* sandboxed apps that may have its tokens; NULL: none */
        int64_t created_at;      /* UTC seconds */
        int64_t default_since;   /* the account with the latest is the default; 0: never chosen */
        int64_t last_refresh_at; /* 0: never */
        RecordVerdict verdict;
        bool needs_secret; /* the application had a client secret when the account was signed in */
        Grant *current;
        Grant *previous; /* NULL if there was none */
} AccountRecord;

/* An application registered at Yandex. */
typedef struct ApplicationRecord {
        char *client_id;
        Secret *client_secret;
        bool kept; /* added by the user: stays when its last account goes */
        /* The client secret before, until Yandex has accepted the one above; NULL if there is none.
         * An older daemon neither reads nor writes it. */
        Secret *previous_secret;
} ApplicationRecord;

void account_record_done(AccountRecord *record);
void application_record_done(ApplicationRecord *record);

/* Parse a document. Return 0; CONDITION_KEYRING_FAILED if the document is no record, or one of a
 * newer version or encoding, which *ret_newer (may be NULL) tells; -ENOMEM. On success the caller
 * owns *ret. */
int account_record_parse(const Secret *document, AccountRecord *ret, bool *ret_newer);
int application_record_parse(const Secret *document, ApplicationRecord *ret, bool *ret_newer);

/* Whether the record belongs to an item with these attributes. One that was copied to another item
 * does not. */
bool account_record_is_of(const AccountRecord *record, const char *id, const char *client_id);

/* Print a record as a document. Return 0, -ENOMEM or -E2BIG. */
int account_record_print(const AccountRecord *record, Secret **ret);
int application_record_print(const ApplicationRecord *record, Secret **ret);
