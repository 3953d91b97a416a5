/* SPDX-License-Identifier: MIT */

#include "fake-service.h"

#include <sys/prctl.h>

#include "common/util.h"
#include "rig.h"

#define ROOT       "/org/freedesktop/secrets"
#define COLLECTION ROOT "/collection/main"
#define ITEM       COLLECTION "/1"
#define GHOST      COLLECTION "/2"
#define PROMPT     ROOT "/prompt/1"
#define SESSION    ROOT "/session/1"
#define WALLET     "/modules/kwalletd5"
#define NONE       "/"

FakeService fake;

/* What an accepted prompt does. */
typedef enum Wish {
        WISH_UNLOCK,
        WISH_UNLOCK_ITEM,
        WISH_COLLECTION,
        WISH_CREATE,
        WISH_DELETE
} Wish;

static GDBusConnection *connection;
static GDBusNodeInfo *node;
static Wish wish;
static char wanted[sizeof(fake.document)];

static const char xml[] =
        "<node>"
        "<interface name='org.freedesktop.Secret.Service'>"
        " <method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/>"
        "  <arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
        " <method name='SearchItems'><arg type='a{ss}' direction='in'/>"
        "  <arg type='ao' direction='out'/><arg type='ao' direction='out'/></method>"
        " <method name='ReadAlias'><arg type='s' direction='in'/>"
        "  <arg type='o' direction='out'/></method>"
        " <method name='Unlock'><arg type='ao' direction='in'/>"
        "  <arg type='ao' direction='out'/><arg type='o' direction='out'/></method>"
        " <method name='CreateCollection'><arg type='a{sv}' direction='in'/>"
        "  <arg type='s' direction='in'/>"
        "  <arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
        " <property name='Collections' type='ao' access='read'/>"
        "</interface>"
        "<interface name='org.freedesktop.Secret.Collection'>"
        " <method name='SearchItems'><arg type='a{ss}' direction='in'/>"
        "  <arg type='ao' direction='out'/></method>"
        " <method name='CreateItem'><arg type='a{sv}' direction='in'/>"
        "  <arg type='(oayays)' direction='in'/><arg type='b' direction='in'/>"
        "  <arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
        " <property name='Locked' type='b' access='read'/>"
        " <property name='Label' type='s' access='read'/>"
        "</interface>"
        "<interface name='org.kde.KWallet'>"
        " <method name='isOpen'><arg type='s' direction='in'/>"
        "  <arg type='b' direction='out'/></method>"
        "</interface>"
        "<interface name='org.freedesktop.Secret.Item'>"
        " <method name='GetSecret'><arg type='o' direction='in'/>"
        "  <arg type='(oayays)' direction='out'/></method>"
        " <method name='SetSecret'><arg type='(oayays)' direction='in'/></method>"
        " <method name='Delete'><arg type='o' direction='out'/></method>"
        " <property name='Locked' type='b' access='read'/>"
        " <property name='Attributes' type='a{ss}' access='read'/>"
        " <property name='Label' type='s' access='readwrite'/>"
        " <property name='Modified' type='t' access='read'/>"
        "</interface>"
        "<interface name='org.freedesktop.Secret.Prompt'>"
        " <method name='Prompt'><arg type='s' direction='in'/></method>"
        " <method name='Dismiss'/>"
        "</interface>"
        "</node>";

static void answer(GDBusMethodInvocation *call, const char *type, ...) {
        va_list ap;

        va_start(ap, type);
        g_dbus_method_invocation_return_value(call, g_variant_new_va(type, NULL, &ap));
        va_end(ap);
}

static void set_locked(bool locked) {
        GVariantBuilder changed;

        fake.locked = locked;
        g_variant_builder_init(&changed, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&changed, "{sv}", "Locked", g_variant_new_boolean(locked));
        g_dbus_connection_emit_signal(
                connection, NULL, COLLECTION, "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                g_variant_new("(sa{sv}as)", "org.freedesktop.Secret.Collection", &changed, NULL),
                NULL);
}

static void take_document(GVariant *secret, char *to) {
        g_autoptr(GVariant) bytes = g_variant_get_child_value(secret, 2);
        size_t n;
        const char *text = g_variant_get_fixed_array(bytes, &n, 1);

        CHECK(n < sizeof(fake.document));
        memcpy(to, text, n);
        to[n] = '\0';
}

