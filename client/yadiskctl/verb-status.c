/* SPDX-License-Identifier: MIT */

/* yadiskctl status: at a glance, all accounts or one. */

#include "common/i18n.h"
#include "yadiskctl/account.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/duration.h"
#include "yadiskctl/report.h"
#include "yadiskctl/saving.h"
#include "yadiskctl/verbs.h"

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

/* What was changed a moment ago is being written, which is no trouble yet; so that is waited for, but no longer
 * than a person likes to. Programs are told what is so now. */
static ExitStatus settle(const Command *c, sd_bus *bus, Snapshot *s, const Account **only) {
        _cleanup_free_ char *path = *only ? strdup((*only)->path) : NULL;
        ExitStatus status;

        if (c->json)
                return EXIT_STATUS_OK;

        status = snapshot_settle(bus, PATIENCE_USEC, s);
        if (status != EXIT_STATUS_OK || !*only)
                return status;

        *only = snapshot_find(s, path);
        return *only ? EXIT_STATUS_OK
                     : fail(condition_exit_status(CONDITION_NO_SUCH_ACCOUNT), "%s",
                            _(condition_sentence(CONDITION_NO_SUCH_ACCOUNT)));
}

ExitStatus verb_status(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const char *name = command_argument(c, 0);
        const Account *only = NULL;
        Condition nobody;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = name ? snapshot_read_account(bus, name, &snapshot, &only)
                         : snapshot_read(bus, &snapshot);
        if (s == EXIT_STATUS_OK)
                s = settle(c, bus, &snapshot, &only);
        if (s == EXIT_STATUS_OK)
                s = print(c, &snapshot, only);
        if (s != EXIT_STATUS_OK || snapshot.n_accounts > 0)
                return s;

        nobody = report_nobody(&snapshot);
        return fail(condition_exit_status(nobody), "%s", _(condition_sentence(nobody)));
}
