/* SPDX-License-Identifier: MIT */

/* gnome-keyring, and a substitute for the program that shows its prompts. */

#include <signal.h>
#include <sys/wait.h>

#include "rig-private.h"

#define PASSWORD           "correct horse"
#define SECRETS_PATH       "/org/freedesktop/secrets"
#define PROMPTER           "org.gnome.keyring.SystemPrompter"
#define PROMPTER_INTERFACE "org.gnome.keyring.internal.Prompter"
#define MASTER_INTERFACE   "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"

static GPid service;
static char *session;

static int n_prompts_begun; /* counted by GIO's thread */
static int prompts_ignored;

/* Prompts */

static bool is_call_of(GDBusMessage *m, const char *member) {
        return g_dbus_message_get_message_type(m) == G_DBUS_MESSAGE_TYPE_METHOD_CALL &&
               streq(g_dbus_message_get_interface(m), PROMPTER_INTERFACE) &&
               streq(g_dbus_message_get_member(m), member);
}

static void accept_prompt(GDBusConnection *c, GDBusMessage *m) {
        g_autoptr(GDBusMessage) reply = g_dbus_message_new_method_reply(m);

        g_dbus_connection_send_message(c, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* Runs in GIO's thread. Prompts that are not left open are refused with an error: the one that GIO
 * answers with if there is no such object. */
static GDBusMessage *on_message(GDBusConnection *c, GDBusMessage *m, gboolean incoming,
                                void *userdata) {
        if (!incoming)
                return m;
        if (is_call_of(m, "BeginPrompting")) {
                g_atomic_int_inc(&n_prompts_begun);
                if (g_atomic_int_get(&prompts_ignored)) {
                        accept_prompt(c, m);
                        g_clear_object(&m);
                }
        }
        g_main_context_wakeup(NULL);
        return m;
}

unsigned prompts_begun(void) {
        return (unsigned) g_atomic_int_get(&n_prompts_begun);
}

void ignore_prompts(void) {
        g_atomic_int_set(&prompts_ignored, 1);
}

static unsigned awaited;

static bool prompts_as_awaited(void) {
        return prompts_begun() >= awaited;
}

void await_prompts(unsigned n) {
        awaited = n;
        AWAIT(prompts_as_awaited);
}

void begin_prompter(void) {
        g_autoptr(GVariant) reply = NULL;

        g_dbus_connection_add_filter(rig_bus(), on_message, NULL, NULL);
        reply = ask_bus("RequestName", g_variant_new("(su)", PROMPTER, 0));
}

/* The service */

static GVariant *ask_service(const char *method, GVariant *arguments) {
        return ask(SECRETS, SECRETS_PATH, "org.freedesktop.Secret.Service", method, arguments);
}

bool service_is_there(void) {
        g_autoptr(GVariant) reply = ask_bus("NameHasOwner", g_variant_new("(s)", SECRETS));
        gboolean there;

        g_variant_get(reply, "(b)", &there);
        return there;
}

static pid_t service_pid(void) {
        g_autoptr(GVariant) reply =
                ask_bus("GetConnectionUnixProcessID", g_variant_new("(s)", SECRETS));
        guint32 pid;

        g_variant_get(reply, "(u)", &pid);
        return (pid_t) pid;
}

static bool service_is_gone(void) {
        return !service_is_there();
}

static void spawn_service(const char *const *argv) {
        g_autoptr(GError) error = NULL;
        int in;

        g_clear_pointer(&session, g_free);
        if (!g_spawn_async_with_pipes(NULL, (char **) argv, NULL,
                                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                              G_SPAWN_STDOUT_TO_DEV_NULL |
                                              G_SPAWN_STDERR_TO_DEV_NULL,
                                      NULL, NULL, &service, &in, NULL, NULL, &error))
                rig_failed(__FILE__, __LINE__, error->message);

        CHECK(write(in, PASSWORD, strlen(PASSWORD)) == (ssize_t) strlen(PASSWORD));
        (void) close(in);
        AWAIT(service_is_there);
}

void start_service_unlocked(void) {
        static const char *const argv[] = { "gnome-keyring-daemon", "--foreground", "--unlock",
                                            "--components=secrets", NULL };

        spawn_service(argv);
}

void start_service_locked(void) {
        static const char *const argv[] = { "gnome-keyring-daemon", "--foreground",
                                            "--components=secrets", NULL };

        spawn_service(argv);
}

void kill_service_at_once(void) {
        pid_t pid = service_pid();

        CHECK(kill(pid, SIGKILL) == 0);
        if (pid != service)
                return;
        CHECK(waitpid(pid, NULL, 0) == pid);
        g_spawn_close_pid(service);
        service = 0;
}

void kill_service(void) {
        kill_service_at_once();
        AWAIT(service_is_gone);
}

void freeze_service(void) {
        CHECK(kill(service_pid(), SIGSTOP) == 0);
}

void thaw_service(void) {
        CHECK(kill(service_pid(), SIGCONT) == 0);
}

void lock_collection(const char *path) {
        g_autoptr(GVariant) reply = NULL;

        reply = ask_service("Lock", g_variant_new("(@ao)", g_variant_new_objv(&path, 1)));
}

void lock_keyring(void) {
        lock_collection(LOGIN_COLLECTION);
}

static GVariant *plain_secret(const char *text) {
        if (!session) {
                g_autoptr(GVariant) reply = NULL;

                reply = ask_service("OpenSession",
                                    g_variant_new("(sv)", "plain", g_variant_new_string("")));
                g_variant_get(reply, "(vo)", NULL, &session);
        }

        return g_variant_new("(o@ay@ays)", session,
                             g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, NULL, 0, 1),
                             g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, text, strlen(text), 1),
                             "text/plain");
}

