/* SPDX-License-Identifier: MIT */

#include "fake-vault.h"

#include <stdio.h>
#include <sys/queue.h>

#include "common/condition.h"
#include "journal.h"
#include "platform/clock.h"

#define ITEMS_MAX 1024U

struct Vault {
        const VaultEvents *events;
        void *userdata;
        sd_event_source *announce;
        unsigned n_calls;
};

struct VaultCall {
        TAILQ_ENTRY(VaultCall) entry;
        Vault *vault;
        FakeVaultVerb verb;
        bool of_all; /* no key was given */
        VaultKind kind;
        char *id;
        char *client_id;
        char *label;
        Secret *document;
        VaultPrompt prompt;
        VaultFoundFn found;
        VaultDoneFn done;
        void *userdata;
        sd_event_source *source; /* NULL while it is held */
};

typedef struct FakeItem {
        VaultKind kind;
        char *id; /* NULL: free */
        char *client_id;
        char *label;
        Secret *document;
        uint64_t modified;
        bool locked;
} FakeItem;

/* How calls of one kind are treated. */
typedef struct Script {
        unsigned n_calls;
        unsigned n_failures;
        int failure;
        bool held;
} Script;

static sd_event *loop;
static Vault *vault;
static int erase_refusal;
static VaultState current_state, believed_state;
static FakeItem items[ITEMS_MAX];
static Script scripts[_FAKE_VERB_MAX];
static TAILQ_HEAD(, VaultCall) calls = TAILQ_HEAD_INITIALIZER(calls);
static bool dismisses, hides, is_slow;
static uint64_t n_writes, n_changes;
static unsigned n_prompts;

static void insist(bool so, const char *what) {
        if (so)
                return;

        fprintf(stderr, "fake-vault: %s\n", what);
        abort();
}

static void remove_item(FakeItem *item) {
        free(item->id);
        free(item->client_id);
        free(item->label);
        secret_unref(item->document);
        *item = (FakeItem){};
}

static bool answers_to(const FakeItem *item, VaultKind kind, const char *id) {
        return item->id && item->kind == kind && (!id || streq(item->id, id));
}

static FakeItem *find_item(VaultKind kind, const char *id) {
        for (unsigned i = ITEMS_MAX; i > 0; i--)
                if (answers_to(&items[i - 1], kind, id))
                        return &items[i - 1];
        return NULL;
}

static FakeItem *new_item(VaultKind kind, const char *id, const char *client_id) {
        unsigned i = ITEMS_MAX;

        while (i > 0 && !items[i - 1].id)
                i--;
        insist(i < ITEMS_MAX, "no room for another item");
        items[i] = (FakeItem){
                .kind = kind,
                .id = strdup(id),
                .client_id = strdup(client_id),
        };
        return &items[i];
}

static bool is_locked(const FakeItem *item) {
        return item->locked || current_state != VAULT_UNLOCKED;
}

void fake_vault_reset(sd_event *event) {
        insist(!vault, "a vault is left");
        loop = event;
        for (unsigned i = 0; i < ITEMS_MAX; i++)
                remove_item(&items[i]);
        memset(scripts, 0, sizeof(scripts));
        erase_refusal = 0;
        current_state = believed_state = VAULT_UNLOCKED;
        dismisses = hides = is_slow = false;
        n_prompts = 0;
}

static int on_announce(sd_event_source *source, void *userdata) {
        Vault *v = userdata;

        believed_state = current_state;
        n_changes++;
        v->events->on_state(current_state, v->userdata);
        return 0;
}

static void announce(Vault *v) {
        if (!v->announce)
                insist(sd_event_add_defer(loop, &v->announce, on_announce, v) >= 0, "no memory");
        insist(sd_event_source_set_enabled(v->announce, SD_EVENT_ONESHOT) >= 0, "no memory");
}

void fake_vault_be_slow(void) {
        is_slow = true;
}

void fake_vault_set_state(VaultState state) {
        current_state = state;
        if (vault)
                announce(vault);
        else
                believed_state = state;
}

void fake_vault_set_state_silently(VaultState state) {
        current_state = state;
}

void fake_vault_add(const VaultKey *key, Secret *document) {
        FakeItem *item = new_item(key->kind, key->id, key->client_id);

        item->document = secret_ref(document);
        item->modified = (uint64_t) clock_now();
}

void fake_vault_lock_item(VaultKind kind, const char *id, bool locked) {
        FakeItem *item = find_item(kind, id);

        insist(item, "there is no such item");
        item->locked = locked;
}

void fake_vault_hide_attributes(bool hide) {
        hides = hide;
}

unsigned fake_vault_count_items(VaultKind kind, const char *id) {
        unsigned n = 0;

        for (unsigned i = 0; i < ITEMS_MAX; i++)
                n += answers_to(&items[i], kind, id);
        return n;
}

const char *fake_vault_document(VaultKind kind, const char *id) {
        FakeItem *item = find_item(kind, id);

        return item ? secret_string(item->document) : NULL;
}

const char *fake_vault_label(VaultKind kind, const char *id) {
        FakeItem *item = find_item(kind, id);

        return item ? item->label : NULL;
}

