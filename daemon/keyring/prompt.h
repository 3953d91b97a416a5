/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The service's prompts. Many methods may answer with a prompt instead of doing their work; it shows
 * itself only when it is told to. Here it is decided which of them are shown.
 */

#include "keyring/call.h"

typedef enum PromptReason {
        PROMPT_UNLOCK_COLLECTION,
        PROMPT_UNLOCK_ITEMS,
        PROMPT_CREATE_COLLECTION,
        PROMPT_WRITE, /* to create or to delete an item in an open collection */
} PromptReason;

/* Whether a prompt for that reason may be shown to the user. To unlock and to create a collection: if the
 * caller allowed interaction, and once in a call, or if it is known to show nothing. To write: always, since KeePassXC answers every
 * creation and deletion with one, and shows nothing; unless its user wants to confirm deletions, which
 * only happen at the user's word. */
bool prompt_is_allowed(const VaultCall *c, PromptReason reason);

/* Goes on with next when the prompt was answered, at once if path is NO_OBJECT. If it is not allowed, or the
 * user dismisses it, the call ends with the Condition otherwise. */
void prompt_perform(VaultCall *c, const char *path, PromptReason reason, int otherwise,
                    CallStepFn next);

/* Waits no longer for the prompt that is shown, if any. */
void prompt_forget(VaultCall *c);
