/* SPDX-License-Identifier: MIT */
#pragma once

/* What the calls and the vault know of each other, and what tests may turn. */

#include "keyring/call.h"

/* For tests: milliseconds a call may take between prompts, and while one is shown; also how long
 * the vault waits before it looks again at a service that did not answer. */
void vault_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms);

/* For tests: milliseconds that a provider is given to write what it has answered. */
void provider_set_delay_ms(unsigned ms);

/* The service all calls share, a reference, with its unique name; NULL where one must be opened. */
SecretService *vault_get_service(Vault *v, char **ret_owner);

/* Offers a service just opened to the calls that come after. */
void vault_keep_service(Vault *v, SecretService *service, const char *owner);

/* That service is of no use any more. */
void vault_drop_service(Vault *v, SecretService *service);

/* The session bus; NULL until the vault has found it. */
GDBusConnection *vault_get_bus(const Vault *v);

/* Whether another provider may be started now: at most once a minute. */
bool vault_may_start(Vault *v);

/* Who provides the service (provider.c); it is forgotten with the service. */
typedef enum Provider {
        PROVIDER_UNKNOWN,
        PROVIDER_OTHER,
        PROVIDER_KEEPASSXC,
        PROVIDER_KWALLETD5,
        PROVIDER_KWALLETD6,
        PROVIDER_KSECRETD,
} Provider;

Provider vault_get_provider(const Vault *v);
void vault_keep_provider(Vault *v, Provider provider);

/* Whether the default collection, locked as it is, was seen to need a prompt to open. */
bool vault_is_prompt_needed(const Vault *v);
void vault_note_prompt_needed(Vault *v, bool needed);

/* What the service has answered is written in ms milliseconds; how many of them are left. */
void vault_note_unwritten(Vault *v, unsigned ms);
unsigned vault_unwritten_ms(const Vault *v);

/* A call ends with r: what that tells of the state is taken over, or looked into. */
void vault_learn(Vault *v, const VaultCall *c, int r);

void vault_count_call(Vault *v);
void vault_forget_call(Vault *v);

/* At the beginning and at the end of a call. */
void vault_note_write(Vault *v, const VaultCall *c);
