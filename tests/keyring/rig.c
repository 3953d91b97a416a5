/* SPDX-License-Identifier: MIT */

#include "rig.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "keyring/vault-private.h"

#define GIVE_UP_MS 20000

#define PASSWORD           "correct horse"
#define LOGIN_COLLECTION   "/org/freedesktop/secrets/collection/login"
#define SECRETS            "org.freedesktop.secrets"
#define SECRETS_PATH       "/org/freedesktop/secrets"
#define PROMPTER           "org.gnome.keyring.SystemPrompter"
#define PROMPTER_INTERFACE "org.gnome.keyring.internal.Prompter"
#define MASTER_INTERFACE   "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"

/* What GIO still has to complete after the end. */
#define DRAIN_MS 100

/* How long turn_times() waits for an event where there is none. */
#define TICK_MS 20

/* Ends a case that does not end. */
#define CASE_MAX_S 100

#define MANY_MAX 32

const VaultKey ANNA = { VAULT_ACCOUNT, "a1b2", "client-1" };
const VaultKey BORIS = { VAULT_ACCOUNT, "b3c4", "client-1" };
const VaultKey APP = { VAULT_APPLICATION, "client-1", "client-1" };

static GDBusConnection *bus; /* the test's own, beside the one that the vault shares */
static GPid service;
static char *session;

static Vault *vault;
static VaultState state;
static unsigned n_states;

static int n_prompts_begun; /* counted by GIO's thread */
static int prompts_ignored;

static VaultCall *call;
static bool call_ended;
static int result;
static const char *item_label = "a label";
static FoundItem found[ITEMS_MAX];

static VaultCall *many[MANY_MAX];
static size_t n_many;
static int many_result;

static size_t n_found;

void rig_failed(const char *file, int line, const char *what) {
        fprintf(stderr, "%s:%i: failed: %s\n", file, line, what);
        if (service > 0)
                kill(service, SIGKILL);
        exit(EXIT_FAILURE);
}

/* The loop */

static gboolean on_give_up(void *userdata) {
        rig_failed(__FILE__, __LINE__, userdata);
}

typedef bool (*Predicate)(void);

static void await(Predicate p, const char *what) {
        unsigned timer = g_timeout_add(GIVE_UP_MS, on_give_up, (void *) what);

        while (!p())
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(timer);
}

#define AWAIT(predicate) await(predicate, "await " #predicate)

void turn(void) {
        while (g_main_context_iteration(NULL, FALSE))
                ;
}

static gboolean on_time(void *userdata) {
        *(bool *) userdata = true;
        return G_SOURCE_REMOVE;
}

static gboolean on_tick(void *userdata) {
        return G_SOURCE_CONTINUE;
}

void turn_times(unsigned n) {
        unsigned tick = g_timeout_add(TICK_MS, on_tick, NULL);

        while (n-- > 0 && !call_ended)
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(tick);
}

void turn_for_ms(unsigned ms) {
        bool over = false;

        g_timeout_add(ms, on_time, &over);
        while (!over)
                g_main_context_iteration(NULL, TRUE);
}

/* The keyring's times are whole seconds. */
void await_next_second(void) {
        turn_for_ms(1000 - (unsigned) (g_get_real_time() / 1000 % 1000));
}

void settle(void) {
        turn_for_ms(DRAIN_MS);
}

unsigned milliseconds(void) {
        static gint64 epoch;
        gint64 now = g_get_monotonic_time() / 1000;

        if (epoch == 0)
                epoch = now;
        return (unsigned) (now - epoch);
}

/* The test's own calls */

static GVariant *ask(const char *name, const char *path, const char *interface, const char *method,
                     GVariant *arguments) {
        g_autoptr(GError) error = NULL;
        GVariant *reply;

        reply = g_dbus_connection_call_sync(bus, name, path, interface, method, arguments, NULL,
                                            G_DBUS_CALL_FLAGS_NO_AUTO_START, GIVE_UP_MS, NULL,
                                            &error);
        if (!reply)
                rig_failed(__FILE__, __LINE__, error->message);
        return reply;
}

static GVariant *ask_bus(const char *method, GVariant *arguments) {
        return ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
                   arguments);
}

static GVariant *ask_service(const char *method, GVariant *arguments) {
        return ask(SECRETS, SECRETS_PATH, "org.freedesktop.Secret.Service", method, arguments);
}

bool service_is_there(void) {
        g_autoptr(GVariant) reply = ask_bus("NameHasOwner", g_variant_new("(s)", SECRETS));
        gboolean there;

        g_variant_get(reply, "(b)", &there);
        return there;
}

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

/* Runs in GIO's thread. Prompts that are not left open are refused with an error, which is what GIO
 * answers where no object is. */
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

