/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The service's prompts. Many methods may answer with a prompt instead of doing their work; it shows
 * itself only when it is told to, and where the call may not prompt it is dismissed unseen.
 */

#include "keyring/call.h"

/* Goes on with next when the prompt was answered, at once where path is NO_OBJECT. Where no prompt is
 * allowed, or the user dismissed it, the call ends with CONDITION_KEYRING_LOCKED. */
void prompt_perform(VaultCall *c, const char *path, CallStepFn next);

/* Waits no longer for the prompt that is shown, if any. */
void prompt_forget(VaultCall *c);
