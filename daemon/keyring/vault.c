/* SPDX-License-Identifier: MIT */

/*
 * The vault: what is known of the service, which may change hands, lock and unlock at any time.
 *
 * The state comes from looking: a call as any other (unlock without a prompt) is made whenever the
 * service appears, says that something about a collection changed, or answers a call in a way that
 * contradicts what we believe. Not every service says so, so callers look as well; what any look finds
 * is the state from then on. The service is started once, when we begin to watch its name, and later
 * whenever a call needs it.
 */

#include "keyring/vault.h"

#include <assert.h>

#include "common/condition.h"
#include "keyring/vault-private.h"

/* How long after a look that failed the next one is, while the service has its name. */
#define LOOK_AGAIN_MS (10u * 1000)

#define START_INTERVAL_US (60 * G_USEC_PER_SEC)

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

        unsigned watch;
        GDBusConnection *bus;
        unsigned signals[_SIGNAL_MAX];

        VaultCall *look;
        bool look_again;
        unsigned look_timer;

        /* The service whose session all calls share; the owner is the one that opened it. */
        SecretService *service;
        char *service_owner;
        Provider provider;
        bool prompt_needed;
        int64_t started_at_us; /* monotonic: when one was last started; 0: never */
        int64_t written_at_us; /* monotonic: when all is written */

        unsigned n_calls;
        uint64_t n_changes;
        uint64_t n_writes; /* begun or ended */
};

static unsigned look_again_ms = LOOK_AGAIN_MS;

static void start_look(Vault *v);

static void set_state(Vault *v, VaultState state) {
        if (v->state_known && v->state == state)
                return;

        v->state_known = true;
        v->state = state;
        v->n_changes++;
        v->events->on_state(state, v->userdata);
}

/* What the end of a look says about the state, if anything. */
static VaultState state_from_result(int r) {
        switch (r) {
        case 0:
                return VAULT_UNLOCKED;
        case CONDITION_KEYRING_LOCKED:
                return VAULT_LOCKED;
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return VAULT_ITEMS_LOCKED;
        case CONDITION_KEYRING_MISSING:
                return VAULT_MISSING;
        case CONDITION_KEYRING_UNAVAILABLE:
                return VAULT_ABSENT;
        default:
                return _VAULT_STATE_INVALID;
        }
}

int vault_condition(const Vault *v) {
        switch (v->state) {
        case VAULT_LOCKED:
                return CONDITION_KEYRING_LOCKED;
        case VAULT_ITEMS_LOCKED:
                return CONDITION_KEYRING_ITEMS_LOCKED;
        case VAULT_MISSING:
                return CONDITION_KEYRING_MISSING;
        case VAULT_SILENT:
                return CONDITION_KEYRING_FAILED;
        case VAULT_ABSENT:
                return CONDITION_KEYRING_UNAVAILABLE;
        case VAULT_UNLOCKED:
        case _VAULT_STATE_MAX:
        case _VAULT_STATE_INVALID:
                break;
        }
        return 0;
}

static gboolean on_look_timer(void *userdata) {
        Vault *v = userdata;

        v->look_timer = 0;
        start_look(v);
        return G_SOURCE_REMOVE;
}

