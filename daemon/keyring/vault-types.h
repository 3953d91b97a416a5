/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a caller of the vault and the calls below it hand to each other. It stands apart from
 * vault.h so that the calls need not include what is built on them; a caller includes vault.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/secret.h"

typedef struct VaultCall VaultCall;

/* The kinds of items, and the attributes that an item of each has, the same for its whole life. No
 * attribute is secret. The schema is io.github.yadiskctl.Tokens1. */
typedef enum VaultKind {
        VAULT_ACCOUNT,     /* kind=account, id, client_id */
        VAULT_APPLICATION, /* kind=application, id = client_id, client_id */
        _VAULT_KIND_MAX,
        _VAULT_KIND_INVALID = -EINVAL,
} VaultKind;

/* Names one item. The strings are borrowed. */
typedef struct VaultKey {
        VaultKind kind;
        const char *id;
        const char *client_id;
} VaultKey;

/* An item that was found. It belongs to the vault and is valid during the callback. */
typedef struct VaultItem {
        VaultKey key;
        bool locked;
        Secret *document; /* NULL if the item is locked or cannot be read; reference it to keep it */
        uint64_t modified; /* UTC seconds, as the service says; 0 if it does not say */
} VaultItem;

/* Whether a call may raise a prompt to unlock, or to create a collection. Only a caller whose user
 * allowed interaction may say so; unlock.c decides which prompts are shown. */
typedef enum VaultPrompt {
        VAULT_NO_PROMPT,
        VAULT_MAY_PROMPT,
} VaultPrompt;

/* Receive the result r of a call: 0 or a CONDITION_KEYRING_…, see vault.h. */
typedef void (*VaultFoundFn)(int r, const VaultItem *items, size_t n_items, void *userdata);
typedef void (*VaultDoneFn)(int r, void *userdata);
