/* SPDX-License-Identifier: MIT */

#include "bus/diagnosis.h"

#include "bus/options.h"
#include "bus/results.h"
#include "keeper/diagnosis/diagnosis.h"

static int read_no_options(Operation *o, sd_bus_error *error) {
        return options_read(operation_message(o), NULL, 0, error);
}

typedef struct NetworkResults {
        const NetworkFindings *findings;
        bool has_device_id;
        VaultState keyring;
} NetworkResults;

/* Finer than the property KeyringState, for those who give advice. */
static const char *const keyring_names[_VAULT_STATE_MAX] = {
        [VAULT_UNLOCKED] = "unlocked",
        [VAULT_LOCKED] = "locked",
        [VAULT_ITEMS_LOCKED] = "items-locked",
        [VAULT_MISSING] = "missing",
        [VAULT_SILENT] = "silent",
        [VAULT_ABSENT] = "absent",
};

static int add_network(sd_bus_message *m, const void *userdata) {
        const NetworkResults *results = userdata;
        const NetworkFindings *f = results->findings;
        int r;

        r = results_add_bool(m, "reachable", f->reachable);
        if (r >= 0)
                r = results_add_bool(m, "trusted", f->trusted);
        if (r >= 0)
                r = results_add_string(m, "reason", f->reason);
        if (r >= 0)
                r = results_add_string(m, "host", f->host);
        if (r >= 0)
                r = results_add_time(m, "server_time", f->server_time);
        if (r >= 0)
                r = results_add_time(m, "local_time", f->local_time);
        if (r >= 0)
                r = results_add_bool(m, "has_device_id", results->has_device_id);
        if (r >= 0)
                r = results_add_string(m, "keyring", keyring_names[results->keyring]);
        return r;
}

/* The diagnosis is the operation's, which ends with the answer. */
static void on_network(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;
        NetworkResults results = {
                .findings = findings ? &findings->network : NULL,
                .has_device_id = oauth_has_device_id(operation_world(o)->oauth),
                .keyring = operation_world(o)->keyring_state,
        };

        if (r == 0)
                r = results_reply(o, add_network, &results);
        if (r != 0)
                operation_fail(o, r);
}

static void diagnosis_drop(void *handle) {
        diagnosis_free(handle);
}

int diagnose_network(Operation *o, sd_bus_error *error) {
        Diagnosis *diagnosis;
        int r;

        r = read_no_options(o, error);
        if (r < 0)
                return r;

        r = diagnosis_of_network(operation_world(o), on_network, o, &diagnosis);
        return r != 0 ? r : operation_keep(o, diagnosis, diagnosis_drop);
}

static const char *verdict_to_string(Verdict v) {
        static const char *const names[_VERDICT_MAX] = {
                [VERDICT_UNKNOWN] = "unknown",
                [VERDICT_ACCEPTED] = "accepted",
                [VERDICT_REFUSED] = "refused",
        };

        return names[v];
}

static const char *disk_to_string(Verdict v) {
        static const char *const names[_VERDICT_MAX] = {
                [VERDICT_UNKNOWN] = "unknown",
                [VERDICT_ACCEPTED] = "ok",
                [VERDICT_REFUSED] = "unsupported",
        };

        return names[v];
}

static int add_missing_scopes(sd_bus_message *m, const AccountFindings *f) {
        char *missing[3] = {};
        size_t n = 0;

        if (f->lacks_info)
                missing[n++] = (char *) "cloud_api:disk.info";
        if (f->lacks_read)
                missing[n++] = (char *) "cloud_api:disk.read";
        return results_add_strings(m, "missing_scopes", missing);
}

static int add_account(sd_bus_message *m, const void *userdata) {
        const AccountFindings *f = userdata;
        int r;

        r = results_add_string(m, "token", verdict_to_string(f->token));
        if (r >= 0)
                r = results_add_string(m, "application", verdict_to_string(f->application));
        if (r >= 0)
                r = results_add_string(m, "disk", disk_to_string(f->disk));
        if (r >= 0)
                r = add_missing_scopes(m, f);
        if (r >= 0)
                r = results_add_bool(m, "app_folder", f->app_folder);
        if (r >= 0)
                r = results_add_string(m, "reason", f->reason);
        return r;
}

static void on_account(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;

        if (r == 0)
                r = results_reply(o, add_account, &findings->account);
        if (r != 0)
                operation_fail(o, r);
}

int diagnose_account(Operation *o, sd_bus_error *error) {
        Diagnosis *diagnosis;
        Account *account;
        int r;

        r = read_no_options(o, error);
        if (r < 0)
                return r;

        r = operation_account(o, &account);
        if (r == 0)
                r = diagnosis_of_account(operation_world(o), account, on_account, o, &diagnosis);
        return r != 0 ? r : operation_keep(o, diagnosis, diagnosis_drop);
}
