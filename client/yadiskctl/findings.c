/* SPDX-License-Identifier: MIT */

#include "yadiskctl/findings.h"

#include "common/strv.h"
#include "shared/unreachable.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/dict.h"

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER   SYSTEMD_NAME ".Manager"
#define SYSTEMD_UNIT      SYSTEMD_NAME ".Unit"
#define UNIT_NAME         "yadisk-tokend.service"
#define UNIT_TIMEOUT_USEC (UINT64_C(5) * 1000 * 1000)

static const DictField unit_fields[] = {
        { "LoadState", "s", offsetof(UnitFindings, load_state) },
        { "ActiveState", "s", offsetof(UnitFindings, active_state) },
        { "UnitFileState", "s", offsetof(UnitFindings, file_state) },
        {},
};

static const DictField network_fields[] = {
        { "reachable", "b", offsetof(NetworkFindings, reachable) },
        { "trusted", "b", offsetof(NetworkFindings, trusted) },
        { "reason", "s", offsetof(NetworkFindings, reason) },
        { "host", "s", offsetof(NetworkFindings, host) },
        { "server_time", "t", offsetof(NetworkFindings, server_time) },
        { "local_time", "t", offsetof(NetworkFindings, local_time) },
        { "has_device_id", "b", offsetof(NetworkFindings, has_device_id) },
        {},
};

static const DictField account_fields[] = {
        { "token", "s", offsetof(AccountFindings, token) },
        { "application", "s", offsetof(AccountFindings, application) },
        { "disk", "s", offsetof(AccountFindings, disk) },
        { "reason", "s", offsetof(AccountFindings, reason) },
        { "missing_scopes", "as", offsetof(AccountFindings, missing_scopes) },
        { "app_folder", "b", offsetof(AccountFindings, app_folder) },
        {},
};

/* Whether anybody has the daemon's name. */
static bool is_owned(sd_bus *bus) {
        return sd_bus_get_name_creds(bus, TOKENS_BUS_NAME, 0, NULL) >= 0;
}

/* Not every bus learns that what it asked systemd to start has failed: then there is silence, too. */
static DaemonFinding daemon_from_error(const Findings *f, const sd_bus_error *error) {
        if (unreachable_because_start_failed(error))
                return DAEMON_NOT_STARTED;
        if (unreachable_because_silent(error))
                return is_owned(f->bus) ? DAEMON_SILENT : DAEMON_NOT_STARTED;
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return DAEMON_FORBIDDEN;
        if (!unreachable(error, 0))
                return DAEMON_ODD;
        return f->filtered ? DAEMON_HIDDEN : DAEMON_ABSENT;
}

static void read_snapshot(Findings *f) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Snapshot snapshot = {};
        int r;

        r = snapshot_ask(f->bus, true, &snapshot, &error);
        if (r < 0) {
                f->daemon = daemon_from_error(f, &error);
                (void) str_replace(&f->daemon_error, error.message);
                return;
        }

        snapshot_done(&f->snapshot);
        f->snapshot = snapshot;
        f->daemon = DAEMON_THERE;
}

/* A manager that is not there is not started. */
static int ask_manager(Findings *f, sd_bus_message *call, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_set_auto_start(call, false);
        return r < 0 ? r : sd_bus_call(f->bus, call, UNIT_TIMEOUT_USEC, NULL, ret);
}

/* Also of one that is not loaded, or not even there: then its properties say so. */
static int load_unit(Findings *f, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(f->bus, &call, SYSTEMD_NAME, SYSTEMD_PATH,
                                           SYSTEMD_MANAGER, "LoadUnit");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", UNIT_NAME);
        return r < 0 ? r : ask_manager(f, call, ret);
}

