/* SPDX-License-Identifier: MIT */

/* yadiskctl status: shows the state of all accounts, or of one. */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/verb/callers.h"
#include "yadiskctl/verb/report.h"

#define PATIENCE_USEC (UINT64_C(3) * 1000 * 1000)

const Option status_options[] = {
        { "check", NULL, N_("Say nothing; exit as the worst of the accounts does") },
        { "callers", NULL, N_("Show which programs have asked for tokens") },
        {},
};

static ExitStatus status_of_state(const char *state) {
        static const struct {
                const char *name;
                ExitStatus status;
        } states[] = {
                { "active", EXIT_STATUS_OK },
                { "expired", EXIT_STATUS_TRY_LATER },
                { "sign-in-needed", EXIT_STATUS_SIGN_IN_NEEDED },
                { "app-refused", EXIT_STATUS_DENIED },
                { "locked", EXIT_STATUS_KEYRING },
        };

        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (streq(states[i].name, state))
                        return states[i].status;
        return EXIT_STATUS_FAILURE;
}

/* Returns the status that needs a person more. */
static ExitStatus status_worse(ExitStatus a, ExitStatus b) {
        static const ExitStatus from_the_worst[] = {
                EXIT_STATUS_DENIED,  EXIT_STATUS_SIGN_IN_NEEDED, EXIT_STATUS_KEYRING,
                EXIT_STATUS_FAILURE, EXIT_STATUS_TRY_LATER,
        };

        for (size_t i = 0; i < ELEMENTSOF(from_the_worst); i++)
                if (from_the_worst[i] == a || from_the_worst[i] == b)
                        return from_the_worst[i];
        return EXIT_STATUS_OK;
}

/* A token that lives hides that its renewal waits for a person, so the last error counts as well,
 * unless it passes by itself. */
static ExitStatus status_of_account(const Account *a) {
        ExitStatus s = status_of_state(a->state), error;

        error = condition_exit_status(account_condition(a));
        if (error == EXIT_STATUS_DENIED || error == EXIT_STATUS_SIGN_IN_NEEDED ||
            error == EXIT_STATUS_KEYRING)
                s = status_worse(s, error);
        return account_is_unsaved(a) ? status_worse(s, EXIT_STATUS_KEYRING) : s;
}

static ExitStatus status_check(const Snapshot *s, const Account *only) {
        ExitStatus worst = EXIT_STATUS_OK;

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (!only || a == only)
                        worst = status_worse(worst, status_of_account(a));
        return worst;
}

static ExitStatus status_print(const Command *c, const Snapshot *s, const Account *only) {
        uint64_t now = time_now();

        if (command_option(c, "check"))
                return status_check(s, only);
        if (c->json)
                return report_json(s, only);

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (!only || a == only)
                        report_account(a, now);
        report_surroundings(s);
        return EXIT_STATUS_OK;
}

/* If the keyring hides accounts, a person at a terminal is prompted to open it, or to make one. */
static ExitStatus status_open_keyring(sd_bus *bus, Snapshot *s) {
        int condition = snapshot_keyring_condition(s);

        if (!condition_is_of_keyring_state(condition) ||
            condition == CONDITION_KEYRING_UNAVAILABLE || !terminal_is_attended() ||
            keyring_look(bus, true) != 0)
                return EXIT_STATUS_OK;

        snapshot_done(s);
        return snapshot_look(bus, s);
}

/* A program is told the state as it is now. A person is not told that a change of a moment ago is
 * not saved yet, since nothing is wrong: we wait for it, but no longer than a person likes to
 * wait. */
static ExitStatus status_look(const Command *c, sd_bus *bus, Snapshot *ret) {
        bool for_person = !c->json && !command_option(c, "check");
        ExitStatus s = snapshot_look(bus, ret);

        if (s == EXIT_STATUS_OK && for_person)
                s = status_open_keyring(bus, ret);
        return s == EXIT_STATUS_OK && for_person ? snapshot_settle(bus, PATIENCE_USEC, ret) : s;
}

/* The keyring has nothing to tell of them, so nothing is prompted for. */
static ExitStatus status_show_callers(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const char *name = command_argument(c, 0);
        const Account *only = NULL;
        ExitStatus s;

        if (command_option(c, "check"))
                return fail_usage("--callers and --check exclude each other; leave one out.");

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = name ? snapshot_read_account(bus, name, &snapshot, &only)
                         : snapshot_read(bus, &snapshot);
        return s == EXIT_STATUS_OK ? callers_report(bus, c->json, &snapshot, only) : s;
}

ExitStatus verb_status(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const char *name = command_argument(c, 0);
        _cleanup_free_ char *path = NULL;
        const Account *only = NULL;
        Problem problem = {};
        ExitStatus s = EXIT_STATUS_OK;

        if (command_option(c, "callers"))
                return status_show_callers(c);
        if (command_option(c, "check"))
                s = output_hush();
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK && name)
                s = bus_find_account(bus, name, &path);
        if (s == EXIT_STATUS_OK)
                s = status_look(c, bus, &snapshot);
        if (s == EXIT_STATUS_OK && path)
                s = snapshot_expect(&snapshot, path, &only);
        if (s == EXIT_STATUS_OK)
                s = status_print(c, &snapshot, only);
        if (s != EXIT_STATUS_OK || snapshot.n_accounts > 0)
                return s;

        bus_judge_condition(bus, report_no_account(&snapshot), &problem);
        return problem_tell(&problem);
}
