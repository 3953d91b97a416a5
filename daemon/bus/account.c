/* SPDX-License-Identifier: MIT */

#include "bus/account.h"

#include "bus/diagnosis.h"
#include "bus/error.h"
#include "bus/operation.h"
#include "bus/options.h"
#include "common/condition.h"
#include "common/names.h"

int account_path(const Account *account, char **ret) {
        return MIN_OF(sd_bus_path_encode(TOKENS_ACCOUNT_PATH, account_id(account), ret), 0);
}

int account_from_path(World *w, const char *path, Account **ret) {
        _cleanup_free_ char *id = NULL;
        int r;

        r = sd_bus_path_decode(path, TOKENS_ACCOUNT_PATH, &id);
        if (r < 0)
                return r;

        *ret = r > 0 ? accounts_by_id(w->accounts, id) : NULL;
        return *ret ? 0 : CONDITION_NO_SUCH_ACCOUNT;
}

static int account_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                        void **ret_found, sd_bus_error *error) {
        Bus *b = userdata;
        Account *account;

        if (account_from_path(bus_world(b), path, &account) != 0)
                return 0;

        *ret_found = account;
        return 1;
}

static int account_enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                             sd_bus_error *error) {
        _cleanup_(strv_freep) char **l = NULL;
        World *w = bus_world(userdata);
        int r;

        for (size_t i = 0; i < accounts_count(w->accounts); i++) {
                _cleanup_free_ char *path = NULL;

                r = account_path(accounts_at(w->accounts, i), &path);
                if (r < 0)
                        return r;

                r = strv_extend(&l, path);
                if (r < 0)
                        return r;
        }

        *ret_nodes = TAKE_PTR(l);
        return 1;
}

static int property_get_string(sd_bus *bus, const char *path, const char *interface,
                               const char *property, sd_bus_message *reply, void *userdata,
                               sd_bus_error *error) {
        const AccountRecord *record = account_record(userdata);
        const char *value = streq(property, "Id")      ? record->id
                            : streq(property, "Label") ? record->label
                            : streq(property, "Login") ? record->login
                                                       : record->client_id;

        return sd_bus_message_append(reply, "s", str_or_empty(value));
}

static int property_get_scopes(sd_bus *bus, const char *path, const char *interface,
                               const char *property, sd_bus_message *reply, void *userdata,
                               sd_bus_error *error) {
        return sd_bus_message_append_strv(reply, account_record(userdata)->scopes);
}

static int property_get_state(sd_bus *bus, const char *path, const char *interface,
                              const char *property, sd_bus_message *reply, void *userdata,
                              sd_bus_error *error) {
        return sd_bus_message_append(reply, "s", account_state_to_string(account_state(userdata)));
}

static int property_get_bool(sd_bus *bus, const char *path, const char *interface,
                             const char *property, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error) {
        bool value = streq(property, "Saved") ? account_is_saved(userdata)
                                              : account_is_refreshing(userdata);

        return sd_bus_message_append(reply, "b", (int) value);
}

static int property_get_generation(sd_bus *bus, const char *path, const char *interface,
                                   const char *property, sd_bus_message *reply, void *userdata,
                                   sd_bus_error *error) {
        return sd_bus_message_append(reply, "u", account_generation(userdata));
}

static int property_get_time(sd_bus *bus, const char *path, const char *interface,
                             const char *property, sd_bus_message *reply, void *userdata,
                             sd_bus_error *error) {
        GrantTimes times = account_times(userdata);
        int64_t value = streq(property, "ObtainedAt")      ? times.obtained_at
                        : streq(property, "ExpiresAt")     ? times.expires_at
                        : streq(property, "NextRefreshAt") ? account_next_refresh_at(userdata)
                                                           : account_last_refresh_at(userdata);

        return sd_bus_message_append(reply, "t", (uint64_t) MAX_OF(value, 0));
}

static int property_get_last_error(sd_bus *bus, const char *path, const char *interface,
                                   const char *property, sd_bus_message *reply, void *userdata,
                                   sd_bus_error *error) {
        int r = account_last_error(userdata);

        return r == 0 ? sd_bus_message_append(reply, "(ss)", "", "")
                      : sd_bus_message_append(reply, "(ss)", condition_bus_name(r),
                                              condition_sentence(r));
}

/* Runs an operation on the account that the method was called for, by its id: it may go meanwhile. */
static int run(sd_bus_message *m, Account *account, OperationFn fn, sd_bus_error *error) {
        Bus *b = sd_bus_slot_get_userdata(sd_bus_get_current_slot(sd_bus_message_get_bus(m)));
        OperationStart what = { .fn = fn, .subject = account_id(account) };

        return operation_run(bus_operations(b), bus_world(b), m, &what, error);
}

static int reply_expires_at(Operation *o, Grant *grant) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(operation_message(o), &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append(reply, "t", (uint64_t) grant_get_times(grant).expires_at);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static void on_refreshed(int r, void *userdata) {
        Operation *o = userdata;
        Wait **wait = operation_wait(o);
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(*wait));

        *wait = wait_free(*wait);
        if (r == 0)
                r = reply_expires_at(o, grant);
        if (r != 0)
                operation_fail(o, r);
}

static int do_refresh(Operation *o, sd_bus_error *error) {
        Account *account;
        int r;

        r = operation_account(o, &account);
        if (r != 0)
                return r;

        r = account_refresh(account, on_refreshed, o, operation_wait(o));
        if (r != 0 || *operation_wait(o))
                return r;

        return reply_expires_at(o, account_grant(account));
}

static int method_refresh(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_refresh, error);
}

