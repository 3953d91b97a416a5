/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The usher: leads a user back in who has pressed "Sign in" on the herald's note. It begins a sign-in by
 * device code, has the page opened, and says on the note which code to enter there; once the account is
 * well the herald withdraws it. Where the sign-in fails the note says why and can be pressed again.
 */

#include "keeper/keeper.h"
#include "keeper/notify/notifications.h"

typedef struct Usher Usher;

/* keeper and herald must outlive it. 0 or a negative errno. */
int usher_new(Keeper *keeper, Herald *herald, Usher **ret);

/* Cancels what is under way. Returns NULL. */
Usher *usher_free(Usher *u);
DEFINE_CLEANUP(Usher *, usher_free)

/* Begins a sign-in for that account, if it needs one. Where one is under way, shows the way once more. */
void usher_receive(Usher *u, const char *account_id);

/* The account goes: cancels. */
void usher_forget(Usher *u, const Account *account);
