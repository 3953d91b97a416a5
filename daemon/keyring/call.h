/* SPDX-License-Identifier: MIT */
#pragma once

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

#include "keyring/session.h"

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

/* Makes a call whose first step is begin; the reference belongs to the caller, who frees it with
 * call_free(). The caller fills in what is asked for, then starts the call. Key may be NULL. */
VaultCall *call_new(Session *s, CallStepFn begin, const VaultKey *key, VaultPrompt prompt,
                    void *userdata);
void call_start(VaultCall *c);

/* Cancels: the callback will not run. Takes NULL, returns NULL. */
VaultCall *call_free(VaultCall *c);

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
