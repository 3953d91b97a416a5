/* SPDX-License-Identifier: MIT */
#pragma once

/* Steps which several calls share. */

#include "keyring/call.h"

/* Fills c->items with what answers to the call's key, or with all of ours; with their documents where
 * c->with_documents. Items which go away meanwhile are left out. */
void step_lookup(VaultCall *c, CallStepFn next);

/* Fills c->collection with the default collection, unlocked. Where that takes a prompt and none is
 * allowed, the call ends. Where there is none, and c->creates is not set, it is of no use. */
void step_default_collection(VaultCall *c, CallStepFn next);

/* Asks the user, once a call, to unlock objects (floating ao). Where no prompt is allowed, or where
 * the user was asked already, the call ends with CONDITION_KEYRING_LOCKED. */
void step_unlock(VaultCall *c, GVariant *objects, CallStepFn next);
