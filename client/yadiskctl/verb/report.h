/* SPDX-License-Identifier: MIT */
#pragma once

/* The state of the accounts, of the keyring and of the network, for people and for programs. */

#include "yadiskctl/daemon/snapshot.h"

/* A state that the daemon names, in words for people. */
typedef struct Wording {
        const char *words; /* translated; the name itself if only a later daemon knows it */
        Colour colour;
} Wording;

/* Words for the state of an account, in a sentence or, in short, in a table. */
Wording wording_of_state(const Account *a, bool in_short);

/* Words for the state of the keyring, with what to do, and of the network. */
Wording wording_of_keyring(const Snapshot *s);
Wording wording_of_network(bool online);

/* Ends a line with a label, which is translated, and with the words. */
void wording_say(const char *label, Wording w);

/* Prints the document of status --json and list --json: all accounts, or only one of the
 * snapshot. */
ExitStatus report_json(const Snapshot *s, const Account *only);

/* Prints a few lines about one account. now is in UTC seconds. */
void report_account(const Account *a, uint64_t now);

/* Prints what concerns all accounts: the states of keyring and network. */
void report_surroundings(const Snapshot *s);

/* Say whose account has signed in, and how long its token is valid if that is known. */
void report_sign_in(const Account *a);
void report_expiry(const Account *a);

/* Connects to the bus for a completion: a call waits for no longer than a user likes to wait after
 * pressing Tab. Returns 0 or a negative errno. */
int report_connect(sd_bus **ret);

/* Prints the names of the accounts, one a line, each after a prefix. Prints none if the daemon does
 * not run or does not answer at once: this is for completions, and the user has pressed Tab. */
void report_names(const char *prefix);

/* Prints in the same way the names of the apps that are allowed. */
void report_allowed(const char *prefix);

/* Why there is no account: none is signed in, or the keyring, which may hold some, is not open. */
Condition report_no_account(const Snapshot *s);