static void complete_prompt(void) {
        bool accepted = !fake.refuses;

        if (accepted && !fake.lies)
                switch (wish) {
                case WISH_UNLOCK:
                        set_locked(false);
                        break;
                case WISH_UNLOCK_ITEM:
                        fake.item_locked = false;
                        break;
                case WISH_COLLECTION:
                        fake.has_collection = true;
                        set_locked(false);
                        break;
                case WISH_CREATE:
                        fake.has_item = true;
                        g_strlcpy(fake.document, wanted, sizeof(wanted));
                        break;
                case WISH_DELETE:
                        fake.has_item = false;
                        break;
                }

        g_dbus_connection_emit_signal(
                connection, NULL, PROMPT, "org.freedesktop.Secret.Prompt", "Completed",
                g_variant_new("(bv)", !accepted, g_variant_new_string("")), NULL);
}

static const char *prompt_for(Wish w) {
        wish = w;
        return PROMPT;
}

static GVariant *found_items(void) {
        const char *items[] = { ITEM, GHOST };
        size_t n_items = fake.has_item && !(fake.hides && fake.locked);

        return g_variant_new_objv(fake.lists_ghosts ? items + 1 - n_items : items,
                                  n_items + fake.lists_ghosts);
}

static void unlock(GDBusMethodInvocation *call, GVariant *arguments) {
        g_autoptr(GVariant) objects = g_variant_get_child_value(arguments, 0);
        const char *first;

        fake.unlocks++;
        g_variant_get_child(objects, 0, "&o", &first);
        if (fake.opens_unasked)
                fake.locked = false;
        answer(call, "(@aoo)", g_variant_new_objv(NULL, 0),
               fake.opens_unasked   ? NONE
               : streq(first, ITEM) ? prompt_for(WISH_UNLOCK_ITEM)
                                    : prompt_for(WISH_UNLOCK));
}

static void service_call(GDBusMethodInvocation *call, const char *method, GVariant *arguments) {
        bool locked = fake.locked || fake.item_locked;
        const char *text;

        if (streq(method, "OpenSession")) {
                g_variant_get(arguments, "(&sv)", &text, NULL);
                if (fake.refuses_keys > 0) {
                        fake.refuses_keys--;
                        return g_dbus_method_invocation_return_error(
                                call, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                "Client public key size is invalid");
                }
                if (!streq(text, "plain"))
                        return g_dbus_method_invocation_return_error(
                                call, G_DBUS_ERROR, G_DBUS_ERROR_NOT_SUPPORTED, "only plain");
                fake.sessions++;
                answer(call, "(vo)", g_variant_new_string(""), SESSION);
        } else if (streq(method, "SearchItems")) {
                GVariant *found = found_items(), *none = g_variant_new_objv(NULL, 0);

                fake.windows += fake.locked;
                answer(call, "(@ao@ao)", locked ? none : found, locked ? found : none);
        } else if (streq(method, "ReadAlias")) {
                if (fake.answers_nonsense)
                        return g_dbus_method_invocation_return_dbus_error(
                                call, "org.example.Nonsense", "what?");
                answer(call, "(o)", fake.has_collection ? COLLECTION : NONE);
        } else if (streq(method, "Unlock")) {
                unlock(call, arguments);
        } else if (streq(method, "CreateCollection")) {
                fake.collections_created++;
                g_variant_get_child(arguments, 1, "&s", &text);
                CHECK(streq(text, "default"));
                answer(call, "(oo)", NONE, prompt_for(WISH_COLLECTION));
        }
}

/* Nothing that one end encrypts means anything to the other. */
static bool session_is_bad(void) {
        return fake.sessions <= fake.bad_sessions;
}

static void item_call(GDBusMethodInvocation *call, const char *method, GVariant *arguments) {
        g_autoptr(GVariant) secret = NULL;

        if (streq(method, "GetSecret")) {
                fake.locked = fake.locked || fake.closes;
                answer(call, "((o@ay@ays))", SESSION,
                       g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, "?", session_is_bad(), 1),
                       g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, fake.document,
                                                 strlen(fake.document), 1),
                       "text/plain");
        } else if (streq(method, "SetSecret")) {
                if (fake.error)
                        return g_dbus_method_invocation_return_dbus_error(call, fake.error, "no");
                if (session_is_bad())
                        return g_dbus_method_invocation_return_error(
                                call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "no session");
                secret = g_variant_get_child_value(arguments, 0);
                if (!fake.swallows)
                        take_document(secret, fake.document);
                answer(call, "()");
        } else if (fake.prompts_on_item)
                answer(call, "(o)", prompt_for(WISH_DELETE));
        else {
                fake.has_item = false;
                g_strlcpy(fake.overwritten_with, fake.document, sizeof(fake.overwritten_with));
                answer(call, "(o)", NONE);
        }
}

