/* SPDX-License-Identifier: MIT */

#include "bus/manager.h"

#include "bus/account.h"
#include "bus/application.h"
#include "bus/diagnosis.h"
#include "bus/error.h"
#include "bus/operation.h"
#include "bus/options.h"
#include "bus/request.h"
#include "bus/token.h"
#include "common/condition.h"
#include "common/names.h"

static int property_get_version(sd_bus *bus, const char *path, const char *interface,
                                const char *property, sd_bus_message *reply, void *userdata,
                                sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", YADISK_VERSION);
}

static int property_get_api_version(sd_bus *bus, const char *path, const char *interface,
                                    const char *property, sd_bus_message *reply, void *userdata,
                                    sd_bus_error *error) {
        return sd_bus_message_append(reply, "u", TOKENS_API_VERSION);
}

static int property_get_keyring_state(sd_bus *bus, const char *path, const char *interface,
                                      const char *property, sd_bus_message *reply, void *userdata,
                                      sd_bus_error *error) {
        static const char *const names[_VAULT_STATE_MAX] = {
                [VAULT_UNLOCKED] = "unlocked",   [VAULT_LOCKED] = "locked",
                [VAULT_ITEMS_LOCKED] = "locked", [VAULT_MISSING] = "absent",
                [VAULT_SILENT] = "absent",       [VAULT_ABSENT] = "absent",
        };

        return sd_bus_message_append(reply, "s", names[bus_world(userdata)->keyring_state]);
}

static int property_get_online(sd_bus *bus, const char *path, const char *interface,
                               const char *property, sd_bus_message *reply, void *userdata,
                               sd_bus_error *error) {
        return sd_bus_message_append(reply, "b", (int) bus_world(userdata)->online);
}

static int property_get_default_account(sd_bus *bus, const char *path, const char *interface,
                                        const char *property, sd_bus_message *reply, void *userdata,
                                        sd_bus_error *error) {
        Account *account = accounts_default(bus_world(userdata)->accounts);
        _cleanup_free_ char *object = NULL;
        int r;

        if (!account)
                return sd_bus_message_append(reply, "o", "/");

        r = account_path(account, &object);
        return r < 0 ? r : sd_bus_message_append(reply, "o", object);
}

static int run(sd_bus_message *m, Bus *b, OperationFn fn, sd_bus_error *error) {
        OperationStart what = { .fn = fn };

        return operation_run(bus_operations(b), bus_world(b), m, &what, error);
}

static int method_get_token(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, token_get, error);
}

static int method_get_token_fd(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, token_get_fd, error);
}

static int do_find_account(Operation *o, sd_bus_error *error) {
        _cleanup_free_ char *path = NULL;
        const char *name;
        Account *account;
        int r;

        r = sd_bus_message_read(operation_message(o), "s", &name);
        if (r < 0)
                return r;

        r = accounts_find(operation_world(o)->accounts, name, &account);
        if (r == 0)
                r = account_path(account, &path);
        return r != 0 ? r : operation_reply_path(o, path);
}

static int method_find_account(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_find_account, error);
}

static int do_set_default_account(Operation *o, sd_bus_error *error) {
        const char *path;
        Account *account;
        int r;

        r = sd_bus_message_read(operation_message(o), "o", &path);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = account_from_path(operation_world(o), path, &account);
        if (r == 0)
                r = accounts_set_default(operation_world(o)->accounts, account);
        return r != 0 ? r : operation_reply_empty(o);
}

static int method_set_default_account(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_set_default_account, error);
}

static int do_open_keyring(Operation *o, sd_bus_error *error) {
        int r;

        r = options_read(operation_message(o), NULL, 0, error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        return r <= 0 ? r : operation_reply_empty(o);
}

static int method_open_keyring(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_open_keyring, error);
}

static int method_sign_in(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return requests_method_sign_in(bus_requests(userdata), m, error);
}

static int method_list_applications(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, application_list, error);
}

