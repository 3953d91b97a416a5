/* SPDX-License-Identifier: MIT */

/* yadiskctl status: shows the state of all accounts, or of one. */

#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/verb/report.h"

#define PATIENCE_USEC (UINT64_C(3) * 1000 * 1000)

static ExitStatus status_print(const Command *c, const Snapshot *s, const Account *only) {
        uint64_t now = time_now();

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
        ExitStatus s = snapshot_look(bus, ret);

        if (s == EXIT_STATUS_OK && !c->json)
                s = status_open_keyring(bus, ret);
        return s == EXIT_STATUS_OK && !c->json ? snapshot_settle(bus, PATIENCE_USEC, ret) : s;
}

ExitStatus verb_status(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const char *name = command_argument(c, 0);
        _cleanup_free_ char *path = NULL;
        const Account *only = NULL;
        Problem problem = {};
        ExitStatus s;

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
