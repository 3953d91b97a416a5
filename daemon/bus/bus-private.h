/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the files of the bus offer each other: one for each kind of object, application.c for the
 * methods of the Manager that deal with applications, access.c and callers.c. The functions that
 * register objects return 0 or a negative errno; the context must outlive the connection.
 */

#include "bus/operation.h"
#include "keeper/account/accounts.h"
#include "keeper/keeper.h"
#include "model/secret.h"

/* access.c: who may call what. The user's programs may call everything; programs in a sandbox may
 * ask for tokens, of those accounts whose user has allowed that. A process of which nothing is
 * known is taken for one in a sandbox. */

/* Returns 0, or what a D-Bus handler returns: AccessDenied. */
int access_check_call(const Sender *sender, sd_bus_message *m, sd_bus_error *error);

/* Finds the account whose token a call asks for, as accounts_find() does, if the caller may have
 * it. A caller in a sandbox that may not have it gets AccessDenied, whatever accounts there are;
 * but first, if it has the interactive flag, the user is asked. Returns as an OperationFn does: if
 * it returns 0 with *ret NULL, the user is being asked, and fn runs again if the user allows
 * it. */
int access_find_account(Operation *o, const char *name, Account **ret, sd_bus_error *error);

/* Whether the caller may have the token of the account. While it waits for one, the user may have
 * denied that; then access_refuse() is the answer, which ends the operation. */
bool access_is_allowed(const Operation *o, const Account *account);
void access_refuse(Operation *o);

/* account.c: the objects of the interface Account, one for each account of the keeper, at a path
 * that ends with its id. */

int account_objects_register(BusContext *context);

/* The path of an account's object; the caller frees it. Returns 0 or -ENOMEM. */
int account_object_path(const Account *account, char **ret);

/* The account whose object is at the path. Returns 0, CONDITION_NO_SUCH_ACCOUNT, or a negative
 * errno. */
int account_at_object_path(const Accounts *accounts, const char *path, Account **ret);

/* The account whose id is the subject of the operation, unless it has gone meanwhile. Returns 0 or
 * CONDITION_NO_SUCH_ACCOUNT. */
int account_of_operation(const Operation *o, Account **ret);

/* Emit the signals that tell of a change. */
void account_object_announce_added(BusContext *context, Account *account);
void account_object_announce_removed(BusContext *context, Account *account);
void account_object_announce_changed(BusContext *context, Account *account, AccountChange changes);

/* application.c: never returns a client secret. */

/* D-Bus handlers; userdata is the BusContext. */
int application_method_list(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_set(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_remove(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_check(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Makes a Secret of a client secret in a message. If text is NULL, *ret_secret becomes NULL.
 * Returns 0, or what a D-Bus handler returns: InvalidArgs if the text cannot be a client secret. */
int client_secret_from_string(const char *text, Secret **ret_secret, sd_bus_error *error);

/* callers.c: who asked for tokens. The first request of each sender, and each change of account by
 * it, goes to the journal; the 32 that asked last are listed, with how many requests each made. */

/* Returns 0 or -ENOMEM. */
int callers_new(Callers **ret);
Callers *callers_free(Callers *c);
DEFINE_CLEANUP(Callers *, callers_free)

/* The sender is being given a token of the account. */
void callers_note(Callers *c, Sender *sender, const Account *account);

/* The sender, which is in a sandbox, has asked for a token that it is not allowed to have; account
 * is NULL if there is no such account. Only one such request of each app is kept, so that an app
 * cannot drive the others out. */
void callers_note_denied(Callers *c, Sender *sender, const Account *account);

/* The D-Bus handler of Manager.ListCallers; userdata is the BusContext. */
int callers_method_list(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* manager.c: the object of the interface Manager: tokens, sign-ins, applications, and the
 * keyring. */

int manager_register(BusContext *context);

/* Emits the signal that tells of these changes. */
void manager_announce(BusContext *context, KeeperChange changes);

/* request.c: the objects of the interface Request, one for each sign-in that a program has begun. A
 * request answers the program that made it, and no other, and ends with the connection of that
 * program. */

int requests_register(BusContext *context);

/* Ends the requests of a sender that has left. */
void requests_forget_sender(BusContext *context, const Sender *sender);

/* Completes all requests that are under way as cancelled, and frees all. */
void requests_end(BusContext *context);

/* The handler of Manager.SignIn; userdata is the BusContext. Checks the options and the keyring,
 * makes a request, and answers with its path. */
int request_method_sign_in(sd_bus_message *m, void *userdata, sd_bus_error *error);
