/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The rig: a vault under test on a private session bus, a real gnome-keyring that comes, goes,
 * locks and hangs as told, and a substitute for the program that shows prompts, which counts them.
 *
 * Every wait is for an event, and gives up (fails the test) after GIVE_UP_MS.
 */

#include <gio/gio.h>
#include <stdbool.h>

#include "keyring/vault.h"

/* Fails the test. */
#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        rig_failed(__FILE__, __LINE__, #condition);                                \
        } while (false)

_Noreturn void rig_failed(const char *file, int line, const char *what);

/* A test program is a table of cases; its argument names the one to run. */

typedef struct Case {
        const char *name;
        void (*run)(void);
} Case;

int run_case(int argc, char *argv[], const Case *cases, size_t n_cases);

/* Bus and vault. */

void begin_vault(void); /* and waits for the first state */
void begin_vault_silently(void);
void end_vault(void);

Vault *vault_under_test(void);

GDBusConnection *rig_bus(void); /* the test's own connection */

/* The loop. */

void turn(void);             /* what is ready now, without waiting */
void turn_times(unsigned n); /* n events, or fewer if the call ends before */
void turn_for_ms(unsigned ms);
void settle(void);           /* long enough for what GIO still has to complete */
unsigned milliseconds(void); /* since the case began */
void await_next_second(void);

/* The Secret Service. */

#define OUR_SCHEMA       "io.github.yadiskctl.Tokens1"
#define LOGIN_COLLECTION "/org/freedesktop/secrets/collection/login"

void start_service_unlocked(void);
void start_service_locked(void);
void kill_service(void);
void freeze_service(void);
void thaw_service(void);
void kill_service_at_once(void); /* does not wait, since the bus may start another one */
void lock_keyring(void);
void lock_collection(const char *path);
void unlock_keyring(void);
char *create_collection(const char *label);
void add_item(const char *schema, const VaultKey *key, const char *collection,
              const char *document);
char *item_property(const VaultKey *key, const char *name); /* printed; of the only one unlocked */
bool service_is_there(void);

/* The state that the vault last reported, and how often it reported. */

void await_state(VaultState state);
bool vault_was(VaultState state); /* the state reported last */
unsigned states_reported(void);

/* Until it is told that some item was deleted. */
void await_deletion(void);

/* Prompts that the service tried to show, and what becomes of them. */

unsigned prompts_begun(void);
void ignore_prompts(void); /* leave them open; otherwise they are refused at once */
void await_prompts(unsigned n);

/* Calls. Those that end in _now wait for the end and return r. */

extern const VaultKey ANNA, BORIS, APP;

void store_with_label(const char *text);
int store_now(const VaultKey *key, const char *document, VaultPrompt prompt);
int erase_now(const VaultKey *key, VaultPrompt prompt);
int unlock_now(VaultPrompt prompt);
int find_now(const VaultKey *key);

/* What find_now() found. */

#define ITEMS_MAX 32
#define TEXT_MAX  64

typedef struct FoundItem {
        VaultKind kind;
        char id[TEXT_MAX];
        char client_id[TEXT_MAX];
        char document[TEXT_MAX];
        size_t length;
        uint64_t modified;
        bool locked;
} FoundItem;

size_t found_count(void);
const FoundItem *found_item(size_t i);
const FoundItem *found_of(const VaultKey *key);
bool found_document(const VaultKey *key, const char *document);
bool found_any_document(const char *document);

typedef enum Verb {
        FIND,
        STORE,
        ERASE,
        UNLOCK,
        _VERB_MAX
} Verb;

/* Starts a call on ANNA and returns its handle; drop_call() drops it. */
void begin_call(Verb verb, VaultPrompt prompt);
VaultCall *call_under_way(void);
void drop_call(void);
void drop_call_at_next_state(void); /* in the callback that reports it */
bool call_has_ended(void);
int await_call(void);
int call_result(void);

/* The same call, many times at once. */
void begin_many(Verb verb, size_t n);
int await_many(void); /* the first result that is not 0 */

/* A chain of n calls, each begun by the callback of the one before. */
void chain_calls(unsigned n);
int await_chain(void);