static int read_unit(Findings *f) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *loaded = NULL, *call = NULL;
        const char *path;
        int r;

        r = load_unit(f, &loaded);
        if (r >= 0)
                r = sd_bus_message_read(loaded, "o", &path);
        if (r >= 0)
                r = sd_bus_message_new_method_call(f->bus, &call, SYSTEMD_NAME, path,
                                                   "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", SYSTEMD_UNIT);
        if (r >= 0)
                r = ask_manager(f, call, &f->unit.message);
        return r < 0 ? r : dict_read(f->unit.message, unit_fields, &f->unit);
}

/* The unit comes last: it is as it is after somebody has tried to start it. */
void findings_read_session(Findings *f) {
        int r;

        r = bus_connect(&f->bus);
        bus_fault_find(r, &f->bus_fault);
        if (r < 0)
                return;

        f->filtered = bus_is_filtered(f->bus);
        read_snapshot(f);
        f->unit.has_manager = read_unit(f) >= 0;
}

/* A daemon of an earlier version does not know how to. */
static int diagnose_network(Findings *f) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(f->bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                           TOKENS_MANAGER_INTERFACE, "Diagnose");
        if (r >= 0)
                r = sd_bus_message_append(call, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call(f->bus, call, 0, NULL, &f->network.message);
        return r < 0 ? r : dict_read(f->network.message, network_fields, &f->network);
}

/* Looked at anew afterwards: a daemon that was started just now may have heard of its keyring since. */
void findings_read_machine(Findings *f) {
        if (f->daemon != DAEMON_THERE)
                return;

        f->network.known = diagnose_network(f) >= 0;
        read_snapshot(f);
}

static int on_diagnosed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        AccountFindings *a = userdata;

        a->slot = sd_bus_slot_unref(a->slot);
        if (sd_bus_message_is_method_error(m, NULL))
                return 0;

        a->message = sd_bus_message_ref(m);
        a->known = dict_read(m, account_fields, a) >= 0;
        return 0;
}

static int begin_diagnosis(Findings *f, size_t i) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        AccountFindings *a = &f->accounts[i];
        int r;

        *a = (AccountFindings){ .token = "", .application = "", .disk = "", .reason = "" };
        r = sd_bus_message_new_method_call(f->bus, &call, TOKENS_BUS_NAME,
                                           f->snapshot.accounts[i].path, TOKENS_ACCOUNT_INTERFACE,
                                           "Diagnose");
        if (r >= 0)
                r = sd_bus_message_append(call, "a{sv}", 0);
        return r < 0 ? r : sd_bus_call_async(f->bus, &a->slot, call, on_diagnosed, a, 0);
}

static bool is_any_under_way(const Findings *f) {
        for (size_t i = 0; i < f->snapshot.n_accounts; i++)
                if (f->accounts[i].slot)
                        return true;
        return false;
}

/* All at once: each may take its time. A lost connection answers them all. */
int findings_read_accounts(Findings *f) {
        int r = 0;

        if (!f->network.known || !f->network.reachable || !f->network.trusted)
                return 0;

        f->accounts = calloc(f->snapshot.n_accounts + 1, sizeof(AccountFindings));
        if (!f->accounts)
                return -ENOMEM;

        for (size_t i = 0; r >= 0 && i < f->snapshot.n_accounts; i++)
                r = begin_diagnosis(f, i);
        while (r >= 0 && is_any_under_way(f)) {
                r = sd_bus_process(f->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(f->bus, UINT64_MAX);
        }
        return MIN_OF(r, 0);
}

void findings_done(Findings *f) {
        for (size_t i = 0; f->accounts && i < f->snapshot.n_accounts; i++) {
                sd_bus_slot_unref(f->accounts[i].slot);
                sd_bus_message_unref(f->accounts[i].message);
                strv_free(f->accounts[i].missing_scopes);
        }
        free(f->accounts);
        snapshot_done(&f->snapshot);
        sd_bus_message_unref(f->network.message);
        sd_bus_message_unref(f->unit.message);
        free(f->daemon_error);
        sd_bus_flush_close_unref(f->bus);
}
