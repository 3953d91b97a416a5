/* SPDX-License-Identifier: MIT */

/* From the bus to the daemon. */

#include "common/i18n.h"
#include "yadiskctl/doctor/check.h"

static void check_bus(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        if (f->bus)
                return check_ok(c, N_("The session bus is there."));

        bus_fault_judge(&f->bus_fault, &trouble);
        check_trouble_of(c, &trouble);
}

/* While the daemon runs all the same, this only keeps it from running the next time. */
static void check_broken_unit(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        unit_judge(&f->daemon.unit, &trouble);
        if (f->daemon.state == DAEMON_THERE)
                check_attention_of(c, &trouble);
        else
                check_trouble_of(c, &trouble);
}

static void check_unit(const Findings *f, Check *c) {
        const Unit *u = &f->daemon.unit;

        if (!f->bus)
                check_skip(c, N_("Not looked for without a session bus."));
        else if (!u->has_manager && f->filtered)
                check_skip(c, N_("Not to be seen from inside of a sandbox."));
        else if (!u->has_manager)
                check_ok(c,
                         N_("The services of this session are not run by systemd; the bus starts "
                            "the daemon."));
        else if (unit_is_broken(u))
                check_broken_unit(f, c);
        else if (streq(u->load_state, "not-found"))
                check_attention(
                        c,
                        N_("Install it where systemd looks for units of users, then run "
                           "\"systemctl --user daemon-reload\"."),
                        N_("yadisk-tokend.service is not installed; tokens that could not be "
                           "saved do not survive the end of the daemon."));
        else if (streq(u->file_state, "disabled"))
                check_attention(c, N_("Run \"systemctl --user enable yadisk-tokend.service\"."),
                                N_("yadisk-tokend.service does not start with the session; nothing "
                                   "is renewed before somebody asks for a token."));
        else
                check_ok(c, N_("yadisk-tokend.service is installed and starts with the session."));
}

static void check_daemon_that_is_there(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        if (streq(f->snapshot.version, YADISK_VERSION))
                return check_ok(c, N_("yadisk-tokend %s answers."), f->snapshot.version);

        problem_set(&trouble, EXIT_STATUS_OK,
                    N_("yadisk-tokend is of version %s, yadiskctl of %s."), f->snapshot.version,
                    YADISK_VERSION);
        daemon_findings_advise_restart(&f->daemon, false, &trouble);
        check_attention_of(c, &trouble);
}

static void check_daemon(const Findings *f, Check *c) {
        Problem trouble = { .english = c->english };

        if (f->daemon.state == DAEMON_NOT_LOOKED_FOR)
                return check_skip(c, N_("Not looked for without a session bus."));
        if (f->daemon.state == DAEMON_THERE)
                return check_daemon_that_is_there(f, c);
        if (unit_is_broken(&f->daemon.unit))
                return check_skip(c, N_("It is not running because of its unit."));

        daemon_findings_judge(&f->daemon, &trouble);
        check_trouble_of(c, &trouble);
}

const CheckRow session_checks[] = {
        { "bus", N_("Session bus"), check_bus },
        { "unit", N_("Service unit"), check_unit },
        { "daemon", N_("Daemon"), check_daemon },
        {},
};
