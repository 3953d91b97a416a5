/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What all calls of a vault share: the bus, the session with the Secret Service, what is known of
 * the program that provides the service, and how many calls there are.
 *
 * From libsecret come the session, its encryption, and the memory that decrypted secrets live in.
 */

#define SECRET_WITH_UNSTABLE
#define SECRET_API_SUBJECT_TO_CHANGE
#include <libsecret/secret.h>

#include "keyring/vault-types.h"

#define SERVICE_NAME         "org.freedesktop.secrets"
#define SERVICE_PATH         "/org/freedesktop/secrets"
#define SERVICE_INTERFACE    "org.freedesktop.Secret.Service"
#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define ITEM_INTERFACE       "org.freedesktop.Secret.Item"
#define PROMPT_INTERFACE     "org.freedesktop.Secret.Prompt"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

/* The programs that need special treatment, and all others, which do as the specification says. */
typedef enum Provider {
        PROVIDER_OTHER,
        PROVIDER_KEEPASSXC,
        PROVIDER_KWALLETD5,
        PROVIDER_KWALLETD6,
        PROVIDER_KSECRETD,
} Provider;

typedef struct Session {
        GDBusConnection *bus; /* the session bus; NULL until the vault has found it */

        SecretService *service; /* NULL if the next call has to open one */
        char *owner;            /* unique name of the instance that the session belongs to */
        Provider provider;
        bool prompt_needed; /* a prompt was needed when the service was last asked to unlock */

        int64_t started_at_us; /* monotonic; when a provider was last started, or 0 */
        int64_t written_at_us; /* monotonic; when the service has written what it has answered, or 0 */

        unsigned n_calls;  /* that are not over */
        uint64_t n_writes; /* grows when a call that writes begins, and when it ends */

        /* Runs when a call ends with the result r, before its callback. */
        void (*on_call_end)(const VaultCall *c, int r, void *userdata);
        void *userdata;
} Session;

/* Opens a service, which the bus starts if it knows how. To be completed with
 * secret_service_open_finish(). */
void session_open(GCancellable *cancellable, GAsyncReadyCallback fn, void *userdata);

/* Returns a reference to the service that was opened before, and its owner and provider. Returns
 * NULL if a service has to be opened. */
SecretService *session_get(Session *s, char **ret_owner, Provider *ret_provider);

/* Offers a service to the calls that come after, unless there is one already. */
void session_keep(Session *s, SecretService *service, const char *owner, Provider provider);

/* Forgets the service if it is this one. NULL: does nothing. */
void session_drop(Session *s, SecretService *service);

/* The bus name to start as the n-th attempt, counted from 0, to get a provider that the bus cannot
 * start by the name of the service. Returns NULL if there is no further one, or if providers were
 * started less than a minute ago. */
const char *session_name_to_start(Session *s, unsigned n);

/* The provider that runs as the process pid. */
Provider provider_of_process(unsigned pid);
bool provider_is_kwallet(Provider p);

/* Milliseconds from the answer of the provider until what it answered is on the disk. */
unsigned provider_write_delay_ms(Provider p);

/* For tests: what provider_write_delay_ms() returns for the providers that need time. */
void provider_set_write_delay_ms(unsigned ms);

/* The service has answered a write, and needs ms milliseconds to write it to the disk. */
void session_note_unwritten(Session *s, unsigned ms);

/* Milliseconds until the service has written all that it has answered. */
unsigned session_unwritten_ms(const Session *s);
