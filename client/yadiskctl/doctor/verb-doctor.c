/* SPDX-License-Identifier: MIT */

/* yadiskctl doctor: finds out about everything that has to work, and says what does not and what to
 * do. */

#include "common/strv.h"
#include "feed/feed.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/doctor/check.h"
#include "yadiskctl/feed/endpoint.h"

#define PATIENCE_USEC (UINT64_C(3) * 1000 * 1000)

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

/* The names are those of Manager.Diagnose. A keyring that is open is none of them. */
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
        { "client_secret", "s", offsetof(AccountFindings, client_secret) },
        { "disk", "s", offsetof(AccountFindings, disk) },
        { "reason", "s", offsetof(AccountFindings, reason) },
        { "missing_scopes", "as", offsetof(AccountFindings, missing_scopes) },
        { "app_folder", "b", offsetof(AccountFindings, app_folder) },
        {},
};

static void findings_done(Findings *f) {
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

static void findings_read_snapshot(Findings *f) {
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

/* Finds the bus and the daemon, which is started if it can be, and reads the state of its unit. */
static void findings_read_session(Findings *f) {
        int r;

        r = bus_connect(&f->bus);
        bus_fault_find(r, &f->bus_fault);
        if (r < 0)
                return;

        f->filtered = bus_is_filtered(f->bus);
        findings_read_snapshot(f);
}

/* Unlike the calls of bus_new_call(), a diagnosis does not let the daemon show a prompt. Fails if
 * the daemon is of an earlier version, which has no such method. */
static int findings_diagnose_network(Findings *f) {
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

static void findings_read_keyring(Findings *f) {
        const char *state = *f->network.keyring ? f->network.keyring : f->snapshot.keyring;

        if (snapshot_has_locked(&f->snapshot))
                keyring_findings_read(f->bus, CONDITION_KEYRING_LOCKED, &f->keyring);
        for (size_t i = 0; i < ELEMENTSOF(keyring_states); i++)
                if (streq(keyring_states[i].name, state))
                        keyring_findings_read(f->bus, keyring_states[i].condition, &f->keyring);
}

/* Reads what the daemon finds out about its machine. The keyring comes first, since what the daemon
 * tells of it is what it saw last. The snapshot is read again, since a daemon that was started just
 * now may have heard of its keyring meanwhile. */
static void findings_read_machine(Findings *f) {
        if (f->daemon.state != DAEMON_THERE)
                return;

        (void) keyring_look(f->bus, false);
        f->network.known = findings_diagnose_network(f) >= 0;
        findings_read_snapshot(f);
        findings_read_keyring(f);
        if (f->snapshot.n_accounts == 0)
                f->needs_setup = bus_needs_setup(f->bus);
}

static int findings_on_diagnosed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        AccountFindings *a = userdata;

        a->slot = sd_bus_slot_unref(a->slot);
        if (sd_bus_message_is_method_error(m, NULL))
                return 0;

        a->message = sd_bus_message_ref(m);
        a->known = dict_read(m, account_fields, a) >= 0;
        return 0;
}

static int findings_begin_diagnosis(Findings *f, size_t i) {
        AccountFindings *a = &f->accounts[i];

        *a = (AccountFindings){
                .token = "",
                .application = "",
                .client_secret = "",
                .disk = "",
                .reason = "",
        };
        return sd_bus_call_method_async(f->bus, &a->slot, TOKENS_BUS_NAME,
                                        f->snapshot.accounts[i].path, TOKENS_ACCOUNT_INTERFACE,
                                        "Diagnose", findings_on_diagnosed, a, "a{sv}", 0);
}

static bool findings_is_any_under_way(const Findings *f) {
        for (size_t i = 0; i < f->snapshot.n_accounts; i++)
                if (f->accounts[i].slot)
                        return true;
        return false;
}

/* Asks Yandex about all accounts at once, since each answer may take its time. A lost connection
 * answers them all. Returns 0 or a negative errno. */
static int findings_read_accounts(Findings *f) {
        int r = 0;

        if (!findings_yandex_was_asked(f))
                return 0;

        f->accounts = calloc(f->snapshot.n_accounts + 1, sizeof(AccountFindings));
        if (!f->accounts)
                return -ENOMEM;

        for (size_t i = 0; r >= 0 && i < f->snapshot.n_accounts; i++)
                r = findings_begin_diagnosis(f, i);
        while (r >= 0 && findings_is_any_under_way(f)) {
                r = sd_bus_process(f->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(f->bus, UINT64_MAX);
        }
        return MIN_OF(r, 0);
}

static ExitStatus doctor_examine_accounts(Findings *f, DoctorReport *report) {
        Snapshot *s = &f->snapshot;
        int r;

        /* A change of just now may still be on its way into the keyring. */
        if (f->daemon.state == DAEMON_THERE)
                (void) snapshot_settle(f->bus, PATIENCE_USEC, s);
        r = findings_read_accounts(f);
        if (r < 0)
                return fail_errno(r, "ask about the accounts");

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                doctor_report_checks(report, f, account_checks, a);
        return EXIT_STATUS_OK;
}

/* As long as the keyring is not open, any account may be in it. */
static bool findings_lack_account(const Findings *f, const char *id) {
        for (size_t i = 0; i < f->snapshot.n_accounts; i++)
                if (streq(f->snapshot.accounts[i].id, id))
                        return false;
        return f->daemon.state == DAEMON_THERE && streq(f->snapshot.keyring, "unlocked");
}

/* Starts the socket if it does not listen. */
static void findings_read_feeds(Findings *f, bool in_english) {
        Feed **feeds;
        uint16_t port;
        size_t n;

        if (feeds_read(&feeds, &n) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (!feeds[i]->temporary) {
                        f->n_feeds++;
                        f->n_orphans += findings_lack_account(f, feeds[i]->account);
                }
        feeds_free(feeds, n);
        if (f->n_feeds == 0 || !f->bus)
                return;

        f->feed_problem.english = in_english;
        f->feeds_work = endpoint_read(f->bus, &port, &f->feed_problem);
        f->feeds_enabled = f->feeds_work && endpoint_is_enabled(f->bus);
}

/* What is known already is shown while the rest is found out. */
ExitStatus verb_doctor(const Command *c) {
        _cleanup_(doctor_report_done) DoctorReport report;
        _cleanup_(findings_done) Findings f = FINDINGS_INIT;
        ExitStatus s;

        doctor_report_begin(&report, c->json);
        findings_read_session(&f);
        doctor_report_checks(&report, &f, session_checks, NULL);
        (void) fflush(stdout);
        findings_read_machine(&f);
        doctor_report_checks(&report, &f, machine_checks, NULL);
        findings_read_feeds(&f, c->json);
        if (f.n_feeds > 0)
                doctor_report_checks(&report, &f, feed_checks, NULL);
        (void) fflush(stdout);

        s = doctor_examine_accounts(&f, &report);
        return s == EXIT_STATUS_OK ? doctor_report_conclude(&report) : s;
}
