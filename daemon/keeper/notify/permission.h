/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Asks the user, in a notification, whether a sandboxed app may have the tokens of an account: once
 * for each app, as long as the daemon lives. The answer may come long after the app has given up
 * waiting, or in another way, such as "yadiskctl allow".
 */

#include "keeper/account/accounts.h"
#include "keeper/wait.h"
#include "keeper/world.h"

/* The world must outlive it. Returns 0 or a negative errno. */
int permissions_new(World *world, Permissions **ret);

/* Answers those who wait with CONDITION_ACCESS_DENIED. Takes NULL, returns NULL. */
Permissions *permissions_free(Permissions *p);
DEFINE_CLEANUP(Permissions *, permissions_free)

/* Asks whether the app, which is not allowed yet, may have the tokens of the account. Returns 0 if
 * fn will run: with r = 0 if the user allows it, which is recorded in the account by then, or with
 * CONDITION_ACCESS_DENIED if not. A call that comes while another one waits for the same answer
 * waits with it. Returns CONDITION_ACCESS_DENIED if the user was asked before, or cannot be asked;
 * or a negative errno. */
int permissions_ask(Permissions *p, const Account *account, const char *app, WaitFn fn,
                    void *userdata, Wait **ret);

/* Other apps are allowed for the account now: ends the questions that this answers. */
void permissions_update(Permissions *p, const Account *account);

/* The account goes: ends its questions. */
void permissions_forget(Permissions *p, const Account *account);

/* The command, to be pasted into a shell, that allows an app, which has a valid name, the tokens of
 * an account; of the default account if its name is NULL or empty. The name may be any string from
 * anybody. The caller frees *ret. Returns 0 or -ENOMEM. */
int permission_make_command(const char *app, const char *account, char **ret);
