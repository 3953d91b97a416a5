/* SPDX-License-Identifier: MIT */

#include "yadiskctl/doctor/findings.h"

#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon-call.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/daemon/keyring.h"

static const DictField network_fields[] = {
        { "reachable", "b", offsetof(NetworkFindings, reachable) },
        { "trusted", "b", offsetof(NetworkFindings, trusted) },
        { "reason", "s", offsetof(NetworkFindings, reason) },
        { "host", "s", offsetof(NetworkFindings, host) },
        { "keyring", "s", offsetof(NetworkFindings, keyring) },
        { "server_time", "t", offsetof(NetworkFindings, server_time) },
        { "local_time", "t", offsetof(NetworkFindings, local_time) },
        { "has_device_id", "b", offsetof(NetworkFindings, has_device_id) },
        {},
};

/* Of Manager.Diagnose; what is open is none. */
static const struct {
        const char *name;
        int condition;
} keyring_states[] = {
        { "locked", CONDITION_KEYRING_LOCKED },
        { "items-locked", CONDITION_KEYRING_ITEMS_LOCKED },
        { "missing", CONDITION_KEYRING_MISSING },
        { "silent", CONDITION_KEYRING_FAILED },
        { "absent", CONDITION_KEYRING_UNAVAILABLE },
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

static void read_snapshot(Findings *f) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Snapshot snapshot = {};
        int r;

        r = snapshot_ask(f->bus, true, &snapshot, &error);
        if (r < 0 && !sd_bus_error_is_set(&error))
                (void) sd_bus_error_set(&error, SD_BUS_ERROR_INCONSISTENT_MESSAGE, NULL);
        daemon_findings_done(&f->daemon);
        daemon_findings_read(f->bus, f->filtered, &error, &f->daemon);
        if (r < 0)
                return;

        snapshot_done(&f->snapshot);
        f->snapshot = snapshot;
}

void findings_read_session(Findings *f) {
        int r;

        r = bus_connect(&f->bus);
        bus_fault_find(r, &f->bus_fault);
        if (r < 0)
                return;

        f->filtered = bus_is_filtered(f->bus);
        read_snapshot(f);
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
                r = daemon_call(f->bus, call, NULL, &f->network.message);
        return r < 0 ? r : dict_read(f->network.message, network_fields, &f->network);
}

static void read_keyring(Findings *f) {
        const char *state = *f->network.keyring ? f->network.keyring : f->snapshot.keyring;

        for (size_t i = 0; i < ELEMENTSOF(keyring_states); i++)
                if (streq(keyring_states[i].name, state))
                        keyring_findings_read(f->bus, keyring_states[i].condition, &f->keyring);
}

/* The keyring comes first, since what the daemon tells of it is what it saw last. The snapshot is looked at
 * anew: a daemon that was started just now may have heard of its keyring since. */
void findings_read_machine(Findings *f) {
        if (f->daemon.state != DAEMON_THERE)
                return;

        (void) keyring_look(f->bus, false);
        f->network.known = diagnose_network(f) >= 0;
        read_snapshot(f);
        read_keyring(f);
        if (f->snapshot.n_accounts == 0)
                f->needs_setup = bus_needs_setup(f->bus);
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
        daemon_findings_done(&f->daemon);
        sd_bus_flush_close_unref(f->bus);
}
