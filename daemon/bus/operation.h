/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An operation: a method call that is answered later. It is answered exactly once: with a result,
 * with an error, with the reason for the delay 15.5 s after the call came, or with Cancelled if the
 * daemon ends first, so that no client ever hangs. The operation ends when it is answered and
 * nothing is under way for it any more; if its sender leaves, what can be cancelled is cancelled.
 *
 * If the keyring is in the way, the operation checks whether that is still so, or has the keyring
 * unlocked if the caller allowed interaction, and then runs its function again from the start.
 */

#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>

#include "bus/senders.h"
#include "keeper/diagnosis/diagnosis.h"
#include "keeper/sign-in/sign-out.h"
#include "keeper/storage/loader.h"
#include "keeper/wait.h"
#include "keeper/world.h"
#include "platform/clock.h"
#include "platform/config.h"

typedef struct Callers Callers;

/* What all objects on the bus share. bus.c fills it in and stands above the objects, which know the
 * context and not the bus. */
typedef struct BusContext {
        sd_bus *connection;
        World *world;
        const Config *config;

        Senders *senders;
        Callers *callers;
        LIST_HEAD(, Operation) operations;

        LIST_HEAD(, Request) requests;
        uint64_t n_requests_made; /* each has its number in its path */
} BusContext;

typedef struct Operation Operation;

/* Does the work; the message is at its beginning. Returns 0 if it has answered, or if something is
 * under way that will answer; a Condition or a negative errno, which becomes the answer; or what
 * bus_error_setf() returned. It may run again, so it must not change anything before it knows that
 * the keyring is not in the way. */
typedef int (*OperationFn)(Operation *o, sd_bus_error *error);

struct Operation {
        BusContext *context;
        World *world;            /* the context's */
        sd_bus_message *message; /* the call; NULL once it is answered */
        Sender *sender;          /* NULL if it has left */
        char *subject;           /* what the call is about, such as an account's id; or NULL */

        /* What is under way; one at most. The operation frees it when it ends. */
        Wait *wait;
        SignOut *sign_out;
        VaultCall *vault_call;
        Diagnosis *diagnosis;

        /* Makes the error for a call that has waited too long, if it waits for something else than
         * Yandex or the keyring; or NULL. */
        int (*explain_delay)(const Operation *o, sd_bus_error *error);

        /* The rest belongs to operation.c. */
        LIST_ENTRY(Operation) entry;
        OperationFn fn;
        bool running;
        bool ended;
        bool keyring_required; /* fn called operation_require_keyring() */
        bool keyring_examined; /* the keyring was checked, or unlocked, for this call */
        bool diagnosing;       /* it has one of its sender's diagnoses */
        size_t size;           /* that counts among those of its sender; 0: none yet */
        int64_t heard_at_ms;
        Alarm *deadline;
        Unlock *unlock;
};

/* Begins the work for a call. subject is copied and may be NULL. Returns what a D-Bus handler
 * returns. */
int operation_run(BusContext *context, sd_bus_message *m, OperationFn fn, const char *subject,
                  sd_bus_error *error);

/* Makes sure that the keyring is there, unlocked and read; prompts the user if the caller allowed
 * that. Returns 1 if so; 0 if that is under way, in which case fn returns 0 and will run again; or
 * a negative errno. */
int operation_require_keyring(Operation *o);

/* Runs fn again from the start, since what was in the way is not any more. The operation may be
 * gone afterwards. */
void operation_work(Operation *o);

/* Returns 0; CONDITION_LIMITS_EXCEEDED if the sender has as many diagnoses under way as it may; or
 * CONDITION_OVER_BUDGET, since a diagnosis must not delay the sign-ins and renewals of others. */
int operation_may_diagnose(Operation *o);

/* The next four answer the call, unless it is answered already, and end the operation, which is
 * gone afterwards. */

/* Answers as sd_bus_reply_method_return() does. Returns 0, or a negative errno, in which case the
 * call is not answered and the operation goes on. */
int operation_reply(Operation *o, const char *types, ...);
void operation_send(Operation *o, sd_bus_message *reply);

/* r is a Condition or a negative errno. If the keyring is the cause and the caller allowed
 * interaction, the keyring is unlocked instead, and fn runs again. */
void operation_fail(Operation *o, int r);

/* Answers with the error if it is set, and with r otherwise. */
void operation_fail_with(Operation *o, int r, sd_bus_error *error);

/* Ends the operations of the sender, which has left, except a sign-out or an erasure that has
 * begun. */
void operations_forget_sender(BusContext *context, const Sender *sender);

/* Ends all operations, and answers Cancelled to those calls that are not answered. */
void operations_end(BusContext *context);
