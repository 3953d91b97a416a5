/* SPDX-License-Identifier: MIT */
#pragma once

/* The states that the daemon names, in words for people. */

#include "yadiskctl/daemon/account.h"
#include "yadiskctl/terminal/colour.h"

typedef struct Wording {
        const char *words; /* translated; the name itself where a later daemon knows more of them */
        Colour colour;
} Wording;

/* Of an account, in a sentence and in a table: "expired; its renewal is still being tried", "expired". */
Wording wording_of_state(const Account *a);
Wording wording_of_state_in_short(const Account *a);

/* Of the keyring, with what to do: "locked; unlock it to have new tokens saved". */
Wording wording_of_keyring(const Snapshot *s);

/* Of the network. */
Wording wording_of_network(bool online);
