/* SPDX-License-Identifier: MIT */

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "common/names.h"
#include "keeper/diagnosis/diagnosis.h"

_Static_assert(ALLOWED_APPS_MAX == 64, "a sentence says so");

int account_object_path(const Account *account, char **ret) {
        return MIN_OF(sd_bus_path_encode(TOKENS_ACCOUNT_PATH, account_id(account), ret), 0);
}

int account_at_object_path(const Accounts *accounts, const char *path, Account **ret) {
        _cleanup_free_ char *id = NULL;
        int r;

        r = sd_bus_path_decode(path, TOKENS_ACCOUNT_PATH, &id);
        if (r < 0)
                return r;

        *ret = r > 0 ? accounts_by_id(accounts, id) : NULL;
        return *ret ? 0 : CONDITION_NO_SUCH_ACCOUNT;
}

int account_of_operation(const Operation *o, Account **ret) {
        *ret = accounts_by_id(o->world->accounts, o->subject);
        return *ret ? 0 : CONDITION_NO_SUCH_ACCOUNT;
}

static int account_object_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                               void **ret_found, sd_bus_error *error) {
        BusContext *context = userdata;
        Account *account;

        if (account_at_object_path(context->world->accounts, path, &account) != 0)
                return 0;

        *ret_found = account;
        return 1;
}

static int account_object_enumerate(sd_bus *bus, const char *prefix, void *userdata,
                                    char ***ret_nodes, sd_bus_error *error) {
        _cleanup_(strv_freep) char **l = NULL;
        BusContext *context = userdata;
        const Accounts *accounts = context->world->accounts;
        int r;

        for (size_t i = 0; i < accounts_count(accounts); i++) {
                _cleanup_free_ char *path = NULL;

                r = account_object_path(accounts_at(accounts, i), &path);
                if (r == 0)
                        r = strv_extend(&l, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(l);
        return 1;
}

static uint64_t account_time_to_bus(int64_t t) {
        return (uint64_t) MAX_OF(t, 0);
}

/* clang-format off */
MESSAGE_PROPERTY(account_property_get_id, const Account *account, "s", account_id(account))
MESSAGE_PROPERTY(account_property_get_label, const Account *account, "s", str_or_empty(account_record(account)->label))
MESSAGE_PROPERTY(account_property_get_login, const Account *account, "s", str_or_empty(account_record(account)->login))
MESSAGE_PROPERTY(account_property_get_client_id, const Account *account, "s", account_record(account)->client_id)
MESSAGE_PROPERTY(account_property_get_state, const Account *account, "s", account_state_to_string(account_state(account)))
MESSAGE_PROPERTY(account_property_get_refreshing, const Account *account, "b", (int) account_is_refreshing(account))
MESSAGE_PROPERTY(account_property_get_saved, const Account *account, "b", (int) account_is_saved(account))
MESSAGE_PROPERTY(account_property_get_generation, const Account *account, "u", account_generation(account))
MESSAGE_PROPERTY(account_property_get_obtained_at, const Account *account, "t",
                 account_time_to_bus(account_times(account).obtained_at))
MESSAGE_PROPERTY(account_property_get_expires_at, const Account *account, "t",
                 account_time_to_bus(account_times(account).expires_at))
MESSAGE_PROPERTY(account_property_get_next_refresh_at, const Account *account, "t",
                 account_time_to_bus(account_next_refresh_at(account)))
MESSAGE_PROPERTY(account_property_get_last_refresh_at, const Account *account, "t",
                 account_time_to_bus(account_last_refresh_at(account)))
/* clang-format on */

static int account_property_get_scopes(sd_bus *bus, const char *path, const char *interface,
                                       const char *property, sd_bus_message *reply, void *userdata,
                                       sd_bus_error *error) {
        return sd_bus_message_append_strv(reply, account_record(userdata)->scopes);
}

static int account_property_get_allowed(sd_bus *bus, const char *path, const char *interface,
                                        const char *property, sd_bus_message *reply, void *userdata,
                                        sd_bus_error *error) {
        return sd_bus_message_append_strv(reply, (char **) account_allowed(userdata));
}

static int account_property_get_last_error(sd_bus *bus, const char *path, const char *interface,
                                           const char *property, sd_bus_message *reply,
                                           void *userdata, sd_bus_error *error) {
        int r = account_last_error(userdata);

        return r == 0 ? sd_bus_message_append(reply, "(ss)", "", "")
                      : sd_bus_message_append(reply, "(ss)", condition_bus_name(r),
                                              condition_sentence(r));
}

/* Runs an operation on the account that the method was called for. The operation remembers its id,
 * since the account may go meanwhile. sd-bus hands over what account_object_find() has found; the
 * context is still known to the slot. */
static int account_object_run(sd_bus_message *m, const Account *account, OperationFn fn,
                              sd_bus_error *error) {
        sd_bus *bus = sd_bus_message_get_bus(m);
        BusContext *context = sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus));

        return operation_run(context, m, fn, account_id(account), error);
}

