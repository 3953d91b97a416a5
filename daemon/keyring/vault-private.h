/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the parts of the vault share, from the top: vault.c, write.c, unlock.c, items.c, call.c,
 * session.c. From libsecret come the session, its encryption, and the memory that decrypted secrets
 * live in.
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

/* The programs that need special treatment, and all others, which do as the specification says. */
typedef enum Provider {
        PROVIDER_OTHER,
        PROVIDER_KEEPASSXC,
        PROVIDER_KWALLETD5,
        PROVIDER_KWALLETD6,
        PROVIDER_KSECRETD,
} Provider;

/* What all calls of a vault share. */
typedef struct Session {
        GDBusConnection *bus; /* the session bus; NULL until the vault has found it */

        SecretService *service; /* NULL if the next call has to open one */
        char *owner;            /* unique name of the instance that the session belongs to */
        Provider provider;
        bool prompt_needed; /* a prompt was needed when the service was last asked to unlock */

        int64_t started_at_us; /* monotonic; when a provider was last started, or 0 */
        /* Monotonic; when the service has written what it has answered, or 0. */
        int64_t written_at_us;

        unsigned n_calls;  /* that are not over */
        uint64_t n_writes; /* grows when a call that writes begins, and when it ends */

        /* Runs when a call ends with the result r, before its callback. */
        void (*on_call_end)(const VaultCall *c, int r, void *userdata);
        void *userdata;
} Session;

/* How the service writes "no object". */
#define NO_OBJECT "/"

typedef struct Method {
        const char *interface;
        const char *name;
        const char *reply; /* type of the answer; an answer of another type is an error */
} Method;

/* A step. It ends with a request, with another step, or with call_finish(). */
typedef void (*CallStepFn)(VaultCall *c);

/* A step that takes an answer. Reply is NULL if there is an error. */
typedef void (*CallReplyFn)(VaultCall *c, GVariant *reply, const GError *error);

/* Why the service shows a prompt. */
typedef enum PromptReason {
        PROMPT_UNLOCK_COLLECTION,
        PROMPT_UNLOCK_ITEMS,
        PROMPT_CREATE_COLLECTION,
        PROMPT_WRITE, /* to create or to delete an item in an open collection */
} PromptReason;

/* An item that the call has found. */
typedef struct Item {
        char *path;
        VaultKind kind;
        char *id;
        char *client_id;
        char *label;
        uint64_t modified;
        bool locked;
        Secret *document;
} Item;

/*
 * One call of the vault: a chain of D-Bus calls to the Secret Service, one step after the other,
 * under one deadline.
 *
 * A call is over when it was finished or freed; from then on it has no session, and no step of it
 * runs. GIO completes a cancelled operation later, so every operation in flight holds a reference.
 *
 * The D-Bus calls are our own, since libsecret's shortcuts raise prompts unasked, block while they
 * create a prompt, and do not survive being cancelled.
 */
struct VaultCall {
        unsigned n_ref;
        Session *session; /* NULL once the call is over */

        /* What was asked for. */
        CallStepFn begin;
        VaultKind kind;
        char *id; /* NULL: items of every kind and id */
        char *client_id;
        char *label;
        Secret *document;
        VaultPrompt prompt;
        bool with_documents; /* the documents of the items are wanted */
        bool creates;        /* a default collection is to be created if there is none */
        bool examines;       /* the result is the state of the keyring */
        bool writes;
        VaultFoundFn found;
        VaultDoneFn done;
        void *userdata;

        /* The way to the service. */
        SecretService *service;
        char *owner; /* unique name of the instance that the session belongs to */
        Provider provider;
        GCancellable *cancellable;
        unsigned deadline;
        unsigned n_starts; /* names that were started to get a provider */
        bool restarted;    /* once is enough */

        /* What the call waits for if it does not wait for an answer. */
        unsigned watch; /* of a name on the bus */
        unsigned prompt_signal;
        unsigned write_timer;

        /* Unlocking and prompts (unlock.c). */
        char *collection;
        CallStepFn after_collection;
        CallStepFn after_open_items;
        bool opens_silently; /* the prompt to unlock the collection shows nothing */
        bool collection_rechecked;
        unsigned n_unlocks; /* what was unlocked or created, or should have been */
        unsigned asked;     /* prompts that were shown; a bit for each PromptReason */
        PromptReason prompt_reason;
        int when_refused; /* the Condition to end with if the prompt is not allowed, or dismissed */
        CallStepFn after_prompt;

        /* Finding items (items.c). */
        GPtrArray *items;
        size_t at; /* the current one of the items */
        char **collections;
        size_t at_collection;
        VaultKind searched;
        CallStepFn after_lookup;

