/* SPDX-License-Identifier: MIT */
#pragma once

/* Steps which several calls share. */

#include "keyring/call.h"

/* Fills c->items with what answers to the call's key, or with all of ours; with their documents where
 * c->with_documents. Items which go away meanwhile are left out. */
void step_lookup(VaultCall *c, CallStepFn next);

/* Fills c->collection with the default collection, unlocked. If it is locked and cannot be unlocked, the
 * call ends with CONDITION_KEYRING_LOCKED. If there is none, one is created if c->creates is set and the
 * user allows it, else the call ends with CONDITION_KEYRING_MISSING; if c->creates is not set,
 * c->collection is of no use. */
void step_default_collection(VaultCall *c, CallStepFn next);

/* Makes sure that none of our items in c->collection, which is open, is locked; else the call ends with
 * CONDITION_KEYRING_ITEMS_LOCKED. */
void step_open_items(VaultCall *c, CallStepFn next);

/* Asks the user to unlock items (ao, may be floating). If that is not allowed, or the user refuses, the call
 * ends with the Condition otherwise. */
void step_unlock_items(VaultCall *c, GVariant *items, int otherwise, CallStepFn next);
