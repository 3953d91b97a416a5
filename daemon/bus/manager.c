/* SPDX-License-Identifier: MIT */

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "common/names.h"
#include "keeper/diagnosis/diagnosis.h"

static const char *manager_keyring_state(const World *world) {
        static const char *const names[_VAULT_STATE_MAX] = {
                [VAULT_UNLOCKED] = "unlocked",   [VAULT_LOCKED] = "locked",
                [VAULT_ITEMS_LOCKED] = "locked", [VAULT_MISSING] = "absent",
                [VAULT_SILENT] = "absent",       [VAULT_ABSENT] = "absent",
        };

        return names[world->keyring_state];
}

/* clang-format off */
MESSAGE_PROPERTY(manager_property_get_version, BusContext *context, "s", YADISK_VERSION)
MESSAGE_PROPERTY(manager_property_get_api_version, BusContext *context, "u", TOKENS_API_VERSION)
MESSAGE_PROPERTY(manager_property_get_disk_url, BusContext *context, "s", context->config->disk_url)
MESSAGE_PROPERTY(manager_property_get_ca_file, BusContext *context, "s",
                 str_or_empty(context->config->ca_file))
MESSAGE_PROPERTY(manager_property_get_keyring_state, BusContext *context, "s",
                 manager_keyring_state(context->world))
MESSAGE_PROPERTY(manager_property_get_online, BusContext *context, "b",
                 (int) context->world->online)
/* clang-format on */

static int manager_property_get_default_account(sd_bus *bus, const char *path,
                                                const char *interface, const char *property,
                                                sd_bus_message *reply, void *userdata,
                                                sd_bus_error *error) {
        BusContext *context = userdata;
        Account *account = accounts_default(context->world->accounts);
        _cleanup_free_ char *object = NULL;
        int r;

        if (!account)
                return sd_bus_message_append(reply, "o", "/");

        r = account_object_path(account, &object);
        return r < 0 ? r : sd_bus_message_append(reply, "o", object);
}

/* The details tell whose token it is, so that a client that named no account can report it as
 * refused; how to show it to a server; and how long to keep it. Later versions may add keys. */
static int manager_append_details(sd_bus_message *m, const Account *account) {
        int64_t next =
                account_is_refreshing(account) ? clock_now() : account_next_refresh_at(account);
        _cleanup_free_ char *path = NULL;
        int r;

        r = account_object_path(account, &path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}{sv}{sv}", "account", "o", path, "token_type",
                                          "s", "OAuth", "next_refresh_at", "t",
                                          (uint64_t) MAX_OF(next, 0));
        if (r >= 0)
                r = dict_append_strv(m, "scopes", account_record(account)->scopes);
        return r < 0 ? r : MIN_OF(sd_bus_message_close_container(m), 0);
}

/* GetToken answers with a string, GetTokenFD with a sealed memory file, so that the bytes never
 * pass the bus. */
static int manager_reply_token(Operation *o, const Account *account, const Grant *grant) {
        bool in_file = sd_bus_message_is_method_call(o->message, NULL, "GetTokenFD") > 0;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Secret *token = grant->access_token;
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = in_file ? secret_to_memfd(token, "yadisk-access-token", &fd) : 0;
        if (r >= 0)
                r = sd_bus_message_new_method_return(o->message, &reply);
        if (r >= 0)
                r = sd_bus_message_sensitive(reply);
        if (r >= 0)
                r = in_file ? sd_bus_message_append(reply, "h", fd)
                            : sd_bus_message_append(reply, "s", secret_string(token));
        if (r >= 0)
                r = sd_bus_message_append(reply, "tu", (uint64_t) grant->times.expires_at,
                                          grant->generation);
        if (r >= 0)
                r = manager_append_details(reply, account);
        if (r < 0)
                return r;

        callers_note(o->context->callers, o->sender, account);
        operation_send(o, reply);
        return 0;
}

static void manager_on_token(int r, void *userdata) {
        Operation *o = userdata;
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(o->wait));
        Account *account;

        o->wait = wait_free(o->wait);
        if (r == 0)
                r = account_of_operation(o, &account);
        if (r == 0 && !access_is_allowed(o, account))
                return access_refuse(o);
        if (r == 0)
                r = manager_reply_token(o, account, grant);
        if (r != 0)
                operation_fail(o, r);
}