void fake_vault_replace(VaultKind kind, const char *id, Secret *document) {
        FakeItem *item = find_item(kind, id);

        insist(item, "there is no such item");
        secret_unref(item->document);
        item->document = secret_ref(document);
}

void fake_vault_remove(VaultKind kind, const char *id) {
        for (FakeItem *item; (item = find_item(kind, id));)
                remove_item(item);
}

void fake_vault_tell_of_deletion(void) {
        vault->events->on_deleted(vault->userdata);
}

void fake_vault_fail(FakeVaultVerb verb, int r, unsigned n) {
        scripts[verb].failure = r;
        scripts[verb].n_failures = n;
}

void fake_vault_refuse_erase(int r) {
        erase_refusal = r;
}

void fake_vault_hold(FakeVaultVerb verb) {
        scripts[verb].held = true;
}

void fake_vault_dismiss_prompts(bool dismiss) {
        dismisses = dismiss;
}

unsigned fake_vault_calls(FakeVaultVerb verb) {
        return scripts[verb].n_calls;
}

unsigned fake_vault_prompts(void) {
        return n_prompts;
}

unsigned fake_vault_waiting(FakeVaultVerb verb) {
        unsigned n = 0;
        VaultCall *c;

        TAILQ_FOREACH(c, &calls, entry)
                n += c->verb == verb;
        return n;
}

static bool is_wanted(const VaultCall *c, const FakeItem *item) {
        return c->of_all ? item->id != NULL : answers_to(item, c->kind, c->id);
}

static bool any_wanted_is_locked(const VaultCall *c) {
        for (unsigned i = 0; i < ITEMS_MAX; i++)
                if (is_wanted(c, &items[i]) && items[i].locked)
                        return true;
        return false;
}

static void store(const VaultCall *c) {
        FakeItem *item = find_item(c->kind, c->id);

        item = item ?: new_item(c->kind, c->id, c->client_id);
        secret_unref(item->document);
        item->document = secret_ref(c->document);
        item->modified = (uint64_t) clock_now();
        insist(str_replace(&item->label, c->label) == 0, "no memory");
        journal_add("stored %s", c->id);
}

static void erase(const VaultCall *c) {
        for (unsigned i = 0; i < ITEMS_MAX; i++)
                if (is_wanted(c, &items[i]))
                        remove_item(&items[i]);
        journal_add("erased %s", c->id);
}

/* A look finds out what nobody told. */
static void examine(Vault *v) {
        if (believed_state == current_state)
                return;

        believed_state = current_state;
        n_changes++;
        v->events->on_state(current_state, v->userdata);
}

/* What becomes of a call now; prompts if it may. */
static int outcome(const VaultCall *c) {
        Script *s = &scripts[c->verb];

        if (s->n_failures > 0) {
                s->n_failures -= s->n_failures != UINT32_MAX;
                return s->failure;
        }
        if (current_state == VAULT_ABSENT)
                return CONDITION_KEYRING_UNAVAILABLE;
        if (c->verb == FAKE_FIND)
                return 0;
        if (current_state == VAULT_SILENT)
                return CONDITION_KEYRING_FAILED;
        if (current_state == VAULT_MISSING)
                return CONDITION_KEYRING_MISSING;
        if (current_state == VAULT_LOCKED && c->prompt == VAULT_MAY_PROMPT && !dismisses)
                fake_vault_set_state(VAULT_UNLOCKED);
        if (current_state == VAULT_LOCKED)
                return CONDITION_KEYRING_LOCKED;
        if (current_state == VAULT_ITEMS_LOCKED)
                return c->verb == FAKE_UNLOCK ? CONDITION_KEYRING_ITEMS_LOCKED
                                              : CONDITION_KEYRING_LOCKED;
        if (c->verb != FAKE_UNLOCK && any_wanted_is_locked(c))
                return CONDITION_KEYRING_LOCKED;
        return 0;
}

static void answer_found(VaultCall *c, int r) {
        VaultItem found[ITEMS_MAX] = {};
        VaultFoundFn fn = c->found;
        size_t n = 0;

        for (unsigned i = 0; r == 0 && i < ITEMS_MAX; i++) {
                const FakeItem *item = &items[i];
                bool hidden = hides && c->of_all && is_locked(item);

                if (!is_wanted(c, item))
                        continue;
                found[n++] = (VaultItem){
                        .key = { item->kind, hidden ? "" : item->id,
                                 hidden ? "" : item->client_id },
                        .locked = is_locked(item),
                        .document = is_locked(item) ? NULL : secret_ref(item->document),
                        .modified = item->modified,
                };
        }

        fn(r, found, n, c->userdata);
        for (size_t i = 0; i < n; i++)
                secret_unref(found[i].document);
}