        /* Writing (write.c). */
        bool looked_again;
        CallStepFn after_write;
};

/* session.c: the session with the service, and what is known of the program that provides it. */

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

/* call.c: the life of a call, its requests, and what errors mean. */

/* Makes a call whose first step is begin; the reference belongs to the caller, who frees it with
 * vault_call_free(). The caller fills in what is asked for, then starts the call. Key may be
 * NULL. */
VaultCall *call_new(Session *s, CallStepFn begin, const VaultKey *key, VaultPrompt prompt,
                    void *userdata);
void call_start(VaultCall *c);

/* Milliseconds a call may take between two prompts, and while a prompt is shown. Only tests set
 * them. */
unsigned call_plain_deadline_ms(void);
void call_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms);

/* Starts the deadline anew. */
void call_set_deadline(VaultCall *c, bool prompting);

/* Calls a method of the object path of the service; args may be floating. Runs fn from the loop
 * with the answer, unless the call is over by then. If the service has gone or has lost our
 * session, the call begins again instead, but only once. */
void call_request(VaultCall *c, const char *path, const Method *m, GVariant *args, CallReplyFn fn);

/* Reads a property of the object path in the same way. The value is in the answer. */
void call_request_property(VaultCall *c, const char *path, const char *interface,
                           const char *property, CallReplyFn fn);

/* The value in an answer to call_request_property(), a new reference; NULL if it is not of that
 * type. */
GVariant *call_property(GVariant *reply, const char *type);

/* Ends the call, then tells its owner the result: 0 or a CONDITION_KEYRING_…. */
void call_finish(VaultCall *c, int r);

/* Ends the call with what the error means. */
void call_fail(VaultCall *c, const GError *error);

/* Begins again with another session. Returns false if that was tried already. */
bool call_restart(VaultCall *c);

/* Stops waiting for a name, a prompt or the writing of the service. */
void call_stop_waiting(VaultCall *c);

/* Whether the object that was asked is no longer there; whether it is locked. */
bool call_error_is_gone(const GError *error);
bool call_error_is_locked(const GError *error);

/* The connection of the service, or of the vault if no service is open. */
GDBusConnection *call_bus(const VaultCall *c);

/* c->items[c->at] */
Item *call_current_item(const VaultCall *c);

/*
 * The steps that calls are made of. A step that takes next goes on with it when it has succeeded;
 * otherwise it ends the call.
 */

/* write.c. Writes c->document to the item that answers to the call's key, or creates that item;
 * deletes all items that answer to it. Both end the call. */
void step_store(VaultCall *c);
void step_erase(VaultCall *c);

/* unlock.c. Fills c->collection with the path of the default collection, and unlocks it. If it
 * cannot be unlocked, the call ends with CONDITION_KEYRING_LOCKED. If there is none, c->creates
 * decides: if it is set, a collection is created, or the call ends with CONDITION_KEYRING_MISSING
 * if the user does not allow that; if it is not set, c->collection is of no use afterwards. */
void step_default_collection(VaultCall *c, CallStepFn next);

/* Makes sure that none of our items in c->collection, which is open, is locked. Otherwise the call
 * ends with CONDITION_KEYRING_ITEMS_LOCKED. */
void step_open_items(VaultCall *c, CallStepFn next);

/* Asks the user to unlock items (ao, may be floating). If that is not allowed, or if the user
 * refuses, the call ends with the Condition refusal. */
void step_unlock_items(VaultCall *c, GVariant *items, int refusal, CallStepFn next);

/* To be called before a request whose answer names, last, a prompt that does the work, or no object
 * if the work is done. The request takes prompt_on_reply(), which shows the prompt, if it may be
 * shown, and goes on with next when the user has accepted it. Otherwise the call ends with the
 * Condition refusal. */
void prompt_expect(VaultCall *c, PromptReason reason, int refusal, CallStepFn next);
void prompt_on_reply(VaultCall *c, GVariant *reply, const GError *error);

/* items.c. Fills c->items with what answers to the call's key, or with all items of ours if it has
 * none; with their documents if c->with_documents is set. Items that go away meanwhile are left
 * out. */
void step_lookup(VaultCall *c, CallStepFn next);

/* Floating: the attributes (a{ss}) that all items of ours in an open collection have. */
GVariant *item_attributes_of_schema(void);

/* Floating: the properties (a{sv}) of the item that the call is to write, and the call's document,
 * encrypted for its session. */
GVariant *item_properties(const VaultCall *c);
GVariant *item_encode(const VaultCall *c);