/* The service */

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

/* The vault */

static void on_state(VaultState s, void *userdata) {
        state = s;
        n_states++;
}

static bool state_was_reported(void) {
        return n_states > 0;
}

void begin_vault_silently(void) {
        n_states = 0;
        CHECK(vault_new(on_state, NULL, &vault) == 0);
        CHECK(n_states == 0);
        CHECK(vault_state(vault) == VAULT_ABSENT);
}

void begin_vault(void) {
        begin_vault_silently();
        AWAIT(state_was_reported);
}

void end_vault(void) {
        vault = vault_free(vault);
}

static VaultState awaited_state;

static bool state_as_awaited(void) {
        return n_states > 0 && state == awaited_state;
}

void await_state(VaultState s) {
        awaited_state = s;
        AWAIT(state_as_awaited);
        CHECK(vault_state(vault) == s);
}

bool vault_was(VaultState s) {
        return n_states > 0 && state == s && vault_state(vault) == s;
}

unsigned states_reported(void) {
        return n_states;
}

/* Calls */

static void end_call(int r) {
        call = vault_call_free(call);
        call_ended = true;
        result = r;
}

static void on_done(int r, void *userdata) {
        CHECK(userdata == &call);
        end_call(r);
}

static void on_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        CHECK(userdata == &call);
        CHECK(n_items <= ITEMS_MAX);
        CHECK(r == 0 || n_items == 0);

        for (size_t i = 0; i < n_items; i++) {
                found[i].kind = items[i].key.kind;
                found[i].locked = !items[i].document;
                g_strlcpy(found[i].id, items[i].key.id, TEXT_MAX);
                g_strlcpy(found[i].client_id, items[i].key.client_id, TEXT_MAX);
                found[i].length = secret_length(items[i].document);
                found[i].modified = items[i].modified;
                g_strlcpy(found[i].document, secret_string(items[i].document) ?: "", TEXT_MAX);
        }
        n_found = n_items;
        end_call(r);
}

static void begin(Verb verb, const VaultKey *key, const char *document, VaultPrompt prompt) {
        _cleanup_(secret_unrefp) Secret *s = NULL;

        CHECK(!call);
        call_ended = false;
        switch (verb) {
        case FIND:
                CHECK(vault_find(vault, key, on_found, &call, &call) == 0);
                break;
        case STORE:
                CHECK(secret_new_from(document, strlen(document), &s) == 0);
                CHECK(vault_store(vault, key, item_label, s, prompt, on_done, &call, &call) == 0);
                break;
        case ERASE:
                CHECK(vault_erase(vault, key, prompt, on_done, &call, &call) == 0);
                break;
        case UNLOCK:
                CHECK(vault_unlock(vault, prompt, on_done, &call, &call) == 0);
                break;
        case _VERB_MAX:
                CHECK(false);
        }
        CHECK(call && !call_ended);
}

void begin_call(Verb verb, VaultPrompt prompt) {
        begin(verb, &ANNA, "dropped?", prompt);
}

void drop_call(void) {
        call = vault_call_free(call);
}

bool call_has_ended(void) {
        return call_ended;
}

int await_call(void) {
        AWAIT(call_has_ended);
        CHECK(!call);
        return result;
}

int call_result(void) {
        CHECK(call_ended);
        return result;
}

void store_with_label(const char *text) {
        item_label = text;
}

int store_now(const VaultKey *key, const char *document, VaultPrompt prompt) {
        begin(STORE, key, document, prompt);
        return await_call();
}

int erase_now(const VaultKey *key, VaultPrompt prompt) {
        begin(ERASE, key, NULL, prompt);
        return await_call();
}

int unlock_now(VaultPrompt prompt) {
        begin(UNLOCK, NULL, NULL, prompt);
        return await_call();
}

int find_now(const VaultKey *key) {
        begin(FIND, key, NULL, VAULT_NO_PROMPT);
        return await_call();
}

size_t found_count(void) {
        return n_found;
}

const FoundItem *found_item(size_t i) {
        CHECK(i < n_found);
        return &found[i];
}

const FoundItem *found_of(const VaultKey *key) {
        for (size_t i = 0; i < n_found; i++)
                if (found[i].kind == key->kind && streq(found[i].id, key->id))
                        return &found[i];
        return NULL;
}

bool found_document(const VaultKey *key, const char *document) {
        const FoundItem *i = found_of(key);

        return i && !i->locked && streq(i->document, document);
}

bool found_any_document(const char *document) {
        for (size_t i = 0; i < n_found; i++)
                if (!found[i].locked && streq(found[i].document, document))
                        return true;
        return false;
}

/* Many calls */

