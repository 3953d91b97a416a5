/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The steps that the calls of the vault are made of. A step that takes next goes on with it when
 * it has succeeded; otherwise it ends the call. From the top: write.c, unlock.c, items.c.
 */

#include "keyring/call.h"

/* Writes c->document to the item that answers to the call's key, or creates that item; deletes all
 * items that answer to it. Both end the call. */
void step_store(VaultCall *c);
void step_erase(VaultCall *c);

/* Fills c->collection with the path of the default collection, and unlocks it. If it cannot be
 * unlocked, the call ends with CONDITION_KEYRING_LOCKED. If there is none, c->creates decides: if
 * it is set, a collection is created, or the call ends with CONDITION_KEYRING_MISSING if the user
 * does not allow that; if it is not set, c->collection is of no use afterwards. */
void step_default_collection(VaultCall *c, CallStepFn next);

/* Makes sure that none of our items in c->collection, which is open, is locked. Otherwise the call
 * ends with CONDITION_KEYRING_ITEMS_LOCKED. */
void step_open_items(VaultCall *c, CallStepFn next);

/* Asks the user to unlock items (ao, may be floating). If that is not allowed, or if the user
 * refuses, the call ends with the Condition otherwise. */
void step_unlock_items(VaultCall *c, GVariant *items, int otherwise, CallStepFn next);

/* To be called before a request whose answer names, last, a prompt that does the work, or no object
 * if the work is done. The request takes prompt_on_reply(), which shows the prompt, if it may be
 * shown, and goes on with next when the user has accepted it. Otherwise the call ends with the
 * Condition otherwise. */
void prompt_expect(VaultCall *c, PromptReason reason, int otherwise, CallStepFn next);
void prompt_on_reply(VaultCall *c, GVariant *reply, const GError *error);

/* Fills c->items with what answers to the call's key, or with all items of ours if it has none;
 * with their documents if c->with_documents is set. Items that go away meanwhile are left out. */
void step_lookup(VaultCall *c, CallStepFn next);

/* Floating: the attributes (a{ss}) that all items of ours in an open collection have. */
GVariant *item_attributes_of_schema(void);

/* Floating: the properties (a{sv}) of the item that the call is to write, and the call's document,
 * encrypted for its session. */
GVariant *item_properties(const VaultCall *c);
GVariant *item_encode(const VaultCall *c);
