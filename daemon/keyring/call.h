/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One call of the vault: a chain of D-Bus calls to the Secret Service, one step after the other,
 * under one deadline.
 *
 * A call is over when it was finished or dropped; from then on it has no vault and no step of it
 * runs. GIO completes a cancelled operation later, so every operation in flight holds a reference.
 *
 * The D-Bus calls are our own, since libsecret's shortcuts raise prompts unasked, block while they
 * create one, and do not survive being cancelled. From libsecret come the session, its encryption
 * and the memory that decrypted secrets live in.
 */

#define SECRET_WITH_UNSTABLE
#define SECRET_API_SUBJECT_TO_CHANGE
#include <libsecret/secret.h>

#include "keyring/vault.h"

#define SERVICE_NAME         "org.freedesktop.secrets"
#define SERVICE_PATH         "/org/freedesktop/secrets"
#define SERVICE_INTERFACE    "org.freedesktop.Secret.Service"
#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define ITEM_INTERFACE       "org.freedesktop.Secret.Item"
#define PROMPT_INTERFACE     "org.freedesktop.Secret.Prompt"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define BUS_NAME             "org.freedesktop.DBus"
#define BUS_PATH             "/org/freedesktop/DBus"
#define BUS_INTERFACE        "org.freedesktop.DBus"

/* How the service writes "no object". */
#define NO_OBJECT "/"

typedef struct Method {
        const char *interface;
        const char *name;
        const char *reply; /* type of the answer; another one is an error */
} Method;

/* A step. Ends in call_request(), in another step or in call_finish(). */
typedef void (*CallStepFn)(VaultCall *c);

/* A step that takes an answer: reply, or error where that is NULL. */
typedef void (*CallReplyFn)(VaultCall *c, GVariant *reply, const GError *error);

struct VaultCall {
        unsigned n_ref;
        Vault *vault; /* NULL once the call is over */

        /* What was asked for. */
        CallStepFn begin;
        VaultKind kind;
        char *id; /* NULL: items of every kind and id */
        char *client_id;
        char *label;
        Secret *document;
        VaultPrompt prompt;
        VaultFoundFn found;
        VaultDoneFn done;
        void *userdata;

        /* The way to the service. */
        SecretService *service;
        char *owner; /* unique name of the instance that the session belongs to */
        GCancellable *cancellable;
        unsigned deadline;
        bool restarted; /* once is enough */
        bool examines;  /* whether its result is the state of the keyring */

        /* The provider (provider.c). */
        unsigned n_starts; /* of those that could be started so many were */
        unsigned start_watch;
        bool opens_silently;  /* the prompt to unlock shows nothing */
        bool document_counts; /* the call ends when it is written; else only a stop waits for that */
        unsigned settle_timer; /* the service is still to write what it has answered */
        CallStepFn after_provider;
        CallStepFn after_paced;
        CallStepFn after_open;
        CallStepFn after_settled;

        /* What was unlocked on the way (collection.c). */
        bool creates; /* a default collection is to be created if there is none */
        unsigned n_unlocks;
        int unlock_reason; /* a PromptReason */
        int when_locked;   /* the Condition that a refused unlock ends with */
        bool looked_again;
        bool collection_rechecked;

        /* The prompt that is shown, and what the user was asked so far (prompt.c). */
        unsigned asked; /* bits by PromptReason */
        int when_dismissed;
        char *prompt_path;
        unsigned prompt_signal;
        unsigned prompt_watch;
        CallStepFn after_prompt;

        /* What was found (lookup.c, collection.c). */
        GPtrArray *items;
        char **collections;
        size_t at_collection;
        VaultKind searched;
        size_t at;
        bool with_documents;
        bool writes;
        CallStepFn after_lookup;
        char *collection;
        CallStepFn after_collection;
        CallStepFn after_unlock;
        CallStepFn after_items;
};

/* A call whose first step is begin; the reference is the caller's handle. The caller fills in what is
 * asked for, then starts it. */
VaultCall *call_new(Vault *v, CallStepFn begin, const VaultKey *key, VaultPrompt prompt,
                    void *userdata);
void call_start(VaultCall *c);

/* Milliseconds a call may take: between two prompts, and while one is shown. */
void call_set_deadlines(unsigned plain_ms, unsigned prompt_ms);

/* Starts the deadline anew. */
void call_set_deadline(VaultCall *c, bool prompting);

/* Takes a floating args. Runs fn unless the call is over by then. */
void call_request(VaultCall *c, const char *path, const Method *m, GVariant *args, CallReplyFn fn);

/* The same, reading a property of the object: the reply is a (v). */
void call_request_property(VaultCall *c, const char *path, const char *interface,
                           const char *property, CallReplyFn fn);

/* The same of the bus itself. */
void call_request_bus(VaultCall *c, const Method *m, GVariant *args, CallReplyFn fn);

/* Ends the call and tells its owner: 0 or a CONDITION_KEYRING_… */
void call_finish(VaultCall *c, int r);
void call_fail(VaultCall *c, const GError *error);

/* Begins again with another session. False if that was tried already. */
bool call_restart(VaultCall *c);

/* Opens the service, which starts it if the bus knows how, and begins. */
void call_open(VaultCall *c);

/* Whether the object that was asked is no longer there; whether it is locked. */
bool call_error_is_gone(const GError *error);
bool call_error_is_locked(const GError *error);

GDBusConnection *call_bus(const VaultCall *c);
