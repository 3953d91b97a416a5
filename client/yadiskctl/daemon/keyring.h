/* SPDX-License-Identifier: MIT */
#pragma once

/* The keyring as seen through the daemon: having it opened before it is needed, and waiting until
 * it holds what has changed. A write takes a moment, and may fail. */

#include "yadiskctl/daemon/snapshot.h"

/* Has the keyring opened before the user is asked for anything that only an open keyring can keep.
 * At a terminal the daemon may have the user prompted. Fails if the keyring does not open. */
ExitStatus keyring_open(sd_bus *bus);

/* Has the daemon look at the keyring and, if may_prompt is set and a person is at the terminal,
 * prompt for it to be opened. Returns 0 if it is open, a CONDITION_KEYRING_… if not, or a negative
 * errno if that is not known. */
int keyring_look(sd_bus *bus, bool may_prompt);

/* Reads a snapshot after having the daemon look at the keyring, unless the daemon knows that it is
 * open: not every keyring tells when it is unlocked. Nothing is prompted for. */
ExitStatus snapshot_look(sd_bus *bus, Snapshot *ret);

/* Reads the snapshot again until nothing is being written to the keyring, for patience_usec at
 * most. Pointers into the snapshot become invalid. */
ExitStatus snapshot_settle(sd_bus *bus, uint64_t patience_usec, Snapshot *s);

/* Whether a change was saved. */
typedef struct Saving {
        bool saved;
        char *why; /* why not: a translated sentence that ends with what to do; or NULL */
} Saving;

/* Sends a call that changes an account, and waits for as long as writing that to the keyring may
 * take. before is the account as it was before the change. An account that is gone has nothing left
 * to save. ret_reply may be NULL. saving_done() ends *ret. */
ExitStatus saving_send(sd_bus *bus, sd_bus_message *call, const Account *before,
                       sd_bus_message **ret_reply, Saving *ret);

/* Waits until an account that has signed in is saved, as above, and reads it. snapshot_done() ends
 * *ret_snapshot, which owns the account. */
ExitStatus saving_await_sign_in(sd_bus *bus, const char *path, Saving *ret, Snapshot *ret_snapshot,
                                const Account **ret_account);
void saving_done(Saving *s);

/* Ends a verb that changed an account. If the change is not saved, says so and why, and returns
 * EXIT_STATUS_KEYRING. */
ExitStatus saving_conclude(const Saving *s);
