/* SPDX-License-Identifier: MIT */
#pragma once

/* The Account objects. */

#include "bus/bus.h"

int accounts_register(Bus *b);

/* The object path of an account; the caller frees. 0 or -ENOMEM. */
int account_path(const Account *account, char **ret);

/* The account at a path. 0, CONDITION_NO_SUCH_ACCOUNT, or a negative errno. */
int account_from_path(World *w, const char *path, Account **ret);

void account_announce_added(Bus *b, Account *account);
void account_announce_removed(Bus *b, Account *account);
void account_announce_changed(Bus *b, Account *account, AccountChange changes);
