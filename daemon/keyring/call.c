/* SPDX-License-Identifier: MIT */

/*
 * The life of a call, its way to the service, and the meaning of errors. If the service went away
 * or lost our session during the call, the call begins again, once, with the program that owns the
 * name then. Each chain of steps starts with a search, so what was done already is found and not
 * done twice.
 */

#include "keyring/vault-private.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "common/names.h"

static const Method GET = { PROPERTIES_INTERFACE, "Get", "(v)" };
static const Method START = { DBUS_NAME, "StartServiceByName", "(u)" };
static const Method GET_PROCESS = { DBUS_NAME, "GetConnectionUnixProcessID", "(u)" };

#define PROMPT_DEADLINE_MS (120u * 1000)

#define ERROR_NO_SESSION "org.freedesktop.Secret.Error.NoSession"

/* What kwalletd5 says of a new item that it cannot decrypt, since it has another key than we. */
#define ERROR_BAD_SESSION "org.qtproject.QtDBus.Error.InvalidObjectPath"

typedef struct Request {
        VaultCall *call;
        CallReplyFn fn;
} Request;

static unsigned plain_deadline_ms = DEADLINE_KEYRING_MS;
static unsigned prompt_deadline_ms = PROMPT_DEADLINE_MS;

static void call_open(VaultCall *c);
static void call_start_provider(VaultCall *c);

static VaultCall *call_ref(VaultCall *c) {
        c->n_ref++;
        return c;
}

static VaultCall *call_unref(VaultCall *c) {
        if (--c->n_ref > 0)
                return NULL;

        g_clear_pointer(&c->items, g_ptr_array_unref);
        g_strfreev(c->collections);
        g_clear_object(&c->service);
        g_clear_object(&c->cancellable);
        secret_unref(c->document);
        g_free(c->collection);
        g_free(c->owner);
        g_free(c->label);
        g_free(c->client_id);
        g_free(c->id);
        g_free(c);
        return NULL;
}
DEFINE_CLEANUP(VaultCall *, call_unref)

GDBusConnection *call_bus(const VaultCall *c) {
        return c->service ? g_dbus_proxy_get_connection(G_DBUS_PROXY(c->service)) : c->session->bus;
}

Item *call_current_item(const VaultCall *c) {
        return g_ptr_array_index(c->items, c->at);
}

void call_stop_waiting(VaultCall *c) {
        if (c->prompt_signal > 0)
                g_dbus_connection_signal_unsubscribe(call_bus(c), c->prompt_signal);
        c->prompt_signal = 0;
        g_clear_handle_id(&c->watch, g_bus_unwatch_name);
        g_clear_handle_id(&c->write_timer, g_source_remove);
}

/* Nothing runs after this but what GIO still has to complete. */
static void call_end(VaultCall *c) {
        if (!c->session)
                return;

        call_stop_waiting(c);
        g_clear_handle_id(&c->deadline, g_source_remove);
        g_cancellable_cancel(c->cancellable);
        c->session->n_writes += c->writes;
        c->session->n_calls--;
        c->session = NULL;
}

VaultCall *vault_call_free(VaultCall *c) {
        if (!c)
                return NULL;

        call_end(c);
        return call_unref(c);
}

static void call_deliver(VaultCall *c, int r) {
        g_autofree VaultItem *items = NULL;
        size_t n = r == 0 && c->items ? c->items->len : 0;

        if (c->done)
                return c->done(r, c->userdata);

        items = g_new0(VaultItem, n);
        for (size_t at = 0; at < n; at++) {
                const Item *i = g_ptr_array_index(c->items, at);

                items[at] = (VaultItem){
                        .key.kind = i->kind,
                        .key.id = str_or_empty(i->id),
                        .key.client_id = str_or_empty(i->client_id),
                        .locked = i->locked,
                        .document = i->document,
                        .modified = i->modified,
                };
        }
        c->found(r, items, n, c->userdata);
}

void call_finish(VaultCall *c, int r) {
        call_ref(c);
        c->session->on_call_end(c, r, c->session->userdata);
        if (c->session) { /* else the owner has freed the call meanwhile */
                call_end(c);
                call_deliver(c, r);
        }
        call_unref(c);
}

