/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether the keyring holds what an account has now: a write takes a moment, and may fail. */

#include "yadiskctl/daemon/account.h"

/* Reads the snapshot anew until nothing is being written any more, for that long at most. Pointers into it are
 * no longer valid. */
ExitStatus snapshot_settle(sd_bus *bus, uint64_t patience_usec, Snapshot *s);

/* What became of something that was changed. */
typedef struct Saving {
        bool saved;
        char *why; /* not: a sentence in the user's language, which ends with what to do; or NULL */
} Saving;

/* Waits for as long as a write may take. before is the account as it was before the change, or NULL for a new
 * one. An account that has gone has nothing left to save. */
ExitStatus saving_await(sd_bus *bus, const char *path, const Account *before, Saving *ret);
void saving_done(Saving *s);

/* The end of a verb that changed the account: EXIT_STATUS_OK, or EXIT_STATUS_KEYRING after having said on
 * stderr what is not saved yet, and why. */
ExitStatus saving_conclude(const Saving *s);
