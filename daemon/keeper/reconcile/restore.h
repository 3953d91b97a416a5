/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an earlier run left in the service manager's descriptor store: grants and applications that never
 * reached the keyring. Taken in early, handed over once the keyring has been asked.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct Restore Restore;

/* Once, early in main. 0 or a negative errno. */
int restore_new(World *world, Restore **ret);
Restore *restore_free(Restore *i);
DEFINE_CLEANUP(Restore *, restore_free)

/* Hands over the accounts; the applications that are wanted by now, and the answers to an account that is
 * there. The rest of these waits for the next time. */
void restore_hand_over(Restore *i, World *w);

/* Everything in the keyring was seen, so the other applications never will be wanted: they leave the store. */
void restore_drop_applications(Restore *i);