/* Whether the service has gone or has lost our session. */
static bool call_error_is_peer_lost(const GError *error) {
        g_autofree char *name = g_dbus_error_get_remote_error(error);

        return g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
               streq(name, ERROR_NO_SESSION) || streq(name, ERROR_BAD_SESSION);
}

/* Whether there is no bus, or no program that owns the name or could be started for it. libsecret
 * takes the name off an error that it does not know, so an error without a name may be one of
 * these, too; opening only meets those that tell that a service could not be started. */
static bool call_error_is_unavailable(const GError *error) {
        g_autofree char *name = g_dbus_error_get_remote_error(error);

        if (error->domain == G_DBUS_ERROR)
                return error->code == G_DBUS_ERROR_SERVICE_UNKNOWN ||
                       error->code == G_DBUS_ERROR_NAME_HAS_NO_OWNER ||
                       error->code == G_DBUS_ERROR_NO_SERVER ||
                       error->code == G_DBUS_ERROR_DISCONNECTED ||
                       (error->code >= G_DBUS_ERROR_SPAWN_EXEC_FAILED &&
                        error->code <= G_DBUS_ERROR_SPAWN_NO_MEMORY);
        return error->domain == G_IO_ERROR && !name && error->code != G_IO_ERROR_TIMED_OUT &&
               error->code != G_IO_ERROR_INVALID_ARGUMENT;
}

bool call_error_is_gone(const GError *error) {
        return g_error_matches(error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
}

bool call_error_is_locked(const GError *error) {
        return g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED);
}

void call_fail(VaultCall *c, const GError *error) {
        log_debug("keyring: %s", error->message);

        if (call_error_is_locked(error))
                call_finish(c, CONDITION_KEYRING_LOCKED);
        else if (call_error_is_unavailable(error))
                call_finish(c, CONDITION_KEYRING_UNAVAILABLE);
        else
                call_finish(c, CONDITION_KEYRING_FAILED);
}

static void call_on_reply(GObject *source, GAsyncResult *result, void *userdata) {
        g_autofree Request *q = userdata;
        _cleanup_(call_unrefp) VaultCall *c = q->call;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = NULL;

        reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        if (!c->session)
                return;
        if (!reply && c->service && call_error_is_peer_lost(error) && call_restart(c))
                return;

        q->fn(c, reply, error);
}

static void call_request_of(VaultCall *c, const char *destination, const char *path,
                            const Method *m, GVariant *args, CallReplyFn fn) {
        Request *q = g_new(Request, 1);

        *q = (Request){ .call = call_ref(c), .fn = fn };
        g_dbus_connection_call(call_bus(c), destination, path, m->interface, m->name, args,
                               G_VARIANT_TYPE(m->reply), G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT,
                               c->cancellable, call_on_reply, q);
}

void call_request(VaultCall *c, const char *path, const Method *m, GVariant *args, CallReplyFn fn) {
        call_request_of(c, c->owner, path, m, args, fn);
}

void call_request_property(VaultCall *c, const char *path, const char *interface,
                           const char *property, CallReplyFn fn) {
        call_request(c, path, &GET, g_variant_new("(ss)", interface, property), fn);
}

GVariant *call_property(GVariant *reply, const char *type) {
        g_autoptr(GVariant) value = NULL;

        g_variant_get(reply, "(v)", &value);
        return g_variant_is_of_type(value, G_VARIANT_TYPE(type)) ? g_steal_pointer(&value) : NULL;
}

static void call_on_appeared(GDBusConnection *bus, const char *name, const char *owner,
                             void *userdata) {
        VaultCall *c = userdata;

        call_stop_waiting(c);
        call_open(c);
}

/* The name of the service may come a moment later than the name that was started. */
static void call_on_started(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply)
                return call_start_provider(c);

        c->watch = g_bus_watch_name_on_connection(call_bus(c), SERVICE_NAME,
                                                  G_BUS_NAME_WATCHER_FLAGS_NONE, call_on_appeared,
                                                  NULL, c, NULL);
}