static int account_reply_expires_at(Operation *o, const Grant *grant) {
        return operation_reply(o, "t", (uint64_t) grant->times.expires_at);
}

static void account_object_on_refreshed(int r, void *userdata) {
        Operation *o = userdata;
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(o->wait));

        o->wait = wait_free(o->wait);
        if (r == 0)
                r = account_reply_expires_at(o, grant);
        if (r != 0)
                operation_fail(o, r);
}

static int account_do_refresh(Operation *o, sd_bus_error *error) {
        Account *account;
        int r;

        r = account_of_operation(o, &account);
        if (r != 0)
                return r;

        r = account_refresh(account, account_object_on_refreshed, o, &o->wait);
        return r != 0 || o->wait ? r : account_reply_expires_at(o, account_grant(account));
}

static int account_method_refresh(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return account_object_run(m, userdata, account_do_refresh, error);
}

static int account_method_report_refused(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t generation;
        int r;

        r = sd_bus_message_read(m, "u", &generation);
        if (r < 0)
                return r;

        account_report_refused(userdata, generation);
        return sd_bus_reply_method_return(m, NULL);
}

static int account_do_set_label(Operation *o, sd_bus_error *error) {
        Account *account;
        const char *label;
        int r;

        r = sd_bus_message_read(o->message, "s", &label);
        if (r < 0)
                return r;
        if (!label_is_valid(label))
                return bus_error_bad_label(error);

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = account_of_operation(o, &account);
        if (r == 0 && accounts_has_name(o->world->accounts, label, account))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "Another account has this label or id; choose another "
                                      "label.");
        if (r == 0)
                r = account_set_label(account, label);
        return r != 0 ? r : operation_reply(o, NULL);
}

static int account_method_set_label(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return account_object_run(m, userdata, account_do_set_label, error);
}

/* Allow and Deny. */
static int account_do_set_allowed(Operation *o, sd_bus_error *error) {
        bool allow = sd_bus_message_is_method_call(o->message, NULL, "Allow") > 0;
        Account *account;
        const char *app;
        int r;

        r = sd_bus_message_read(o->message, "s", &app);
        if (r < 0)
                return r;
        if (!app_name_is_valid(app))
                return bus_error_bad_app(error);

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = account_of_operation(o, &account);
        if (r == 0)
                r = allow ? account_allow(account, app) : account_deny(account, app);
        if (r == CONDITION_LIMITS_EXCEEDED)
                return bus_error_setf(error, r,
                                      "At most 64 apps can be allowed for an account; run "
                                      "\"yadiskctl deny\" for one that is no longer needed.");
        return r != 0 ? r : operation_reply(o, NULL);
}

static int account_method_set_allowed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return account_object_run(m, userdata, account_do_set_allowed, error);
}

static void account_object_on_signed_out(int r, bool revoked, const char *reason, void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Operation *o = userdata;

        o->sign_out = sign_out_free(o->sign_out);
        if (r == CONDITION_CANCELLED)
                r = bus_error_setf(&error, r,
                                   "Another program is signing this account out already; wait "
                                   "until it is done.");
        if (r == 0)
                r = operation_reply(o, "a{sv}", 2, "revoked", "b", (int) revoked, "reason", "s",
                                    reason);
        if (r != 0)
                operation_fail_with(o, r, &error);
}

