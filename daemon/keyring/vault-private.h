/* SPDX-License-Identifier: MIT */
#pragma once

/* What the calls and the vault know of each other, and what tests may turn. */

#include "keyring/call.h"

/* For tests: milliseconds a call may take between prompts, and while one is shown; also how long
 * the vault waits before it looks again at a service that did not answer. */
void vault_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms);

/* The service all calls share, a reference, with its unique name; NULL where one must be opened. */
SecretService *vault_get_service(Vault *v, char **ret_owner);

/* Offers a service just opened to the calls that come after. */
void vault_keep_service(Vault *v, SecretService *service, const char *owner);

/* That service is of no use any more. */
void vault_drop_service(Vault *v, SecretService *service);

/* A call ends with r, which may tell that the state is another one than we believe. */
void vault_learn(Vault *v, const VaultCall *c, int r);

void vault_count_call(Vault *v);
void vault_forget_call(Vault *v);

/* At the beginning and at the end of a call. */
void vault_note_write(Vault *v, const VaultCall *c);
