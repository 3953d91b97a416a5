/* SPDX-License-Identifier: MIT */

/* yadiskctl status: at a glance, all accounts or one. */

#include "common/i18n.h"
#include "yadiskctl/daemon/account.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring-open.h"
#include "yadiskctl/daemon/saving.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/verb/report.h"
#include "yadiskctl/verb/verbs.h"

#define PATIENCE_USEC (UINT64_C(3) * 1000 * 1000)

static ExitStatus print(const Command *c, const Snapshot *s, const Account *only) {
        uint64_t now = moment_now();

        if (c->json)
                return report_json(s, only);

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (!only || a == only)
                        report_account(a, now);
        report_surroundings(s);
        return EXIT_STATUS_OK;
}

/* Whoever looks at accounts that the keyring hides, at a terminal, is asked to open it, or to make one. */
static ExitStatus open_for_person(sd_bus *bus, Snapshot *s) {
        int condition = snapshot_keyring_condition(s);

        if (!condition_is_of_keyring_state(condition) ||
            condition == CONDITION_KEYRING_UNAVAILABLE || !terminal_is_attended() ||
            keyring_look(bus, true) != 0)
                return EXIT_STATUS_OK;

        snapshot_done(s);
        return snapshot_look(bus, s);
}

/* Programs are told what is so now. A person is not told that what was changed a moment ago is not saved yet,
 * which is no trouble: it is waited for, but no longer than a person likes to. */
static ExitStatus look(const Command *c, sd_bus *bus, Snapshot *ret) {
        ExitStatus s = snapshot_look(bus, ret);

        if (s == EXIT_STATUS_OK && !c->json)
                s = open_for_person(bus, ret);
        return s == EXIT_STATUS_OK && !c->json ? snapshot_settle(bus, PATIENCE_USEC, ret) : s;
}

static ExitStatus find(const Snapshot *s, const char *path, const Account **ret) {
        *ret = path ? snapshot_find(s, path) : NULL;
        if (path && !*ret) /* it went away just now */
                return fail(condition_exit_status(CONDITION_NO_SUCH_ACCOUNT), "%s",
                            _(condition_sentence(CONDITION_NO_SUCH_ACCOUNT)));
        return EXIT_STATUS_OK;
}

ExitStatus verb_status(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const char *name = command_argument(c, 0);
        _cleanup_free_ char *path = NULL;
        const Account *only = NULL;
        Trouble nobody = {};
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK && name)
                s = bus_find_account(bus, name, &path);
        if (s == EXIT_STATUS_OK)
                s = look(c, bus, &snapshot);
        if (s == EXIT_STATUS_OK)
                s = find(&snapshot, path, &only);
        if (s == EXIT_STATUS_OK)
                s = print(c, &snapshot, only);
        if (s != EXIT_STATUS_OK || snapshot.n_accounts > 0)
                return s;

        bus_judge_condition(bus, report_nobody(&snapshot), &nobody);
        return trouble_tell(&nobody);
}