static int account_do_sign_out(Operation *o, sd_bus_error *error) {
        int revoke = true, r;
        const Option options[] = {
                { "revoke", "b", &revoke },
        };
        Account *account;

        r = dict_read_options(o->message, options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = account_of_operation(o, &account);
        if (r != 0)
                return r;

        return sign_out_start(o->world, account, revoke, account_object_on_signed_out, o,
                              &o->sign_out);
}

static int account_method_sign_out(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return account_object_run(m, userdata, account_do_sign_out, error);
}

static const char *account_word_for_secret(int r) {
        switch (r) {
        case 0:
                return "known";
        case CONDITION_CLIENT_SECRET_MISSING:
                return "missing";
        case CONDITION_RECORD_NEWER:
                return "newer";
        default:
                return "unknown";
        }
}

static int account_reply_findings(Operation *o, const AccountFindings *f) {
        static const char *const verdicts[_VERDICT_MAX] = { "unknown", "accepted", "refused" };
        static const char *const disk[_VERDICT_MAX] = { "unknown", "ok", "unsupported" };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char *missing[3] = {};
        size_t n = 0;
        int r;

        if (f->lacks_info)
                missing[n++] = (char *) "cloud_api:disk.info";
        if (f->lacks_read)
                missing[n++] = (char *) "cloud_api:disk.read";

        r = sd_bus_message_new_method_return(o->message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(
                        reply, "{sv}{sv}{sv}{sv}", "token", "s", verdicts[f->token], "application",
                        "s", verdicts[f->application], "client_secret", "s",
                        account_word_for_secret(f->secret), "disk", "s", disk[f->disk]);
        if (r >= 0)
                r = dict_append_strv(reply, "missing_scopes", missing);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}", "app_folder", "b", (int) f->app_folder,
                                          "reason", "s", f->reason);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        operation_send(o, reply);
        return 0;
}

static void account_object_on_diagnosed(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;

        if (r == 0)
                r = account_reply_findings(o, &findings->account);
        if (r != 0)
                operation_fail(o, r);
}

static int account_do_diagnose(Operation *o, sd_bus_error *error) {
        Account *account;
        int r;

        r = dict_read_options(o->message, NULL, 0, error);
        if (r < 0)
                return r;

        r = account_of_operation(o, &account);
        if (r == 0)
                r = operation_may_diagnose(o);
        return r != 0 ? r
                      : diagnosis_of_account(o->world, account, account_object_on_diagnosed, o,
                                             &o->diagnosis);
}

static int account_method_diagnose(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return account_object_run(m, userdata, account_do_diagnose, error);
}