static int manager_read_token_query(sd_bus_message *m, const char **ret_account, TokenQuery *ret,
                                    sd_bus_error *error) {
        TokenQuery query = {};
        int force = false, r;
        const Option options[] = {
                { "min_valid", "u", &query.min_valid, &query.has_min_valid },
                { "force", "b", &force },
        };

        r = sd_bus_message_read(m, "s", ret_account);
        if (r >= 0)
                r = dict_read_options(m, options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        query.force = force;
        *ret = query;
        return 0;
}

static int manager_do_get_token(Operation *o, sd_bus_error *error) {
        const char *name;
        TokenQuery query;
        Account *account;
        int r;

        r = manager_read_token_query(o->message, &name, &query, error);
        if (r == 0)
                r = access_find_account(o, name, &account, error);
        if (r != 0 || !account)
                return r;

        r = str_replace(&o->subject, account_id(account));
        if (r == 0)
                r = account_get_token(account, &query, manager_on_token, o, &o->wait);
        return r != 0 || o->wait ? r : manager_reply_token(o, account, account_grant(account));
}

static int manager_method_get_token(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, manager_do_get_token, NULL, error);
}

static int manager_do_find_account(Operation *o, sd_bus_error *error) {
        _cleanup_free_ char *path = NULL;
        const char *name;
        Account *account;
        int r;

        r = sd_bus_message_read(o->message, "s", &name);
        if (r < 0)
                return r;

        r = accounts_find(o->world->accounts, name, &account);
        if (r == 0)
                r = account_object_path(account, &path);
        return r != 0 ? r : operation_reply(o, "o", path);
}

static int manager_method_find_account(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, manager_do_find_account, NULL, error);
}

static int manager_do_set_default_account(Operation *o, sd_bus_error *error) {
        Accounts *accounts = o->world->accounts;
        const char *path;
        Account *account;
        int r;

        r = sd_bus_message_read(o->message, "o", &path);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = account_at_object_path(accounts, path, &account);
        if (r == 0)
                r = accounts_set_default(accounts, account);
        return r != 0 ? r : operation_reply(o, NULL);
}

static int manager_method_set_default_account(sd_bus_message *m, void *userdata,
                                              sd_bus_error *error) {
        return operation_run(userdata, m, manager_do_set_default_account, NULL, error);
}

static int manager_do_open_keyring(Operation *o, sd_bus_error *error) {
        int r;

        r = dict_read_options(o->message, NULL, 0, error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        return r <= 0 ? r : operation_reply(o, NULL);
}

static int manager_method_open_keyring(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, manager_do_open_keyring, NULL, error);
}

static int manager_reply_findings(Operation *o, const NetworkFindings *f) {
        /* Finer than the property KeyringState, for programs that give advice. */
        static const char *const keyring_names[_VAULT_STATE_MAX] = {
                [VAULT_UNLOCKED] = "unlocked",
                [VAULT_LOCKED] = "locked",
                [VAULT_ITEMS_LOCKED] = "items-locked",
                [VAULT_MISSING] = "missing",
                [VAULT_SILENT] = "silent",
                [VAULT_ABSENT] = "absent",
        };

        /* clang-format off */
        return operation_reply(o, "a{sv}", 8,
                               "reachable", "b", (int) f->reachable,
                               "trusted", "b", (int) f->trusted,
                               "reason", "s", f->reason,
                               "host", "s", f->host,
                               "server_time", "t", (uint64_t) MAX_OF(f->server_time, 0),
                               "local_time", "t", (uint64_t) MAX_OF(f->local_time, 0),
                               "has_device_id", "b", (int) oauth_has_device_id(o->world->oauth),
                               "keyring", "s", keyring_names[o->world->keyring_state]);
        /* clang-format on */
}

static void manager_on_diagnosed(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;

        if (r == 0)
                r = manager_reply_findings(o, &findings->network);
        if (r != 0)
                operation_fail(o, r);
}

