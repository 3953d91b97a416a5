/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/snapshot.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"

static const DictField account_fields[] = {
        { "Id", "s", offsetof(Account, id) },
        { "Label", "s", offsetof(Account, label) },
        { "Login", "s", offsetof(Account, login) },
        { "ClientId", "s", offsetof(Account, client_id) },
        { "Scopes", "as", offsetof(Account, scopes) },
        { "State", "s", offsetof(Account, state) },
        { "Refreshing", "b", offsetof(Account, refreshing) },
        { "Saved", "b", offsetof(Account, saved) },
        { "Generation", "u", offsetof(Account, generation) },
        { "ObtainedAt", "t", offsetof(Account, obtained_at) },
        { "ExpiresAt", "t", offsetof(Account, expires_at) },
        { "NextRefreshAt", "t", offsetof(Account, next_refresh_at) },
        { "LastRefreshAt", "t", offsetof(Account, last_refresh_at) },
        { "LastError", "(ss)", offsetof(Account, error_name) },
        { "Allowed", "as", offsetof(Account, allowed) },
        {},
};

static const DictField manager_fields[] = {
        { "Version", "s", offsetof(Snapshot, version) },
        { "KeyringState", "s", offsetof(Snapshot, keyring) },
        { "Online", "b", offsetof(Snapshot, online) },
        { "DefaultAccount", "o", offsetof(Snapshot, default_account) },
        {},
};

static int snapshot_add_account(Snapshot *s, const char *path, Account **ret) {
        Account *larger = reallocarray(s->accounts, s->n_accounts + 1, sizeof(Account));

        if (!larger)
                return -ENOMEM;

        s->accounts = larger;
        *ret = &larger[s->n_accounts++];
        **ret = (Account){
                .path = path,
                .id = "",
                .label = "",
                .login = "",
                .client_id = "",
                .state = "",
                .error_name = "",
                .error_message = "",
        };
        return 0;
}

/* An object of the daemon, while it is read. */
typedef struct SnapshotObject {
        Snapshot *snapshot;
        const char *path;
} SnapshotObject;

/* Reads one sa{sv}: an interface of the object, and its properties. */
static int snapshot_read_interface(sd_bus_message *m, void *userdata) {
        const SnapshotObject *object = userdata;
        const char *interface;
        Account *account;
        int r;

        r = sd_bus_message_read_basic(m, 's', &interface);
        if (r < 0)
                return r;
        if (!streq(interface, TOKENS_ACCOUNT_INTERFACE))
                return sd_bus_message_skip(m, "a{sv}");

        r = snapshot_add_account(object->snapshot, object->path, &account);
        return r < 0 ? r : dict_read(m, account_fields, account);
}

/* Reads one oa{sa{sv}}: an object and its interfaces. */
static int snapshot_read_object(sd_bus_message *m, void *userdata) {
        SnapshotObject object = { .snapshot = userdata };
        int r;

        r = sd_bus_message_read_basic(m, 'o', &object.path);
        return r < 0 ? r : dict_for_each(m, snapshot_read_interface, &object);
}

/* The order does not depend on the daemon. */
static int account_compare(const void *a, const void *b) {
        const Account *x = a, *y = b;

        if (x->is_default != y->is_default)
                return x->is_default ? -1 : 1;
        return strcmp(x->label, y->label) ?: strcmp(x->path, y->path);
}

/* GetManagedObjects tells of the objects below the manager, so the manager itself is asked as
 * well. */
int snapshot_new_calls(sd_bus *bus, bool start, sd_bus_message **ret_objects,
                       sd_bus_message **ret_manager) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *objects = NULL, *manager = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &objects, TOKENS_BUS_NAME, TOKENS_PATH,
                                           "org.freedesktop.DBus.ObjectManager",
                                           "GetManagedObjects");
        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &manager, TOKENS_BUS_NAME, TOKENS_PATH,
                                                   "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(manager, "s", TOKENS_MANAGER_INTERFACE);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(objects, start);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(manager, start);
        if (r < 0)
                return r;

        *ret_objects = TAKE_PTR(objects);
        *ret_manager = TAKE_PTR(manager);
        return 0;
}

int snapshot_parse(sd_bus_message *objects, sd_bus_message *manager, Snapshot *ret) {
        _cleanup_(snapshot_done) Snapshot s = {
                .version = "",
                .keyring = "",
                .default_account = "",
                .objects = sd_bus_message_ref(objects),
                .manager = sd_bus_message_ref(manager),
        };
        int r;

        r = dict_for_each(s.objects, snapshot_read_object, &s);
        if (r >= 0)
                r = dict_read(s.manager, manager_fields, &s);
        if (r < 0)
                return r;

        for (size_t i = 0; i < s.n_accounts; i++) {
                s.accounts[i].is_default = streq(s.accounts[i].path, s.default_account);
                s.accounts[i].overdue = !streq(s.keyring, "unlocked"); /* nothing can be written */
        }
        if (s.n_accounts > 0)
                qsort(s.accounts, s.n_accounts, sizeof(Account), account_compare);

        *ret = s;
        s = (Snapshot){};
        return 0;
}