static const sd_bus_vtable account_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", account_property_get_id, 0, CONSTANT),
        SD_BUS_PROPERTY("Label", "s", account_property_get_label, 0, CHANGES),
        SD_BUS_PROPERTY("Login", "s", account_property_get_login, 0, CHANGES),
        SD_BUS_PROPERTY("ClientId", "s", account_property_get_client_id, 0, CONSTANT),
        SD_BUS_PROPERTY("Scopes", "as", account_property_get_scopes, 0, CHANGES),
        SD_BUS_PROPERTY("State", "s", account_property_get_state, 0, CHANGES),
        SD_BUS_PROPERTY("Refreshing", "b", account_property_get_refreshing, 0, CHANGES),
        SD_BUS_PROPERTY("Saved", "b", account_property_get_saved, 0, CHANGES),
        SD_BUS_PROPERTY("Generation", "u", account_property_get_generation, 0, CHANGES),
        SD_BUS_PROPERTY("ObtainedAt", "t", account_property_get_obtained_at, 0, CHANGES),
        SD_BUS_PROPERTY("ExpiresAt", "t", account_property_get_expires_at, 0, CHANGES),
        SD_BUS_PROPERTY("NextRefreshAt", "t", account_property_get_next_refresh_at, 0, CHANGES),
        SD_BUS_PROPERTY("LastRefreshAt", "t", account_property_get_last_refresh_at, 0, CHANGES),
        SD_BUS_PROPERTY("LastError", "(ss)", account_property_get_last_error, 0, CHANGES),
        SD_BUS_PROPERTY("Allowed", "as", account_property_get_allowed, 0, CHANGES),
        SD_BUS_METHOD_WITH_ARGS("Refresh", SD_BUS_NO_ARGS, SD_BUS_RESULT("t", expires_at),
                                account_method_refresh, METHOD),
        SD_BUS_METHOD_WITH_ARGS("ReportRefused", SD_BUS_ARGS("u", generation), SD_BUS_NO_RESULT,
                                account_method_report_refused, METHOD),
        SD_BUS_METHOD_WITH_ARGS("SetLabel", SD_BUS_ARGS("s", label), SD_BUS_NO_RESULT,
                                account_method_set_label, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Allow", SD_BUS_ARGS("s", app), SD_BUS_NO_RESULT,
                                account_method_set_allowed, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Deny", SD_BUS_ARGS("s", app), SD_BUS_NO_RESULT,
                                account_method_set_allowed, METHOD),
        SD_BUS_METHOD_WITH_ARGS("SignOut", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", results), account_method_sign_out, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Diagnose", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), account_method_diagnose, METHOD),
        SD_BUS_VTABLE_END,
};

int account_objects_register(BusContext *context) {
        int r;

        r = sd_bus_add_fallback_vtable(context->connection, NULL, TOKENS_ACCOUNT_PATH,
                                       TOKENS_ACCOUNT_INTERFACE, account_vtable,
                                       account_object_find, context);
        if (r < 0)
                return r;

        return sd_bus_add_node_enumerator(context->connection, NULL, TOKENS_ACCOUNT_PATH,
                                          account_object_enumerate, context);
}

void account_object_announce_added(BusContext *context, Account *account) {
        _cleanup_free_ char *path = NULL;

        if (account_object_path(account, &path) == 0)
                (void) sd_bus_emit_object_added(context->connection, path);
}

void account_object_announce_removed(BusContext *context, Account *account) {
        _cleanup_free_ char *path = NULL;

        if (account_object_path(account, &path) == 0)
                (void) sd_bus_emit_object_removed(context->connection, path);
}

void account_object_announce_changed(BusContext *context, Account *account, AccountChange changes) {
        static const struct {
                AccountChange change;
                const char *property;
        } table[] = {
                { ACCOUNT_CHANGED_LABEL, "Label" },
                { ACCOUNT_CHANGED_IDENTITY, "Login" },
                { ACCOUNT_CHANGED_IDENTITY, "Scopes" },
                { ACCOUNT_CHANGED_STATE, "State" },
                { ACCOUNT_CHANGED_REFRESHING, "Refreshing" },
                { ACCOUNT_CHANGED_SAVED, "Saved" },
                { ACCOUNT_CHANGED_GRANT, "Generation" },
                { ACCOUNT_CHANGED_GRANT, "ObtainedAt" },
                { ACCOUNT_CHANGED_GRANT, "ExpiresAt" },
                { ACCOUNT_CHANGED_GRANT, "LastRefreshAt" },
                { ACCOUNT_CHANGED_NEXT_REFRESH, "NextRefreshAt" },
                { ACCOUNT_CHANGED_LAST_ERROR, "LastError" },
                { ACCOUNT_CHANGED_ALLOWED, "Allowed" },
        };
        const char *names[ELEMENTSOF(table) + 1] = {};
        _cleanup_free_ char *path = NULL;
        size_t n = 0;

        if (account_object_path(account, &path) < 0)
                return;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (changes & table[i].change)
                        names[n++] = table[i].property;
        (void) sd_bus_emit_properties_changed_strv(context->connection, path,
                                                   TOKENS_ACCOUNT_INTERFACE, (char **) names);
}
