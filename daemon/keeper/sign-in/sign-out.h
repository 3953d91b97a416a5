/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One sign-out: make sure that the keyring can forget, end the grant at Yandex where that is wished, erase
 * the account and, with its last account, the application.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct SignOut SignOut;

/* From the loop, once. r = 0: the account is gone from here; revoked tells whether also at Yandex, reason
 * (static, "" where revoked) why not and what to do. May free the handle. */
typedef void (*SignOutFn)(int r, bool revoked, const char *reason, void *userdata);

/* revoke: end the grant at Yandex, too. 0 or a negative errno. */
int sign_out_start(World *w, Account *account, bool revoke, SignOutFn fn, void *userdata,
                   SignOut **ret);

/* Stops where it is; what was done is done. Takes NULL, returns NULL. */
SignOut *sign_out_free(SignOut *s);
DEFINE_CLEANUP(SignOut *, sign_out_free)