static int method_report_refused(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint32_t generation;
        int r;

        r = sd_bus_message_read(m, "u", &generation);
        if (r < 0)
                return r;

        account_report_refused(userdata, generation);
        return sd_bus_reply_method_return(m, NULL);
}

static int do_set_label(Operation *o, sd_bus_error *error) {
        Account *account;
        const char *label;
        int r;

        r = sd_bus_message_read(operation_message(o), "s", &label);
        if (r < 0)
                return r;
        if (!label_is_valid(label))
                return bus_error_bad_label(error);

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = operation_account(o, &account);
        if (r == 0)
                r = account_set_label(account, label);
        return r != 0 ? r : operation_reply_empty(o);
}

static int method_set_label(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_set_label, error);
}

static int reply_signed_out(Operation *o, bool revoked, const char *reason) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if (!operation_message(o))
                return operation_reply_empty(o);

        r = sd_bus_message_new_method_return(operation_message(o), &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append(reply, "a{sv}", 2, "revoked", "b", (int) revoked, "reason", "s",
                                  reason);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static void on_signed_out(int r, bool revoked, const char *reason, void *userdata) {
        Operation *o = userdata;
        SignOut **sign_out = operation_sign_out(o);

        *sign_out = sign_out_free(*sign_out);
        if (r == 0)
                r = reply_signed_out(o, revoked, reason);
        if (r != 0)
                operation_fail(o, r);
}

static int do_sign_out(Operation *o, sd_bus_error *error) {
        int revoke_too = true, r;
        const Option options[] = {
                { "revoke", "b", &revoke_too, NULL },
        };
        Account *account;

        r = options_read(operation_message(o), options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = operation_account(o, &account);
        if (r != 0)
                return r;

        return sign_out_start(operation_world(o), account, revoke_too, on_signed_out, o,
                              operation_sign_out(o));
}

static int method_sign_out(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, do_sign_out, error);
}

static int method_diagnose(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run(m, userdata, diagnose_account, error);
}

#define CONSTANT SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES  SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define METHOD   SD_BUS_VTABLE_UNPRIVILEGED

static const sd_bus_vtable account_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", property_get_string, 0, CONSTANT),
        SD_BUS_PROPERTY("Label", "s", property_get_string, 0, CHANGES),
        SD_BUS_PROPERTY("Login", "s", property_get_string, 0, CHANGES),
        SD_BUS_PROPERTY("ClientId", "s", property_get_string, 0, CONSTANT),
        SD_BUS_PROPERTY("Scopes", "as", property_get_scopes, 0, CHANGES),
        SD_BUS_PROPERTY("State", "s", property_get_state, 0, CHANGES),
        SD_BUS_PROPERTY("Refreshing", "b", property_get_bool, 0, CHANGES),
        SD_BUS_PROPERTY("Saved", "b", property_get_bool, 0, CHANGES),
        SD_BUS_PROPERTY("Generation", "u", property_get_generation, 0, CHANGES),
        SD_BUS_PROPERTY("ObtainedAt", "t", property_get_time, 0, CHANGES),
        SD_BUS_PROPERTY("ExpiresAt", "t", property_get_time, 0, CHANGES),
        SD_BUS_PROPERTY("NextRefreshAt", "t", property_get_time, 0, CHANGES),
        SD_BUS_PROPERTY("LastRefreshAt", "t", property_get_time, 0, CHANGES),
        SD_BUS_PROPERTY("LastError", "(ss)", property_get_last_error, 0, CHANGES),
        SD_BUS_METHOD_WITH_ARGS("Refresh", SD_BUS_NO_ARGS, SD_BUS_RESULT("t", expires_at),
                                method_refresh, METHOD),
        SD_BUS_METHOD_WITH_ARGS("ReportRefused", SD_BUS_ARGS("u", generation), SD_BUS_NO_RESULT,
                                method_report_refused, METHOD),
        SD_BUS_METHOD_WITH_ARGS("SetLabel", SD_BUS_ARGS("s", label), SD_BUS_NO_RESULT,
                                method_set_label, METHOD),
        SD_BUS_METHOD_WITH_ARGS("SignOut", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", results), method_sign_out, METHOD),
        SD_BUS_METHOD_WITH_ARGS("Diagnose", SD_BUS_ARGS("a{sv}", options),
                                SD_BUS_RESULT("a{sv}", findings), method_diagnose, METHOD),
        SD_BUS_VTABLE_END,
};

int accounts_register(Bus *b) {
        int r;

        r = sd_bus_add_fallback_vtable(bus_connection(b), NULL, TOKENS_ACCOUNT_PATH,
                                       TOKENS_ACCOUNT_INTERFACE, account_vtable, account_find, b);
        if (r < 0)
                return r;

        return sd_bus_add_node_enumerator(bus_connection(b), NULL, TOKENS_ACCOUNT_PATH,
                                          account_enumerate, b);
}

void account_announce_added(Bus *b, Account *account) {
        _cleanup_free_ char *path = NULL;

        if (account_path(account, &path) == 0)
                (void) sd_bus_emit_object_added(bus_connection(b), path);
}

void account_announce_removed(Bus *b, Account *account) {
        _cleanup_free_ char *path = NULL;

        if (account_path(account, &path) == 0)
                (void) sd_bus_emit_object_removed(bus_connection(b), path);
}

void account_announce_changed(Bus *b, Account *account, AccountChange changes) {
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
        };
        const char *names[ELEMENTSOF(table) + 1] = {};
        _cleanup_free_ char *path = NULL;
        size_t n = 0;

        if (account_path(account, &path) < 0)
                return;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (changes & table[i].change)
                        names[n++] = table[i].property;
        (void) sd_bus_emit_properties_changed_strv(bus_connection(b), path,
                                                   TOKENS_ACCOUNT_INTERFACE, (char **) names);
}
