/* SPDX-License-Identifier: MIT */
#pragma once

/* The states that the daemon names, in words for people. */

#include "yadiskctl/colour.h"

typedef struct Wording {
        const char *words; /* translated; the name itself where a later daemon knows more of them */
        Colour colour;
} Wording;

/* Of an account: "sign-in needed". */
Wording wording_of_state(const char *name);

/* Of the keyring, with what to do: "locked; unlock it to have new tokens kept". */
Wording wording_of_keyring(const char *name);

/* Of the network. */
Wording wording_of_network(bool online);