void unlock_keyring(void) {
        g_autoptr(GVariant) reply = NULL;

        reply = ask(SECRETS, SECRETS_PATH, MASTER_INTERFACE, "UnlockWithMasterPassword",
                    g_variant_new("(o@(oayays))", LOGIN_COLLECTION, plain_secret(PASSWORD)));
}

char *create_collection(const char *label) {
        g_autoptr(GVariant) reply = NULL;
        GVariantBuilder b;
        char *path;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&b, "{sv}", "org.freedesktop.Secret.Collection.Label",
                              g_variant_new_string(label));
        reply = ask(SECRETS, SECRETS_PATH, MASTER_INTERFACE, "CreateWithMasterPassword",
                    g_variant_new("(a{sv}@(oayays))", &b, plain_secret(PASSWORD)));
        g_variant_get(reply, "(o)", &path);
        return path;
}

static GVariant *attributes_of(const char *schema, const VaultKey *key) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        g_variant_builder_add(&b, "{ss}", "xdg:schema", schema);
        g_variant_builder_add(&b, "{ss}", "kind",
                              key->kind == VAULT_ACCOUNT ? "account" : "application");
        g_variant_builder_add(&b, "{ss}", "id", key->id);
        g_variant_builder_add(&b, "{ss}", "client_id", key->client_id);
        return g_variant_builder_end(&b);
}

void add_item(const char *schema, const VaultKey *key, const char *collection,
              const char *document) {
        g_autoptr(GVariant) reply = NULL;
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&b, "{sv}", "org.freedesktop.Secret.Item.Label",
                              g_variant_new_string("added by hand"));
        g_variant_builder_add(&b, "{sv}", "org.freedesktop.Secret.Item.Attributes",
                              attributes_of(schema, key));
        reply = ask(SECRETS, collection, "org.freedesktop.Secret.Collection", "CreateItem",
                    g_variant_new("(a{sv}@(oayays)b)", &b, plain_secret(document), FALSE));
}

char *item_property(const VaultKey *key, const char *name) {
        g_autoptr(GVariant) reply = NULL, answer = NULL, value = NULL;
        g_autofree const char **unlocked = NULL;

        reply = ask_service("SearchItems",
                            g_variant_new("(@a{ss})", attributes_of(OUR_SCHEMA, key)));
        g_variant_get(reply, "(^a&o@ao)", &unlocked, NULL);
        CHECK(unlocked[0] && !unlocked[1]);
        answer = ask(SECRETS, unlocked[0], "org.freedesktop.DBus.Properties", "Get",
                     g_variant_new("(ss)", "org.freedesktop.Secret.Item", name));
        g_variant_get(answer, "(v)", &value);
        return g_variant_print(value, FALSE);
}

void end_service(void) {
        if (service_is_there() && service_pid() != getpid())
                kill_service();
        g_clear_pointer(&session, g_free);
}

void abandon_service(void) {
        if (service > 0)
                (void) kill(service, SIGKILL);
}
