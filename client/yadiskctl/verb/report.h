/* SPDX-License-Identifier: MIT */
#pragma once

/* How it is with the accounts, for people and for programs. */

#include "yadiskctl/daemon/account.h"

/* The document of status --json and list --json: everything, or only this account of the snapshot. */
ExitStatus report_json(const Snapshot *s, const Account *only);

/* A few lines about one account. now is in UTC seconds. */
void report_account(const Account *a, uint64_t now);

/* What concerns all accounts: keyring and network. */
void report_surroundings(const Snapshot *s);

/* Why there is no account: nobody is signed in, or there is no keyring to look into. */
Condition report_nobody(const Snapshot *s);
