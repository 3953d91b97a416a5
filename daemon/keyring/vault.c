/* SPDX-License-Identifier: MIT */

/*
 * The vault: what is known of the service, which may change hands, lock and unlock at any time;
 * and the calls that can be made.
 *
 * The state comes from looking: a call like any other (unlock without a prompt) is made whenever
 * the service appears, says that something about a collection changed, or answers a call in a way
 * that contradicts what we believe. Not every service says so, so callers look as well; what any
 * look finds is the state from then on. The service is started once, when we begin to watch its
 * name, and later whenever a call needs it.
 */

#include "keyring/vault.h"

#include <assert.h>

#include "common/condition.h"
#include "keyring/vault-private.h"

/* What an item holds between its last document and its end. */
#define BLANK "{}"

enum {
        SIGNAL_PROPERTIES,
        SIGNAL_COLLECTIONS,
        SIGNAL_DELETED,
        _SIGNAL_MAX,
};

struct Vault {
        const VaultEvents *events;
        void *userdata;
        VaultState state;
        bool state_known;
        uint64_t n_changes;

        unsigned watch;
        unsigned signals[_SIGNAL_MAX];

        VaultCall *look;
        bool look_again;
        unsigned look_timer;

        Session session;
};

static const int conditions[_VAULT_STATE_MAX] = {
        [VAULT_UNLOCKED] = 0,
        [VAULT_LOCKED] = CONDITION_KEYRING_LOCKED,
        [VAULT_ITEMS_LOCKED] = CONDITION_KEYRING_ITEMS_LOCKED,
        [VAULT_MISSING] = CONDITION_KEYRING_MISSING,
        [VAULT_SILENT] = CONDITION_KEYRING_FAILED,
        [VAULT_ABSENT] = CONDITION_KEYRING_UNAVAILABLE,
};

static void vault_start_look(Vault *v);

static void vault_set_state(Vault *v, VaultState state) {
        if (v->state_known && v->state == state)
                return;

        v->state_known = true;
        v->state = state;
        v->n_changes++;
        v->events->on_state(state, v->userdata);
}

/* The state that the result of a look stands for, or a negative value if it stands for none: a look
 * that failed does not tell why. */
static VaultState vault_state_from_result(int r) {
        for (VaultState state = 0; state < _VAULT_STATE_MAX; state++)
                if (conditions[state] == r && r != CONDITION_KEYRING_FAILED)
                        return state;
        return _VAULT_STATE_INVALID;
}

static gboolean vault_on_look_timer(void *userdata) {
        Vault *v = userdata;

        v->look_timer = 0;
        vault_start_look(v);
        return G_SOURCE_REMOVE;
}

/* A service that has its name and did not answer is looked at again after as long as a call may
 * take. */
static void vault_on_looked(int r, void *userdata) {
        Vault *v = userdata;

        v->look = vault_call_free(v->look);
        if (v->look_again)
                vault_start_look(v);
        else if (vault_state_from_result(r) < 0)
                v->look_timer = g_timeout_add(call_plain_deadline_ms(), vault_on_look_timer, v);
}

static void vault_start_look(Vault *v) {
        g_clear_handle_id(&v->look_timer, g_source_remove);
        v->look_again = v->look;
        if (!v->look)
                vault_unlock(v, VAULT_NO_PROMPT, vault_on_looked, v, &v->look);
}

static void vault_stop_look(Vault *v) {
        g_clear_handle_id(&v->look_timer, g_source_remove);
        v->look = vault_call_free(v->look);
        v->look_again = false;
}

/* Takes over what the end of a call tells of the state, or looks into it. That something was found
 * tells nothing, since locked items are found, too. */
static void vault_on_call_end(const VaultCall *c, int r, void *userdata) {
        VaultState state = vault_state_from_result(r);
        Vault *v = userdata;

        if (c->examines && state >= 0) {
                vault_set_state(v, state);
        } else if (c->examines && c->asked == 0) {
                vault_set_state(v, VAULT_SILENT);
                /* Looks again until the service answers. Our own look repeats itself. */
                if (c != v->look)
                        vault_start_look(v);
        } else if (state >= 0 && state != v->state && (r != 0 || c->writes)) {
                vault_start_look(v);
        }
}

static void vault_on_collections_changed(GDBusConnection *bus, const char *sender, const char *path,
                                         const char *interface, const char *signal,
                                         GVariant *arguments, void *userdata) {
        vault_start_look(userdata);
}

static void vault_on_item_deleted(GDBusConnection *bus, const char *sender, const char *path,
                                  const char *interface, const char *signal, GVariant *arguments,
                                  void *userdata) {
        Vault *v = userdata;

        v->events->on_deleted(v->userdata);
}

static unsigned vault_subscribe(Vault *v, const char *interface, const char *signal,
                                const char *arg0, GDBusSignalCallback fn) {
        return g_dbus_connection_signal_subscribe(v->session.bus, SERVICE_NAME, interface, signal,
                                                  NULL, arg0, G_DBUS_SIGNAL_FLAGS_NONE, fn, v,
                                                  NULL);
}