int snapshot_ask(sd_bus *bus, bool start, Snapshot *ret, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *ask_objects = NULL, *ask_manager = NULL,
                                                        *objects = NULL, *manager = NULL;
        int r;

        r = snapshot_new_calls(bus, start, &ask_objects, &ask_manager);
        if (r >= 0)
                r = daemon_call(bus, ask_objects, error, &objects);
        if (r >= 0)
                r = daemon_call(bus, ask_manager, error, &manager);
        return r < 0 ? r : snapshot_parse(objects, manager, ret);
}

ExitStatus snapshot_read(sd_bus *bus, Snapshot *ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = snapshot_ask(bus, true, ret, &error);
        if (sd_bus_error_is_set(&error))
                return bus_explain(bus, &error);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

void snapshot_done(Snapshot *s) {
        for (size_t i = 0; i < s->n_accounts; i++) {
                strv_free(s->accounts[i].scopes);
                strv_free(s->accounts[i].allowed);
        }
        free(s->accounts);
        sd_bus_message_unref(s->manager);
        sd_bus_message_unref(s->objects);
        *s = (Snapshot){};
}

const Account *snapshot_find(const Snapshot *s, const char *path) {
        for (size_t i = 0; i < s->n_accounts; i++)
                if (streq(s->accounts[i].path, path))
                        return &s->accounts[i];
        return NULL;
}

ExitStatus snapshot_expect(const Snapshot *s, const char *path, const Account **ret) {
        *ret = snapshot_find(s, path);
        if (!*ret)
                return fail(condition_exit_status(CONDITION_NO_SUCH_ACCOUNT), "%s",
                            _(condition_sentence(CONDITION_NO_SUCH_ACCOUNT)));
        return EXIT_STATUS_OK;
}

ExitStatus snapshot_read_account(sd_bus *bus, const char *name, Snapshot *ret,
                                 const Account **ret_account) {
        _cleanup_free_ char *path = NULL;
        ExitStatus s;

        s = bus_find_account(bus, name, &path);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read(bus, ret);
        return s == EXIT_STATUS_OK ? snapshot_expect(ret, path, ret_account) : s;
}

const char *account_name(const Account *a) {
        if (*a->label)
                return a->label;
        return *a->login ? a->login : a->id;
}

bool account_is_unsaved(const Account *a) {
        return !a->saved && (a->overdue || condition_is_of_keyring(account_condition(a)));
}

bool account_is_being_saved(const Account *a) {
        return !a->saved && !account_is_unsaved(a) && !streq(a->state, "locked");
}

bool account_is_unreadable(const Account *a) {
        return streq(a->state, "locked") &&
               streq(a->error_name, condition_bus_name(CONDITION_KEYRING_FAILED));
}

void snapshot_remember(Snapshot *now, const Snapshot *before) {
        for (size_t i = 0; i < now->n_accounts; i++) {
                const Account *old = snapshot_find(before, now->accounts[i].path);

                now->accounts[i].overdue =
                        now->accounts[i].overdue || (old && account_is_unsaved(old));
        }
}

int account_condition(const Account *a) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(a->error_name, a->error_message);
        int r = bus_find_condition(&error);

        return condition_is_valid(r) ? r : condition_from_bus_name(a->error_name);
}

/* A locked account tells more than the state of the keyring does. */
int snapshot_keyring_condition(const Snapshot *s) {
        if (streq(s->keyring, "unlocked"))
                return 0;
        if (s->keyring_condition != 0)
                return s->keyring_condition;

        for (size_t i = 0; i < s->n_accounts; i++) {
                int condition = account_condition(&s->accounts[i]);

                if (streq(s->accounts[i].state, "locked") &&
                    condition_is_of_keyring_state(condition))
                        return condition;
        }
        return streq(s->keyring, "absent") ? CONDITION_KEYRING_UNAVAILABLE
                                           : CONDITION_KEYRING_LOCKED;
}

bool snapshot_has_locked(const Snapshot *s) {
        for (size_t i = 0; streq(s->keyring, "unlocked") && i < s->n_accounts; i++)
                if (streq(s->accounts[i].state, "locked") &&
                    !account_is_unreadable(&s->accounts[i]))
                        return true;
        return false;
}

static void account_error_to_json(const Account *a, Json *j) {
        if (str_is_empty(a->error_name)) {
                json_string(j, "last_error", NULL);
                return;
        }

        json_begin(j, "last_error", "{");
        json_string(j, "name", a->error_name);
        json_string(j, "message", a->error_message);
        json_end(j, "}");
}

void account_to_json(const Account *a, Json *j, const char *key) {
        json_begin(j, key, "{");
        json_string(j, "id", a->id);
        json_string(j, "label", a->label);
        json_string(j, "login", a->login);
        json_string(j, "client_id", a->client_id);
        json_strings(j, "scopes", a->scopes);
        json_string(j, "state", a->state);
        json_bool(j, "refreshing", a->refreshing);
        json_bool(j, "saved", a->saved);
        json_unsigned(j, "generation", a->generation);
        json_time(j, "obtained_at", a->obtained_at);
        json_time(j, "expires_at", a->expires_at);
        json_time(j, "next_refresh_at", a->next_refresh_at);
        json_time(j, "last_refresh_at", a->last_refresh_at);
        account_error_to_json(a, j);
        json_bool(j, "default", a->is_default);
        json_end(j, "}");
}
