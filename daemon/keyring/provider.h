/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which program provides the Secret Service, and what has to be known of it: how it is started if the bus
 * does not know how, whether it opens without showing a window, and when it has written what it answered
 * for. All others are taken for one that does as the specification says.
 */

#include "keyring/call.h"

/* Nobody owns the name of the service, and the bus knows nobody to start for it. KDE's providers can be
 * started by names of their own, and then own it. Starts the next of them and opens the service, or ends
 * the call with CONDITION_KEYRING_UNAVAILABLE. */
void provider_start(VaultCall *c);

/* Stops waiting for one that was started. */
void provider_forget(VaultCall *c);

/* Finds out who provides the service, which is known from then on, and goes on with next. */
void provider_find(VaultCall *c, CallStepFn next);
bool provider_is_kwallet(const VaultCall *c);

/* c->collection is locked and no prompt is allowed. Goes on with next if it makes sense to call Unlock: then
 * c->opens_silently says whether the prompt that it may answer with shows nothing. Else ends the call with
 * CONDITION_KEYRING_LOCKED. */
void provider_open_unasked(VaultCall *c, CallStepFn next);

/* Goes on with next once the provider can take another change. */
void provider_pace(VaultCall *c, CallStepFn next);

/* Goes on with next once the provider has written what it has just answered for; at once unless
 * c->document_counts. */
void provider_settle(VaultCall *c, CallStepFn next);