static int on_deliver(sd_event_source *source, void *userdata) {
        VaultCall *c = userdata, *other;
        int r = outcome(c);

        if (c->verb == FAKE_UNLOCK)
                examine(c->vault);
        if (r == 0 && c->verb == FAKE_STORE)
                store(c);
        if (r == 0 && c->verb == FAKE_ERASE)
                erase(c);

        if (c->found)
                answer_found(c, r);
        else
                c->done(r, c->userdata);

        /* The address may be another call's by now, but not with a source that was there before. */
        TAILQ_FOREACH(other, &calls, entry)
                insist(other->source != source, "a callback did not free its call");
        return 0;
}

static void deliver(VaultCall *c) {
        insist(sd_event_add_defer(loop, &c->source, on_deliver, c) >= 0, "no memory");
}

void fake_vault_let_go(FakeVaultVerb verb) {
        VaultCall *c;

        scripts[verb].held = false;
        TAILQ_FOREACH(c, &calls, entry)
                if (c->verb == verb && !c->source)
                        deliver(c);
}

static bool writes(const VaultCall *c) {
        return c->verb == FAKE_STORE || c->verb == FAKE_ERASE;
}

/* Takes what call points to. */
static void start(const VaultCall *call, const VaultKey *key, VaultCall **ret_call) {
        Script *s = &scripts[call->verb];
        VaultCall *c;

        insist(call->vault == vault, "that is not the vault");
        c = calloc(1, sizeof(VaultCall));
        insist(c, "no memory");
        *c = *call;
        c->of_all = !key;
        if (key) {
                c->kind = key->kind;
                c->id = strdup(key->id);
                c->client_id = strdup(key->client_id);
        }
        c->label = c->label ? strdup(c->label) : NULL;
        secret_ref(c->document);
        TAILQ_INSERT_TAIL(&calls, c, entry);

        s->n_calls++;
        n_writes += writes(c);
        n_prompts += c->prompt == VAULT_MAY_PROMPT;
        c->vault->n_calls++;
        if (!s->held)
                deliver(c);
        *ret_call = c;
}

int vault_new(const VaultEvents *events, void *userdata, Vault **ret) {
        Vault *v = calloc(1, sizeof(Vault));

        if (!v)
                return -ENOMEM;

        insist(!vault, "there is a vault already");
        *v = (Vault){ .events = events, .userdata = userdata };
        if (!is_slow)
                announce(v);
        *ret = vault = v;
        return 0;
}

Vault *vault_free(Vault *v) {
        if (!v)
                return NULL;

        insist(v->n_calls == 0, "a call is left");
        sd_event_source_disable_unref(v->announce);
        free(v);
        vault = NULL;
        return NULL;
}

int vault_condition(const Vault *v) {
        static const int conditions[_VAULT_STATE_MAX] = {
                [VAULT_LOCKED] = CONDITION_KEYRING_LOCKED,
                [VAULT_ITEMS_LOCKED] = CONDITION_KEYRING_ITEMS_LOCKED,
                [VAULT_MISSING] = CONDITION_KEYRING_MISSING,
                [VAULT_SILENT] = CONDITION_KEYRING_FAILED,
                [VAULT_ABSENT] = CONDITION_KEYRING_UNAVAILABLE,
        };

        return conditions[believed_state];
}

bool vault_is_writing(const Vault *v) {
        return false;
}

bool vault_call_is_settling(const VaultCall *c) {
        return false;
}

uint64_t vault_changes(const Vault *v) {
        return n_changes;
}

uint64_t vault_writes(const Vault *v) {
        return n_writes;
}

void vault_find(Vault *v, const VaultKey *key, VaultFoundFn fn, void *userdata,
                VaultCall **ret_call) {
        VaultCall c = { .vault = v, .verb = FAKE_FIND, .found = fn, .userdata = userdata };

        start(&c, key, ret_call);
}

void vault_store(Vault *v, const VaultKey *key, const char *label, Secret *document,
                 VaultPrompt prompt, VaultDoneFn fn, void *userdata, VaultCall **ret_call) {
        VaultCall c = {
                .vault = v,
                .verb = FAKE_STORE,
                .label = (char *) label,
                .document = document,
                .prompt = prompt,
                .done = fn,
                .userdata = userdata,
        };

        start(&c, key, ret_call);
}

int vault_erase(Vault *v, const VaultKey *key, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                VaultCall **ret_call) {
        VaultCall c = { .vault = v, .verb = FAKE_ERASE, .prompt = prompt, .done = fn };
        int r = erase_refusal;

        erase_refusal = 0;
        if (r < 0)
                return r;

        c.userdata = userdata;
        start(&c, key, ret_call);
        return 0;
}

void vault_unlock(Vault *v, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                  VaultCall **ret_call) {
        VaultCall c = { .vault = v, .verb = FAKE_UNLOCK, .prompt = prompt, .done = fn };

        c.userdata = userdata;
        start(&c, NULL, ret_call);
}

VaultCall *vault_call_free(VaultCall *c) {
        if (!c)
                return NULL;

        TAILQ_REMOVE(&calls, c, entry);
        n_writes += writes(c);
        sd_event_source_disable_unref(c->source);
        c->vault->n_calls--;
        secret_unref(c->document);
        free(c->label);
        free(c->client_id);
        free(c->id);
        free(c);
        return NULL;
}
