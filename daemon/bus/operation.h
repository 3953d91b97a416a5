/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An operation: a method call that is answered later. It answers exactly once: with a result, with an
 * error, after 15.5 s with the reason for the delay, or, when it is dropped, with Cancelled; so no
 * client ever hangs. It ends itself once answered and done.
 *
 * If the keyring is in the way, it first looks whether that is still so, or has the keyring unlocked if the
 * caller allowed interaction, and runs again from the start.
 */

#include <systemd/sd-bus.h>

#include "bus/operations.h"
#include "keeper/account/accounts.h"
#include "keeper/sign-in/sign-out.h"
#include "keeper/world.h"

typedef struct Operation Operation;

/* The work. Called with the message at its beginning. 0: it was answered, or a handle of the operation is
 * under way; a Condition or a negative errno, or what bus_error_set() returned: answered so. */
typedef int (*OperationFn)(Operation *o, sd_bus_error *error);

typedef void (*OperationDropFn)(void *handle);

/* What is to be done. */
typedef struct OperationStart {
        OperationFn fn;
        const char *
                subject; /* what the handler was called for, such as an account id; copied; may be NULL */
        void *context; /* outlives the operation; may be NULL */
} OperationStart;

/* Begins the work for the message; what a handler is to return. */
int operation_run(Operations *all, World *world, sd_bus_message *m, const OperationStart *what,
                  sd_bus_error *error);

/* NULL once it was answered. */
sd_bus_message *operation_message(Operation *o);
World *operation_world(Operation *o);
const char *operation_subject(Operation *o);
void *operation_context(Operation *o);

/* Makes sure that the keyring is there, unlocked and read; with a prompt where that is allowed. 1: it is;
 * 0: under way, return 0, and the work runs again; or a negative errno. */
int operation_require_keyring(Operation *o);

/* The account that the subject names by its id. 0 or CONDITION_NO_SUCH_ACCOUNT. */
int operation_account(Operation *o, Account **ret);

/* The handle under way: at most one; each belongs to the operation. */
Wait **operation_wait(Operation *o);
SignOut **operation_sign_out(Operation *o);
VaultCall **operation_vault_call(Operation *o);

/* The same for work that only looks, of any kind: drop() frees the handle when the operation ends, which it
 * does when the caller waits no longer. Takes the handle in any case. 0, or CONDITION_LIMITS_EXCEEDED where
 * so many look already that Yandex would take us for an attacker. */
int operation_keep(Operation *o, void *handle, OperationDropFn drop);

/* Answers, and ends the operation, which is gone afterwards. */
void operation_reply(Operation *o, sd_bus_message *reply);
int operation_reply_empty(Operation *o);
int operation_reply_path(Operation *o, const char *path);
void operation_fail(Operation *o, int r);

/* With a sentence of its own, where the error is set. */
void operation_fail_with(Operation *o, int r, sd_bus_error *error);
