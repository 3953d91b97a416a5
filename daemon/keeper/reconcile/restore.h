/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an earlier run left in the service manager's descriptor store: grants and applications that
 * never reached the keyring, and answers of Yandex that were not dealt with. They are read early,
 * and handed over once the keyring was read.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct Restore Restore;

/* Reads the descriptor store, once per process. What belongs to sign-ins goes to world->sign_ins.
 * Returns 0 or a negative errno. */
int restore_new(World *world, Restore **ret);
Restore *restore_free(Restore *restore);
DEFINE_CLEANUP(Restore *, restore_free)

/* Hands over the accounts, the applications that are of use by now, and the answers for accounts
 * that are there. The rest waits for the next call. */
void restore_hand_over(Restore *restore, World *w);

/* The whole keyring was read, so the other applications will never be of use: removes them from the
 * store. */
void restore_drop_applications(Restore *restore);