/* Both take the client id first. */
static int run_on_application(sd_bus_message *m, Bus *b, OperationFn fn, sd_bus_error *error) {
        OperationStart what = { .fn = fn };
        int r;

        r = sd_bus_message_read(m, "s", &what.subject);
        if (r < 0)
                return r;

        return operation_run(bus_operations(b), bus_world(b), m, &what, error);
}

static int method_add_application(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run_on_application(m, userdata, application_add, error);
}

static int method_remove_application(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run_on_application(m, userdata, application_remove, error);
}

static int method_check_application(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run_on_application(m, userdata, application_check, error);
}

static int method_diagnose(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, diagnose_network, error);
}

#define CONSTANT SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES  SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define METHOD   SD_BUS_VTABLE_UNPRIVILEGED
#define SECRET   (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("ApiVersion", "u", property_get_api_version, 0, CONSTANT),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, CONSTANT),
        SD_BUS_PROPERTY("KeyringState", "s", property_get_keyring_state, 0, CHANGES),
        SD_BUS_PROPERTY("Online", "b", property_get_online, 0, CHANGES),
        SD_BUS_PROPERTY("DefaultAccount", "o", property_get_default_account, 0, CHANGES),
        SD_BUS_METHOD_WITH_ARGS("GetToken", SD_BUS_ARGS("s", account, "a{sv}", options),
                                SD_BUS_RESULT("s", token, "t", expires_at, "u", generation),
                                method_get_token, SECRET),
        SD_BUS_METHOD_WITH_ARGS("GetTokenFD", SD_BUS_ARGS("s", account, "a{sv}", options),
                                SD_BUS_RESULT("h", token, "t", expires_at, "u", generation),
                                method_get_token_fd, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SignIn", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("o", request), method_sign_in, SECRET),
        SD_BUS_METHOD_WITH_ARGS("FindAccount", SD_BUS_ARGS("s", account),
                                SD_BUS_RESULT("o", account), method_find_account, METHOD),
        SD_BUS_METHOD_WITH_ARGS("ListApplications", SD_BUS_NO_ARGS, SD_BUS_RESULT("as", client_ids),
                                method_list_applications, METHOD),
        SD_BUS_METHOD_WITH_ARGS("AddApplication", SD_BUS_ARGS("s", client_id, "s", client_secret),
                                SD_BUS_NO_RESULT, method_add_application, SECRET),
        SD_BUS_METHOD_WITH_ARGS("RemoveApplication", SD_BUS_ARGS("s", client_id), SD_BUS_NO_RESULT,
                                method_remove_application, METHOD),
        SD_BUS_METHOD_WITH_ARGS("CheckApplication", SD_BUS_ARGS("s", client_id, "a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), method_check_application, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SetDefaultAccount", SD_BUS_ARGS("o", account), SD_BUS_NO_RESULT,
                                method_set_default_account, METHOD),
        SD_BUS_METHOD_WITH_ARGS("OpenKeyring", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                                method_open_keyring, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Diagnose", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), method_diagnose, METHOD),
        SD_BUS_VTABLE_END,
};

int manager_register(Bus *b) {
        return sd_bus_add_object_vtable(bus_connection(b), NULL, TOKENS_PATH,
                                        TOKENS_MANAGER_INTERFACE, manager_vtable, b);
}

void manager_announce(Bus *b, KeeperChange changes) {
        const char *names[4] = {};
        size_t n = 0;

        if (changes & KEEPER_CHANGED_KEYRING)
                names[n++] = "KeyringState";
        if (changes & KEEPER_CHANGED_ONLINE)
                names[n++] = "Online";
        if (changes & KEEPER_CHANGED_DEFAULT)
                names[n++] = "DefaultAccount";
        (void) sd_bus_emit_properties_changed_strv(bus_connection(b), TOKENS_PATH,
                                                   TOKENS_MANAGER_INTERFACE, (char **) names);
}