/* A closed bus is the end of the daemon, but in good order and not by a signal that GIO raises. */
static void vault_take_bus(Vault *v, GDBusConnection *bus) {
        if (v->session.bus || !bus)
                return;

        v->session.bus = g_object_ref(bus);
        g_dbus_connection_set_exit_on_close(bus, FALSE);
        v->signals[SIGNAL_PROPERTIES] =
                vault_subscribe(v, PROPERTIES_INTERFACE, "PropertiesChanged", COLLECTION_INTERFACE,
                                vault_on_collections_changed);
        v->signals[SIGNAL_COLLECTIONS] =
                vault_subscribe(v, SERVICE_INTERFACE, NULL, NULL, vault_on_collections_changed);
        v->signals[SIGNAL_DELETED] = vault_subscribe(v, COLLECTION_INTERFACE, "ItemDeleted", NULL,
                                                     vault_on_item_deleted);
}

static void vault_on_appeared(GDBusConnection *bus, const char *name, const char *owner,
                              void *userdata) {
        Vault *v = userdata;

        vault_take_bus(v, bus);
        if (!streq(v->session.owner, owner))
                session_drop(&v->session, v->session.service);
        vault_start_look(v);
}

/* Runs once at the beginning, too, if the bus could not start a service; then a look tries what
 * else could be started. */
static void vault_on_vanished(GDBusConnection *bus, const char *name, void *userdata) {
        Vault *v = userdata;
        bool first = !v->state_known;

        vault_take_bus(v, bus);
        session_drop(&v->session, v->session.service);
        v->session.written_at_us = 0; /* what it has not written it never will */
        vault_stop_look(v);
        vault_set_state(v, VAULT_ABSENT);
        if (first && v->session.bus)
                vault_start_look(v);
}

int vault_new(const VaultEvents *events, void *userdata, Vault **ret) {
        Vault *v = g_new(Vault, 1);

        *v = (Vault){
                .events = events,
                .userdata = userdata,
                .state = VAULT_ABSENT,
                .session.on_call_end = vault_on_call_end,
                .session.userdata = v,
        };
        v->watch = g_bus_watch_name(G_BUS_TYPE_SESSION, SERVICE_NAME,
                                    G_BUS_NAME_WATCHER_FLAGS_AUTO_START, vault_on_appeared,
                                    vault_on_vanished, v, NULL);
        *ret = v;
        return 0;
}

int vault_condition(const Vault *v) {
        return conditions[v->state];
}

uint64_t vault_changes(const Vault *v) {
        return v->n_changes;
}

uint64_t vault_writes(const Vault *v) {
        return v->session.n_writes;
}

bool vault_is_writing(const Vault *v) {
        return session_unwritten_ms(&v->session) > 0;
}

bool vault_call_is_settling(const VaultCall *c) {
        return c && c->write_timer > 0;
}

static void vault_done(VaultCall *c) {
        call_finish(c, 0);
}

static void vault_find_begin(VaultCall *c) {
        step_lookup(c, vault_done);
}

void vault_find(Vault *v, const VaultKey *key, VaultFoundFn fn, void *userdata,
                VaultCall **ret_call) {
        VaultCall *c = call_new(&v->session, vault_find_begin, key, VAULT_NO_PROMPT, userdata);

        c->found = fn;
        c->with_documents = true;
        call_start(c);
        *ret_call = c;
}

void vault_store(Vault *v, const VaultKey *key, const char *label, Secret *document,
                 VaultPrompt prompt, VaultDoneFn fn, void *userdata, VaultCall **ret_call) {
        VaultCall *c = call_new(&v->session, step_store, key, prompt, userdata);

        c->done = fn;
        c->creates = true;
        c->writes = true;
        c->label = g_strdup(label);
        c->document = secret_ref(document);
        call_start(c);
        *ret_call = c;
}

int vault_erase(Vault *v, const VaultKey *key, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                VaultCall **ret_call) {
        _cleanup_(secret_unrefp) Secret *blank = NULL;
        VaultCall *c;
        int r;

        r = secret_new_from(BLANK, strlen(BLANK), &blank);
        if (r < 0)
                return r;

        c = call_new(&v->session, step_erase, key, prompt, userdata);
        c->done = fn;
        c->writes = true;
        c->document = TAKE_PTR(blank);
        call_start(c);
        *ret_call = c;
        return 0;
}

static void vault_unlock_items(VaultCall *c) {
        step_open_items(c, vault_done);
}

static void vault_unlock_begin(VaultCall *c) {
        step_default_collection(c, vault_unlock_items);
}

void vault_unlock(Vault *v, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                  VaultCall **ret_call) {
        VaultCall *c = call_new(&v->session, vault_unlock_begin, NULL, prompt, userdata);

        c->done = fn;
        c->creates = true;
        c->examines = true;
        call_start(c);
        *ret_call = c;
}

Vault *vault_free(Vault *v) {
        if (!v)
                return NULL;

        vault_stop_look(v);
        assert(v->session.n_calls == 0);
        session_drop(&v->session, v->session.service);
        for (size_t i = 0; v->session.bus && i < _SIGNAL_MAX; i++)
                g_dbus_connection_signal_unsubscribe(v->session.bus, v->signals[i]);
        g_clear_object(&v->session.bus);
        g_bus_unwatch_name(v->watch);
        g_free(v);
        return NULL;
}
