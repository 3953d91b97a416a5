/* SPDX-License-Identifier: MIT */

/*
 * The vault: what is known of the service, which may change hands, lock and unlock at any time.
 *
 * The state comes from looking: a call as any other (unlock without a prompt) made whenever the
 * service appears, says that something about a collection changed, or answers a call in a way that
 * contradicts what we believe. The service is started once, when we begin to watch its name, and
 * later by whoever needs it.
 */

#include "keyring/vault.h"

#include <assert.h>

#include "common/condition.h"
#include "keyring/vault-private.h"

/* How long after a look that failed the next one is, while the service has its name. */
#define LOOK_AGAIN_MS (10u * 1000)

enum {
        SIGNAL_PROPERTIES,
        SIGNAL_COLLECTIONS,
        _SIGNAL_MAX,
};

struct Vault {
        VaultStateFn on_state;
        void *userdata;
        VaultState state;
        bool state_known;

        unsigned watch;
        GDBusConnection *bus;
        unsigned signals[_SIGNAL_MAX];

        VaultCall *look;
        bool look_again;
        unsigned look_timer;

        /* The service whose session all calls share; the owner is the one that opened it. */
        SecretService *service;
        char *service_owner;

        unsigned n_calls;
        uint64_t n_writes; /* begun or ended */
};

static unsigned look_again_ms = LOOK_AGAIN_MS;

static void start_look(Vault *v);

static void set_state(Vault *v, VaultState state) {
        if (v->state_known && v->state == state)
                return;

        v->state_known = true;
        v->state = state;
        v->on_state(state, v->userdata);
}

/* What the end of a call says about the state, if anything. */
static VaultState state_from_result(int r) {
        switch (r) {
        case 0:
                return VAULT_UNLOCKED;
        case CONDITION_KEYRING_LOCKED:
                return VAULT_LOCKED;
        case CONDITION_KEYRING_UNAVAILABLE:
                return VAULT_ABSENT;
        default:
                return _VAULT_STATE_INVALID;
        }
}

static gboolean on_look_timer(void *userdata) {
        Vault *v = userdata;

        v->look_timer = 0;
        start_look(v);
        return G_SOURCE_REMOVE;
}

static void on_looked(int r, void *userdata) {
        Vault *v = userdata;
        VaultState state = state_from_result(r);

        v->look = vault_call_free(v->look);
        if (v->look_again)
                start_look(v);
        else if (state < 0)
                v->look_timer = g_timeout_add(look_again_ms, on_look_timer, v);

        /* A service that does not answer is none, until it does. */
        if (state >= 0)
                set_state(v, state);
        else if (!v->state_known)
                set_state(v, VAULT_ABSENT);
}

static void start_look(Vault *v) {
        g_clear_handle_id(&v->look_timer, g_source_remove);
        v->look_again = v->look;
        if (!v->look)
                (void) vault_unlock(v, VAULT_NO_PROMPT, on_looked, v, &v->look);
}

static void stop_look(Vault *v) {
        g_clear_handle_id(&v->look_timer, g_source_remove);
        v->look = vault_call_free(v->look);
        v->look_again = false;
}

void vault_learn(Vault *v, const VaultCall *c, int r) {
        VaultState state = state_from_result(r);

        if (c != v->look && state >= 0 && state != v->state)
                start_look(v);
}

void vault_count_call(Vault *v) {
        v->n_calls++;
}

void vault_note_write(Vault *v, const VaultCall *c) {
        v->n_writes += c->writes;
}

void vault_forget_call(Vault *v) {
        assert(v->n_calls > 0);
        v->n_calls--;
}

SecretService *vault_get_service(Vault *v, char **ret_owner) {
        g_autofree char *owner = NULL;

        if (!v->service)
                return NULL;

        owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(v->service));
        if (!streq(owner, v->service_owner)) {
                vault_drop_service(v, v->service);
                return NULL;
        }

        *ret_owner = g_steal_pointer(&owner);
        return g_object_ref(v->service);
}

void vault_keep_service(Vault *v, SecretService *service, const char *owner) {
        if (v->service)
                return;

        v->service = g_object_ref(service);
        v->service_owner = g_strdup(owner);
}

void vault_drop_service(Vault *v, SecretService *service) {
        if (!service || v->service != service)
                return;

        g_clear_object(&v->service);
        g_clear_pointer(&v->service_owner, g_free);
}

static void on_collections_changed(GDBusConnection *bus, const char *sender, const char *path,
                                   const char *interface, const char *signal, GVariant *arguments,
                                   void *userdata) {
        start_look(userdata);
}

static unsigned subscribe(Vault *v, const char *interface, const char *signal, const char *arg0) {
        return g_dbus_connection_signal_subscribe(v->bus, SERVICE_NAME, interface, signal, NULL,
                                                  arg0, G_DBUS_SIGNAL_FLAGS_NONE,
                                                  on_collections_changed, v, NULL);
}

/* A closed bus is the end of the daemon, but in good order and not by a signal that GIO raises. */
static void take_bus(Vault *v, GDBusConnection *bus) {
        if (v->bus || !bus)
                return;

        v->bus = g_object_ref(bus);
        g_dbus_connection_set_exit_on_close(bus, FALSE);
        v->signals[SIGNAL_PROPERTIES] =
                subscribe(v, PROPERTIES_INTERFACE, "PropertiesChanged", COLLECTION_INTERFACE);
        v->signals[SIGNAL_COLLECTIONS] = subscribe(v, SERVICE_INTERFACE, NULL, NULL);
}

static void on_appeared(GDBusConnection *bus, const char *name, const char *owner, void *userdata) {
        Vault *v = userdata;

        take_bus(v, bus);
        if (!streq(v->service_owner, owner))
                vault_drop_service(v, v->service);
        start_look(v);
}

static void on_vanished(GDBusConnection *bus, const char *name, void *userdata) {
        Vault *v = userdata;

        take_bus(v, bus);
        vault_drop_service(v, v->service);
        stop_look(v);
        set_state(v, VAULT_ABSENT);
}

void vault_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms) {
        call_set_deadlines(plain_ms, prompt_ms);
        look_again_ms = plain_ms;
}

int vault_new(VaultStateFn on_state, void *userdata, Vault **ret) {
        Vault *v = g_new(Vault, 1);

        *v = (Vault){
                .on_state = on_state,
                .userdata = userdata,
                .state = VAULT_ABSENT,
        };
        v->watch = g_bus_watch_name(G_BUS_TYPE_SESSION, SERVICE_NAME,
                                    G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_appeared, on_vanished,
                                    v, NULL);
        *ret = v;
        return 0;
}

VaultState vault_state(const Vault *v) {
        return v->state;
}

uint64_t vault_writes(const Vault *v) {
        return v->n_writes;
}

Vault *vault_free(Vault *v) {
        if (!v)
                return NULL;

        stop_look(v);
        assert(v->n_calls == 0);
        vault_drop_service(v, v->service);
        for (size_t i = 0; v->bus && i < _SIGNAL_MAX; i++)
                g_dbus_connection_signal_unsubscribe(v->bus, v->signals[i]);
        g_clear_object(&v->bus);
        g_bus_unwatch_name(v->watch);
        g_free(v);
        return NULL;
}
