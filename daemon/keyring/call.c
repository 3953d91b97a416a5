/* SPDX-License-Identifier: MIT */

/*
 * Life of a call, its way to the service, and the meaning of errors. Where the service went away or
 * lost our session during the call, the call begins again, once, with whoever owns the name then:
 * each chain starts with a search, so what was done already is found and not done twice.
 */

#include "keyring/call.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "keyring/item.h"
#include "keyring/prompt.h"
#include "keyring/provider.h"
#include "keyring/quiet-service.h"
#include "keyring/vault-private.h"

static const Method GET = { PROPERTIES_INTERFACE, "Get", "(v)" };

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

static VaultCall *call_ref(VaultCall *c) {
        c->n_ref++;
        return c;
}

static VaultCall *call_unref(VaultCall *c) {
        if (--c->n_ref > 0)
                return NULL;

        g_clear_pointer(&c->items, g_ptr_array_unref);
        g_clear_pointer(&c->collections, g_strfreev);
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

/* Nothing runs after this but what GIO still has to complete. */
static void call_end(VaultCall *c) {
        if (!c->vault)
                return;

        prompt_forget(c);
        provider_forget(c);
        vault_note_write(c->vault, c);
        vault_forget_call(c->vault);
        c->vault = NULL;
        g_clear_handle_id(&c->deadline, g_source_remove);
        g_clear_handle_id(&c->settle_timer, g_source_remove);
        g_cancellable_cancel(c->cancellable);
        c->document = secret_unref(c->document);
}

VaultCall *vault_call_free(VaultCall *c) {
        if (!c)
                return NULL;

        call_end(c);
        return call_unref(c);
}

static void deliver(VaultCall *c, int r) {
        g_autofree VaultItem *items = NULL;
        size_t n = r == 0 && c->items ? c->items->len : 0;

        if (c->done)
                return c->done(r, c->userdata);

        items = g_new0(VaultItem, n);
        for (size_t i = 0; i < n; i++)
                items[i] = item_view(g_ptr_array_index(c->items, i));
        c->found(r, items, n, c->userdata);
}

void call_finish(VaultCall *c, int r) {
        call_ref(c);
        vault_learn(c->vault, c, r);
        call_end(c);
        deliver(c, r);
        call_unref(c);
}

/* GError of an answer that never came from the service itself but tells that it is gone. */
static bool is_peer_lost(const GError *error) {
        g_autofree char *name = g_dbus_error_get_remote_error(error);

        return g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
               g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
               streq(name, ERROR_NO_SESSION) || streq(name, ERROR_BAD_SESSION);
}

/* No bus, nobody who owns the name, and nobody who could be started for it. libsecret takes the name
 * off an error it does not know; opening only meets those where starting the service failed. */
static bool is_unavailable(const GError *error) {
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
        else if (is_unavailable(error))
                call_finish(c, CONDITION_KEYRING_UNAVAILABLE);
        else
                call_finish(c, CONDITION_KEYRING_FAILED);
}

GDBusConnection *call_bus(const VaultCall *c) {
        return g_dbus_proxy_get_connection(G_DBUS_PROXY(c->service));
}

static void on_reply(GObject *source, GAsyncResult *result, void *userdata) {
        g_autofree Request *q = userdata;
        _cleanup_(call_unrefp) VaultCall *c = q->call;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = NULL;

        reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        if (!c->vault)
                return;
        if (!reply && c->service && is_peer_lost(error) && call_restart(c))
                return;

        q->fn(c, reply, error);
}

static void request(VaultCall *c, GDBusConnection *bus, const char *destination, const char *path,
                    const Method *m, GVariant *args, CallReplyFn fn) {
        Request *q = g_new(Request, 1);

        *q = (Request){ .call = call_ref(c), .fn = fn };
        g_dbus_connection_call(bus, destination, path, m->interface, m->name, args,
                               G_VARIANT_TYPE(m->reply), G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT,
                               c->cancellable, on_reply, q);
}

void call_request(VaultCall *c, const char *path, const Method *m, GVariant *args, CallReplyFn fn) {
        request(c, call_bus(c), c->owner, path, m, args, fn);
}

void call_request_property(VaultCall *c, const char *path, const char *interface,
                           const char *property, CallReplyFn fn) {
        call_request(c, path, &GET, g_variant_new("(ss)", interface, property), fn);
}

void call_request_bus(VaultCall *c, const Method *m, GVariant *args, CallReplyFn fn) {
        request(c, vault_get_bus(c->vault), BUS_NAME, BUS_PATH, m, args, fn);
}

static void on_opened(GObject *source, GAsyncResult *result, void *userdata) {
        _cleanup_(call_unrefp) VaultCall *c = userdata;
        g_autoptr(SecretService) service = NULL;
        g_autoptr(GError) error = NULL;

        service = secret_service_open_finish(result, &error);
        if (!c->vault)
                return;

        if (service)
                c->owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(service));
        if (!c->owner) {
                bool refused = error && !is_unavailable(error);

                /* KWallet refuses a public key that begins with a zero byte, as one in 256 does. */
                if ((!error || is_peer_lost(error) || refused) && call_restart(c))
                        return;
                if (refused)
                        return call_fail(c, error);
                return provider_start(c);
        }

        c->service = g_steal_pointer(&service);
        vault_keep_service(c->vault, c->service, c->owner);
        c->begin(c);
}

void call_open(VaultCall *c) {
        c->service = vault_get_service(c->vault, &c->owner);
        if (c->service)
                return c->begin(c);

        secret_service_open(QUIET_TYPE_SERVICE, NULL, SECRET_SERVICE_OPEN_SESSION, c->cancellable,
                            on_opened, call_ref(c));
}

bool call_restart(VaultCall *c) {
        if (c->restarted)
                return false;

        c->restarted = true;
        prompt_forget(c);
        vault_drop_service(c->vault, c->service);
        g_clear_object(&c->service);
        g_clear_pointer(&c->owner, g_free);
        call_open(c);
        return true;
}

static gboolean on_deadline(void *userdata) {
        VaultCall *c = userdata;

        c->deadline = 0;
        log_debug("keyring: the service does not answer");
        call_finish(c, CONDITION_KEYRING_FAILED);
        return G_SOURCE_REMOVE;
}

void call_set_deadlines(unsigned plain_ms, unsigned prompt_ms) {
        plain_deadline_ms = plain_ms;
        prompt_deadline_ms = prompt_ms;
}

void call_set_deadline(VaultCall *c, bool prompting) {
        g_clear_handle_id(&c->deadline, g_source_remove);
        c->deadline =
                g_timeout_add(prompting ? prompt_deadline_ms : plain_deadline_ms, on_deadline, c);
}

VaultCall *call_new(Vault *v, CallStepFn begin, const VaultKey *key, VaultPrompt prompt,
                    void *userdata) {
        VaultCall *c = g_new(VaultCall, 1);

        *c = (VaultCall){
                .n_ref = 1,
                .vault = v,
                .begin = begin,
                .kind = key ? key->kind : _VAULT_KIND_INVALID,
                .id = g_strdup(key ? key->id : NULL),
                .client_id = g_strdup(key ? key->client_id : NULL),
                .prompt = prompt,
                .userdata = userdata,
                .cancellable = g_cancellable_new(),
        };
        vault_count_call(v);
        return c;
}

void call_start(VaultCall *c) {
        vault_note_write(c->vault, c);
        call_set_deadline(c, false);
        call_open(c);
}