static int manager_do_diagnose(Operation *o, sd_bus_error *error) {
        int r;

        r = dict_read_options(o->message, NULL, 0, error);
        if (r == 0)
                r = operation_may_diagnose(o);
        return r != 0 ? r : diagnosis_of_network(o->world, manager_on_diagnosed, o, &o->diagnosis);
}

static int manager_method_diagnose(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, manager_do_diagnose, NULL, error);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("ApiVersion", "u", manager_property_get_api_version, 0, CONSTANT),
        SD_BUS_PROPERTY("Version", "s", manager_property_get_version, 0, CONSTANT),
        SD_BUS_PROPERTY("DiskURL", "s", manager_property_get_disk_url, 0, CONSTANT),
        SD_BUS_PROPERTY("CAFile", "s", manager_property_get_ca_file, 0, CONSTANT),
        SD_BUS_PROPERTY("KeyringState", "s", manager_property_get_keyring_state, 0, CHANGES),
        SD_BUS_PROPERTY("Online", "b", manager_property_get_online, 0, CHANGES),
        SD_BUS_PROPERTY("DefaultAccount", "o", manager_property_get_default_account, 0, CHANGES),
        SD_BUS_METHOD_WITH_ARGS(
                "GetToken", SD_BUS_ARGS("s", account, "a{sv}", options),
                SD_BUS_RESULT("s", token, "t", expires_at, "u", generation, "a{sv}", details),
                manager_method_get_token, SECRET),
        SD_BUS_METHOD_WITH_ARGS(
                "GetTokenFD", SD_BUS_ARGS("s", account, "a{sv}", options),
                SD_BUS_RESULT("h", token, "t", expires_at, "u", generation, "a{sv}", details),
                manager_method_get_token, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SignIn", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("o", request), request_method_sign_in, SECRET),
        SD_BUS_METHOD_WITH_ARGS("FindAccount", SD_BUS_ARGS("s", account), SD_BUS_RESULT("o", path),
                                manager_method_find_account, METHOD),
        SD_BUS_METHOD_WITH_ARGS("ListApplications", SD_BUS_NO_ARGS, SD_BUS_RESULT("as", client_ids),
                                application_method_list, METHOD),
        SD_BUS_METHOD_WITH_ARGS("AddApplication", SD_BUS_ARGS("s", client_id, "s", client_secret),
                                SD_BUS_NO_RESULT, application_method_set, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SetApplication",
                                SD_BUS_ARGS("s", client_id, "s", client_secret, "a{sv}", options),
                                SD_BUS_NO_RESULT, application_method_set, SECRET),
        SD_BUS_METHOD_WITH_ARGS("RemoveApplication", SD_BUS_ARGS("s", client_id), SD_BUS_NO_RESULT,
                                application_method_remove, METHOD),
        SD_BUS_METHOD_WITH_ARGS("CheckApplication", SD_BUS_ARGS("s", client_id, "a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), application_method_check, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SetDefaultAccount", SD_BUS_ARGS("o", account), SD_BUS_NO_RESULT,
                                manager_method_set_default_account, METHOD),
        SD_BUS_METHOD_WITH_ARGS("OpenKeyring", SD_BUS_ARGS("a{sv}", options), SD_BUS_NO_RESULT,
                                manager_method_open_keyring, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Diagnose", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), manager_method_diagnose, METHOD),
        SD_BUS_METHOD_WITH_ARGS("ListCallers", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", callers),
                                callers_method_list, METHOD),
        SD_BUS_VTABLE_END,
};

int manager_register(BusContext *context) {
        return sd_bus_add_object_vtable(context->connection, NULL, TOKENS_PATH,
                                        TOKENS_MANAGER_INTERFACE, manager_vtable, context);
}

void manager_announce(BusContext *context, KeeperChange changes) {
        const char *names[4] = {};
        size_t n = 0;

        if (changes & KEEPER_CHANGED_KEYRING)
                names[n++] = "KeyringState";
        if (changes & KEEPER_CHANGED_ONLINE)
                names[n++] = "Online";
        if (changes & KEEPER_CHANGED_DEFAULT)
                names[n++] = "DefaultAccount";
        (void) sd_bus_emit_properties_changed_strv(context->connection, TOKENS_PATH,
                                                   TOKENS_MANAGER_INTERFACE, (char **) names);
}