static void end_one_of_many(VaultCall **c, int r) {
        *c = vault_call_free(*c);
        many_result = many_result ?: r;
        n_many--;
}

static void on_one_done(int r, void *userdata) {
        end_one_of_many(userdata, r);
}

static void on_one_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        end_one_of_many(userdata, r);
}

void begin_many(Verb verb, size_t n) {
        _cleanup_(secret_unrefp) Secret *s = NULL;

        CHECK(n <= MANY_MAX);
        CHECK(secret_new_from("many", 4, &s) == 0);
        many_result = 0;
        for (n_many = 0; n_many < n; n_many++) {
                VaultCall **c = &many[n_many];

                if (verb == FIND)
                        CHECK(vault_find(vault, &ANNA, on_one_found, c, c) == 0);
                else if (verb == STORE)
                        CHECK(vault_store(vault, &ANNA, item_label, s, VAULT_NO_PROMPT, on_one_done,
                                          c, c) == 0);
                else
                        CHECK(vault_erase(vault, &ANNA, VAULT_NO_PROMPT, on_one_done, c, c) == 0);
        }
}

static bool all_have_ended(void) {
        return n_many == 0;
}

int await_many(void) {
        AWAIT(all_have_ended);
        return many_result;
}

/* A chain */

static void on_link_done(int r, void *userdata) {
        many_result = many_result ?: r;
        many[0] = vault_call_free(many[0]);
        if (--n_many > 0)
                CHECK(vault_unlock(vault, VAULT_NO_PROMPT, on_link_done, NULL, &many[0]) == 0);
}

void chain_calls(unsigned n) {
        many_result = 0;
        n_many = n;
        CHECK(vault_unlock(vault, VAULT_NO_PROMPT, on_link_done, NULL, &many[0]) == 0);
}

int await_chain(void) {
        return await_many();
}

/* Start and end */

GDBusConnection *rig_bus(void) {
        return bus;
}

static void on_owner_changed(GDBusConnection *c, const char *sender, const char *path,
                             const char *interface, const char *signal, GVariant *arguments,
                             void *userdata) {
        /* Only wakes the loop. */
}

static void start(void) {
        g_autoptr(GVariant) reply = NULL;
        g_autoptr(GError) error = NULL;

        bus = g_dbus_connection_new_for_address_sync(
                g_getenv("DBUS_SESSION_BUS_ADDRESS"),
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, &error);
        if (!bus)
                rig_failed(__FILE__, __LINE__, error->message);

        g_dbus_connection_signal_subscribe(bus, "org.freedesktop.DBus", "org.freedesktop.DBus",
                                           "NameOwnerChanged", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                           on_owner_changed, NULL, NULL);
        g_dbus_connection_add_filter(bus, on_message, NULL, NULL);
        reply = ask_bus("RequestName", g_variant_new("(su)", PROMPTER, 0));
}

/* A name may go while we ask. */
static bool is_ours(const char *name) {
        g_autoptr(GVariant) reply = NULL;
        guint32 pid = 0;

        reply = g_dbus_connection_call_sync(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                            "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                            g_variant_new("(s)", name), NULL,
                                            G_DBUS_CALL_FLAGS_NONE, GIVE_UP_MS, NULL, NULL);
        if (reply)
                g_variant_get(reply, "(u)", &pid);
        return (pid_t) pid == getpid();
}

/* GIO shares one connection, which lives as long as anything of libsecret's or ours that uses it; no
 * leak checker sees what is left over there, since GIO still points to it. */
static bool only_the_rig_is_connected(void) {
        g_autoptr(GVariant) reply = ask_bus("ListNames", NULL);
        g_autofree const char **names = NULL;
        unsigned n = 0;

        g_variant_get(reply, "(^a&s)", &names);
        for (const char **name = names; *name; name++)
                if (**name == ':' && is_ours(*name))
                        n++;
        return n == 1;
}

static void finish(void) {
        CHECK(!call);
        end_vault();
        AWAIT(only_the_rig_is_connected);
        settle();
        if (service_is_there() && service_pid() != getpid())
                kill_service();
        g_clear_pointer(&session, g_free);
        g_dbus_connection_close_sync(bus, NULL, NULL);
        g_clear_object(&bus);
        turn();
}

int run_case(int argc, char *argv[], const Case *cases, size_t n_cases) {
        for (size_t i = 0; argc == 2 && i < n_cases; i++)
                if (streq(cases[i].name, argv[1])) {
                        (void) alarm(CASE_MAX_S);
                        (void) milliseconds();
                        start();
                        cases[i].run();
                        finish();
                        return EXIT_SUCCESS;
                }

        fprintf(stderr, "usage: %s CASE\n", argv[0]);
        return EXIT_FAILURE;
}
