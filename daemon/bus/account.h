/* SPDX-License-Identifier: MIT */
#pragma once

/* The objects of the interface Account: one for each account of the keeper, at a path that ends with its id. */

#include "bus/operation.h"
#include "keeper/account/accounts.h"

/* Returns 0 or a negative errno. The context must outlive the connection. */
int account_objects_register(BusContext *context);

/* The path of an account's object; the caller frees it. Returns 0 or -ENOMEM. */
int account_object_path(const Account *account, char **ret);

/* The account whose object is at the path. Returns 0, CONDITION_NO_SUCH_ACCOUNT, or a negative errno. */
int account_at_object_path(const Accounts *accounts, const char *path, Account **ret);

/* Emit the signals that tell of a change. */
void account_object_announce_added(BusContext *context, Account *account);
void account_object_announce_removed(BusContext *context, Account *account);
void account_object_announce_changed(BusContext *context, Account *account, AccountChange changes);
