/* SPDX-License-Identifier: MIT */

#include "keeper/storage/save.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "keeper/backoff.h"
#include "platform/clock.h"
#include "platform/fdstore.h"

struct Save {
        SaveFn fn;
        void *userdata;
        Vault *vault;

        VaultKind kind;
        char *id;
        char *client_id;

        char *label;
        Secret *document; /* NULL: the keyring holds the newest document */
        char *store_name; /* our entry in the descriptor store, or NULL */

        VaultCall *call;
        Alarm *patience;
        Alarm *retry;
        Backoff backoff;
};

static void save_drop_store_entry(Save *s) {
        if (!s->store_name)
                return;

        (void) fdstore_remove(s->store_name);
        free(s->store_name);
        s->store_name = NULL;
}

static void save_fail(Save *s, int r) {
        int64_t due = backoff_fail(&s->backoff, clock_now());

        (void) alarm_set_at(s->retry, due);

        log_event(LOG_WARNING,
                  &(LogContext){ .account = s->kind == VAULT_ACCOUNT ? s->id : NULL,
                                 .condition = r,
                                 .attempt = s->backoff.count,
                                 .due = due },
                  "The keyring has not taken what it is to keep; trying again.");
        s->fn(r, s->userdata);
}

static void save_on_stored(int r, void *userdata) {
        Save *s = userdata;

        s->call = vault_call_free(s->call);
        alarm_off(s->patience);

        if (r != 0)
                return save_fail(s, r);

        s->document = secret_unref(s->document);
        backoff_reset(&s->backoff);
        save_drop_store_entry(s);
        s->fn(0, s->userdata);
}

static void save_on_patience_over(void *userdata) {
        Save *s = userdata;

        s->fn(vault_call_is_settling(s->call) ? CONDITION_PENDING : CONDITION_KEYRING_FAILED,
              s->userdata);
}

static void save_start(Save *s) {
        VaultKey key = { .kind = s->kind, .id = s->id, .client_id = s->client_id };

        s->call = vault_call_free(s->call);
        alarm_off(s->retry);
        (void) alarm_set_after(s->patience, DEADLINE_SAVE_MS);

        vault_store(s->vault, &key, s->label, s->document, VAULT_NO_PROMPT, save_on_stored, s,
                    &s->call);
}

static void save_on_retry(void *userdata) {
        save_start(userdata);
}

int save_new(sd_event *event, Vault *vault, const VaultKey *key, SaveFn fn, void *userdata,
             Save **ret) {
        _cleanup_(save_freep) Save *s = NULL;
        int r;

        s = malloc(sizeof(Save));
        if (!s)
                return -ENOMEM;

        *s = (Save){
                .fn = fn,
                .userdata = userdata,
                .vault = vault,
                .kind = key->kind,
                .id = strdup(key->id),
                .client_id = strdup(key->client_id),
        };
        if (!s->id || !s->client_id)
                return -ENOMEM;

        r = alarm_new(event, "save-patience", save_on_patience_over, s, &s->patience);
        if (r == 0)
                r = alarm_new(event, "save-retry", save_on_retry, s, &s->retry);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Save *save_free(Save *s) {
        if (!s)
                return NULL;

        alarm_free(s->retry);
        alarm_free(s->patience);
        vault_call_free(s->call);
        secret_unref(s->document);
        free(s->store_name);
        free(s->label);
        free(s->client_id);
        free(s->id);
        free(s);
        return NULL;
}

/* The new entry goes in before the old one goes out. */
static void save_put_into_store(Save *s, const char *store_name) {
        _cleanup_free_ char *name = strdup(store_name);
        int r = name ? fdstore_put(name, s->document) : -ENOMEM;

        if (r < 0) {
                log_event(LOG_WARNING,
                          &(LogContext){ .account = s->kind == VAULT_ACCOUNT ? s->id : NULL,
                                         .condition = r },
                          "The service manager did not take what is new; the keyring is next.");
                return;
        }

        if (!streq(s->store_name, name))
                save_drop_store_entry(s);
        free(s->store_name);
        s->store_name = TAKE_PTR(name);
}

int save_put(Save *s, const char *label, Secret *document, const char *store_name) {
        int r;

        r = str_replace(&s->label, label);
        if (r < 0)
                return r;

        secret_unref(s->document);
        s->document = secret_ref(document);
        backoff_reset(&s->backoff);

        if (store_name)
                save_put_into_store(s, store_name);
        save_start(s);
        return 0;
}

int save_restore(Save *s, const char *store_name) {
        return str_replace(&s->store_name, store_name);
}

bool save_is_done(const Save *s) {
        return !s->document;
}

bool save_is_under_way(const Save *s) {
        return s->call;
}

void save_retry(Save *s) {
        if (s->document && !s->call)
                save_start(s);
}

void save_forget(Save *s) {
        s->call = vault_call_free(s->call);
        s->document = secret_unref(s->document);
        alarm_off(s->patience);
        alarm_off(s->retry);
        save_drop_store_entry(s);
}
