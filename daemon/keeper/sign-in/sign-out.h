/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One sign-out: makes sure that the keyring can forget, ends the grant at Yandex if the caller
 * asked for that, erases the account, and with its last account the application.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct SignOut SignOut;

/* Runs once, from the loop; may free the sign-out. r = 0: the account is gone from here, and
 * revoked tells whether its grant has ended at Yandex, too. If it has not, reason is static and
 * says why, and what to do; otherwise it is "". r = CONDITION_CANCELLED: the account is being
 * signed out by another call. r otherwise: the account is still here, and if revoked, it needs
 * another sign-in. */
typedef void (*SignOutFn)(int r, bool revoked, const char *reason, void *userdata);

/* revoke: whether to end the grant at Yandex, too. Returns 0 or a negative errno. */
int sign_out_start(World *w, Account *account, bool revoke, SignOutFn fn, void *userdata,
                   SignOut **ret);

/* Stops at the step it has reached. Accepts NULL, returns NULL. */
SignOut *sign_out_free(SignOut *s);
DEFINE_CLEANUP(SignOut *, sign_out_free)