/* There is no service, and the bus knows no program to start for its name. */
static void call_start_provider(VaultCall *c) {
        const char *name = session_name_to_start(c->session, c->n_starts);

        if (!name)
                return call_finish(c, CONDITION_KEYRING_UNAVAILABLE);

        c->n_starts++;
        call_request_of(c, DBUS_NAME, DBUS_PATH, &START, g_variant_new("(su)", name, 0),
                        call_on_started);
}

static void call_on_process(VaultCall *c, GVariant *reply, const GError *error) {
        unsigned pid = 0;

        if (reply)
                g_variant_get(reply, "(u)", &pid);
        else
                log_debug("keyring: %s", error->message);

        c->provider = provider_of_process(pid);
        session_keep(c->session, c->service, c->owner, c->provider);
        c->begin(c);
}

static void call_on_open_failed(VaultCall *c, const GError *error) {
        bool refused = error && !call_error_is_unavailable(error);

        /* KWallet refuses a public key that begins with a zero byte, as one in 256 does. */
        if ((!error || call_error_is_peer_lost(error) || refused) && call_restart(c))
                return;
        if (refused)
                return call_fail(c, error);
        call_start_provider(c);
}

static void call_on_opened(GObject *source, GAsyncResult *result, void *userdata) {
        _cleanup_(call_unrefp) VaultCall *c = userdata;
        g_autoptr(SecretService) service = NULL;
        g_autoptr(GError) error = NULL;

        service = secret_service_open_finish(result, &error);
        if (!c->session)
                return;

        if (service)
                c->owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(service));
        if (!c->owner)
                return call_on_open_failed(c, error);

        c->service = g_steal_pointer(&service);
        call_request_of(c, DBUS_NAME, DBUS_PATH, &GET_PROCESS, g_variant_new("(s)", c->owner),
                        call_on_process);
}

static void call_open(VaultCall *c) {
        c->service = session_get(c->session, &c->owner, &c->provider);
        if (c->service)
                c->begin(c);
        else
                session_open(c->cancellable, call_on_opened, call_ref(c));
}

bool call_restart(VaultCall *c) {
        if (c->restarted)
                return false;

        c->restarted = true;
        call_stop_waiting(c);
        session_drop(c->session, c->service);
        g_clear_object(&c->service);
        g_clear_pointer(&c->owner, g_free);
        call_open(c);
        return true;
}

static gboolean call_on_deadline(void *userdata) {
        VaultCall *c = userdata;

        c->deadline = 0;
        log_debug("keyring: the service does not answer");
        call_finish(c, CONDITION_KEYRING_FAILED);
        return G_SOURCE_REMOVE;
}

unsigned call_plain_deadline_ms(void) {
        return plain_deadline_ms;
}

void call_set_deadlines_ms(unsigned plain_ms, unsigned prompt_ms) {
        plain_deadline_ms = plain_ms;
        prompt_deadline_ms = prompt_ms;
}

void call_set_deadline(VaultCall *c, bool prompting) {
        g_clear_handle_id(&c->deadline, g_source_remove);
        c->deadline = g_timeout_add(prompting ? prompt_deadline_ms : plain_deadline_ms,
                                    call_on_deadline, c);
}

VaultCall *call_new(Session *s, CallStepFn begin, const VaultKey *key, VaultPrompt prompt,
                    void *userdata) {
        VaultCall *c = g_new(VaultCall, 1);

        *c = (VaultCall){
                .n_ref = 1,
                .session = s,
                .begin = begin,
                .kind = key ? key->kind : _VAULT_KIND_INVALID,
                .id = g_strdup(key ? key->id : NULL),
                .client_id = g_strdup(key ? key->client_id : NULL),
                .prompt = prompt,
                .userdata = userdata,
                .cancellable = g_cancellable_new(),
        };
        s->n_calls++;
        return c;
}

void call_start(VaultCall *c) {
        c->session->n_writes += c->writes;
        call_set_deadline(c, false);
        call_open(c);
}