static void on_looked(int r, void *userdata) {
        Vault *v = userdata;

        v->look = vault_call_free(v->look);
        if (v->look_again)
                start_look(v);
        else if (state_from_result(r) < 0)
                v->look_timer = g_timeout_add(look_again_ms, on_look_timer, v);
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

/* Once more until it answers; our own look sees to that itself. */
static void learn_silence(Vault *v, const VaultCall *c) {
        set_state(v, VAULT_SILENT);
        if (c != v->look)
                start_look(v);
}

/* That something was found says nothing, since locked items are found, too. */
void vault_learn(Vault *v, const VaultCall *c, int r) {
        VaultState state = state_from_result(r);

        if (c->examines && state >= 0)
                set_state(v, state);
        else if (c->examines && c->asked == 0)
                learn_silence(v, c);
        else if (state >= 0 && state != v->state && (r != 0 || c->writes))
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

GDBusConnection *vault_get_bus(const Vault *v) {
        return v->bus;
}

Provider vault_get_provider(const Vault *v) {
        return v->provider;
}

void vault_keep_provider(Vault *v, Provider provider) {
        v->provider = provider;
}

bool vault_may_start(Vault *v) {
        int64_t now_us = g_get_monotonic_time();

        if (!v->bus || (v->started_at_us > 0 && now_us - v->started_at_us < START_INTERVAL_US))
                return false;

        v->started_at_us = now_us;
        return true;
}

bool vault_is_prompt_needed(const Vault *v) {
        return v->prompt_needed;
}

void vault_note_prompt_needed(Vault *v, bool needed) {
        v->prompt_needed = needed;
}

void vault_note_unwritten(Vault *v, unsigned ms) {
        v->written_at_us = MAX_OF(v->written_at_us, g_get_monotonic_time() + (int64_t) ms * 1000);
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
        v->provider = PROVIDER_UNKNOWN;
        v->prompt_needed = false;
}

static void on_collections_changed(GDBusConnection *bus, const char *sender, const char *path,
                                   const char *interface, const char *signal, GVariant *arguments,
                                   void *userdata) {
        start_look(userdata);
}

static void on_item_deleted(GDBusConnection *bus, const char *sender, const char *path,
                            const char *interface, const char *signal, GVariant *arguments,
                            void *userdata) {
        Vault *v = userdata;

        v->events->on_deleted(v->userdata);
}

static unsigned subscribe(Vault *v, const char *interface, const char *signal, const char *arg0,
                          GDBusSignalCallback fn) {
        return g_dbus_connection_signal_subscribe(v->bus, SERVICE_NAME, interface, signal, NULL,
                                                  arg0, G_DBUS_SIGNAL_FLAGS_NONE, fn, v, NULL);
}

/* A closed bus is the end of the daemon, but in good order and not by a signal that GIO raises. */
static void take_bus(Vault *v, GDBusConnection *bus) {
        if (v->bus || !bus)
                return;

        v->bus = g_object_ref(bus);
        g_dbus_connection_set_exit_on_close(bus, FALSE);
        v->signals[SIGNAL_PROPERTIES] = subscribe(v, PROPERTIES_INTERFACE, "PropertiesChanged",
                                                  COLLECTION_INTERFACE, on_collections_changed);
        v->signals[SIGNAL_COLLECTIONS] =
                subscribe(v, SERVICE_INTERFACE, NULL, NULL, on_collections_changed);
        v->signals[SIGNAL_DELETED] =
                subscribe(v, COLLECTION_INTERFACE, "ItemDeleted", NULL, on_item_deleted);
}

static void on_appeared(GDBusConnection *bus, const char *name, const char *owner, void *userdata) {
        Vault *v = userdata;

        take_bus(v, bus);
        if (!streq(v->service_owner, owner))
                vault_drop_service(v, v->service);
        start_look(v);
}

/* Runs once at the beginning, too, if the bus could not start a service; then a look tries what else there
 * may be. */
static void on_vanished(GDBusConnection *bus, const char *name, void *userdata) {
        Vault *v = userdata;
        bool first = !v->state_known;

        take_bus(v, bus);
        vault_drop_service(v, v->service);
        v->written_at_us = 0; /* what it has not written it never will */
        stop_look(v);
        set_state(v, VAULT_ABSENT);
        if (first && v->bus)
                start_look(v);
}

void vault_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms) {
        call_set_deadlines(plain_ms, prompt_ms);
        look_again_ms = plain_ms;
}

int vault_new(const VaultEvents *events, void *userdata, Vault **ret) {
        Vault *v = g_new(Vault, 1);

        *v = (Vault){
                .events = events,
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

unsigned vault_unwritten_ms(const Vault *v) {
        int64_t left_us = v->written_at_us - g_get_monotonic_time();

        return left_us > 0 ? (unsigned) (left_us / 1000) + 1 : 0;
}

bool vault_is_writing(const Vault *v) {
        return vault_unwritten_ms(v) > 0;
}

uint64_t vault_changes(const Vault *v) {
        return v->n_changes;
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
