/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signs an account in again for a user who has pressed "Sign in" on the notification: begins a
 * sign-in by device code, opens the page, and shows in the notification which code to enter there.
 * If the sign-in fails, the notification says why and can be pressed again. Once the account is
 * well, the notifications withdraw it.
 */

#include "keeper/account/accounts.h"
#include "keeper/notify/notifications.h"
#include "keeper/world.h"

typedef struct SignInAgain SignInAgain;

/* The world and the notifications must outlive it. Returns 0 or a negative errno. */
int sign_in_again_new(World *world, Notifications *notifications, SignInAgain **ret);

/* Cancels the sign-ins under way. Takes NULL, returns NULL. */
SignInAgain *sign_in_again_free(SignInAgain *s);
DEFINE_CLEANUP(SignInAgain *, sign_in_again_free)

/* Begins a sign-in if the account needs one. If one is under way, shows its code and its page once
 * more. */
void sign_in_again_start(SignInAgain *s, const char *account_id);

/* The account goes: cancels its sign-in. */
void sign_in_again_cancel(SignInAgain *s, const Account *account);
