/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The sign_in_again: leads a user back in who has pressed "Sign in" on the notifications's note. It begins a sign-in by
 * device code, has the page opened, and says on the note which code to enter there; once the account is
 * well the notifications withdraws it. Where the sign-in fails the note says why and can be pressed again.
 */

#include "keeper/account/accounts.h"
#include "keeper/notify/notifications.h"
#include "keeper/world.h"

typedef struct SignInAgain SignInAgain;

/* keeper and notifications must outlive it. 0 or a negative errno. */
int sign_in_again_new(World *world, Notifications *notifications, SignInAgain **ret);

/* Cancels what is under way. Returns NULL. */
SignInAgain *sign_in_again_free(SignInAgain *u);
DEFINE_CLEANUP(SignInAgain *, sign_in_again_free)

/* Begins a sign-in for that account, if it needs one. Where one is under way, shows the way once more. */
void sign_in_again_start(SignInAgain *u, const char *account_id);

/* The account goes: cancels. */
void sign_in_again_cancel(SignInAgain *u, const Account *account);
