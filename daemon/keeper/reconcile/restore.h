/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an earlier run left in the service manager's descriptor store: grants and applications that never
 * reached the keyring. Taken in early, handed over once the keyring has been asked.
 */

#include "keeper/keeper.h"

typedef struct Inheritance Inheritance;

/* Once, early in main. 0 or a negative errno. */
int inheritance_new(Inheritance **ret);
Inheritance *inheritance_free(Inheritance *i);
DEFINE_CLEANUP(Inheritance *, inheritance_free)

/* Hands over the accounts; the applications that are wanted by now, and the answers to an account that is
 * there. The rest of these waits for the next time. */
void inheritance_hand_over(Inheritance *i, Keeper *k);

/* Everything in the keyring was seen, so the other applications never will be wanted: they leave the store. */
void inheritance_drop_applications(Inheritance *i);
