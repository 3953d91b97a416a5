/* SPDX-License-Identifier: MIT */
#pragma once

/* An item as it was found, and how ours are written: attributes, properties, the document. */

#include "keyring/call.h"

typedef struct Item {
        char *path;
        VaultKind kind;
        char *id;
        char *client_id;
        char *label;
        uint64_t modified;
        bool locked;
        Secret *document;
} Item;

Item *item_new(const char *path, VaultKind kind);
Item *item_free(Item *i);

/* Takes over what the properties (a{sv}) tell. False where the item is not of our schema. Attributes
 * may be hidden while the item is locked. */
bool item_read(Item *i, GVariant *properties);

/* Whether a was written after b; the path decides between equals. */
bool item_is_newer(const Item *a, const Item *b);

/* Borrows everything from the item. */
VaultItem item_view(const Item *i);

/* Floating: the attributes (a{ss}) that all items of that kind have, or only the one with that id.
 * Without the schema: gnome-keyring does not find by it what it has not unlocked yet. */
GVariant *item_attributes_to_search(VaultKind kind, const char *id);

/* Floating: the attribute (a{ss}) that all items of ours in an open collection have. */
GVariant *item_attributes_of_schema(void);

/* Floating: the properties (a{sv}) of the item that the call wants written. */
GVariant *item_properties(const VaultCall *c);

/* Floating: the call's document, ready for its session. */
GVariant *item_encode(const VaultCall *c);

/* The document in a secret that came over the call's session. 0 or a negative errno. */
int item_decode(const VaultCall *c, GVariant *secret, Secret **ret);