static void create_item(GDBusMethodInvocation *call, GVariant *arguments) {
        g_autoptr(GVariant) secret = g_variant_get_child_value(arguments, 1);

        if (session_is_bad())
                return g_dbus_method_invocation_return_dbus_error(
                        call, "org.qtproject.QtDBus.Error.InvalidObjectPath", "no session");
        fake.items_created++;
        take_document(secret, wanted);
        if (fake.prompts_on_item)
                return answer(call, "(oo)", NONE, prompt_for(WISH_CREATE));

        fake.has_item = true;
        g_strlcpy(fake.document, wanted, sizeof(wanted));
        answer(call, "(oo)", ITEM, NONE);
}

static void prompt_call(GDBusMethodInvocation *call, const char *method) {
        bool shown = streq(method, "Prompt");

        fake.prompts += shown;
        fake.dismissals += !shown;
        if (shown && fake.signals_early)
                complete_prompt();
        answer(call, "()");
        if (shown && !fake.signals_early)
                complete_prompt();
}

static void on_call(GDBusConnection *c, const char *sender, const char *path, const char *interface,
                    const char *method, GVariant *arguments, GDBusMethodInvocation *call,
                    void *userdata) {
        if (streq(path, ROOT))
                service_call(call, method, arguments);
        else if (streq(path, COLLECTION) && streq(method, "SearchItems") && fake.cannot_search)
                g_dbus_method_invocation_return_error(
                        call, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD, "no such method");
        else if (streq(path, COLLECTION) && streq(method, "SearchItems"))
                answer(call, "(@ao)", found_items());
        else if (streq(path, COLLECTION))
                create_item(call, arguments);
        else if (streq(path, ITEM))
                item_call(call, method, arguments);
        else if (streq(path, WALLET))
                answer(call, "(b)", fake.is_open);
        else
                prompt_call(call, method);
}

static GVariant *on_get(GDBusConnection *c, const char *sender, const char *path,
                        const char *interface, const char *property, GError **error, void *data) {
        GVariantBuilder b;

        static const char *const collections[] = { COLLECTION };

        if (streq(property, "Collections"))
                return g_variant_new_objv(collections, fake.has_collection);
        if (streq(property, "Locked"))
                return g_variant_new_boolean(fake.locked ||
                                             (streq(path, ITEM) && fake.item_locked));
        if (streq(property, "Label"))
                return g_variant_new_string("a label");
        if (streq(property, "Modified"))
                return g_variant_new_uint64(1);

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        g_variant_builder_add(&b, "{ss}", "xdg:schema", OUR_SCHEMA);
        g_variant_builder_add(&b, "{ss}", "id", ANNA.id);
        return g_variant_builder_end(&b);
}

static void publish(const char *path, const char *interface) {
        static const GDBusInterfaceVTable vtable = { .method_call = on_call,
                                                     .get_property = on_get };

        CHECK(g_dbus_connection_register_object(connection, path,
                                                g_dbus_node_info_lookup_interface(node, interface),
                                                &vtable, NULL, NULL, NULL) > 0);
}

void be_called(const char *program) {
        CHECK(prctl(PR_SET_NAME, program) == 0);
}

void start_fake_service(GDBusConnection *bus) {
        g_autoptr(GVariant) reply = NULL;

        connection = bus;
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        CHECK(node);
        publish(ROOT, "org.freedesktop.Secret.Service");
        publish(COLLECTION, "org.freedesktop.Secret.Collection");
        publish(ITEM, "org.freedesktop.Secret.Item");
        publish(PROMPT, "org.freedesktop.Secret.Prompt");
        publish(WALLET, "org.kde.KWallet");
        g_dbus_node_info_unref(node);
        reply = g_dbus_connection_call_sync(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                            "org.freedesktop.DBus", "RequestName",
                                            g_variant_new("(su)", "org.freedesktop.secrets", 0),
                                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
        CHECK(reply);
}
