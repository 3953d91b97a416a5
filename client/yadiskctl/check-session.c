/* SPDX-License-Identifier: MIT */

/* From the bus to the daemon. */

#include "common/i18n.h"
#include "yadiskctl/check.h"

static void check_bus(const Findings *f, Check *c) {
        Trouble trouble = { .english = c->english };

        if (f->bus)
                return check_ok(c, N_("The session bus is there."));

        bus_fault_judge(&f->bus_fault, &trouble);
        check_trouble_of(c, &trouble);
}

static bool unit_is(const Findings *f, const char *load_state) {
        return streq(f->unit.load_state, load_state);
}

static bool unit_is_broken(const Findings *f) {
        return f->unit.has_manager &&
               (unit_is(f, "masked") || unit_is(f, "error") || unit_is(f, "bad-setting") ||
                streq(f->unit.active_state, "failed"));
}

/* What keeps the daemon from running; while it runs all the same, it only will the next time. One that
 * has failed is to be started by hand: a bus that is not told of it goes on waiting for the daemon. */
static void check_broken_unit(const Findings *f, Check *c) {
        const char *advice =
                N_("Run \"systemctl --user status yadisk-tokend.service\" to see why.");
        const char *message = N_("yadisk-tokend.service cannot be read as it is.");

        if (unit_is(f, "masked")) {
                advice = N_("Run \"systemctl --user unmask yadisk-tokend.service\".");
                message = N_("yadisk-tokend.service is masked, so that it cannot be started.");
        } else if (unit_is(f, "loaded")) {
                advice =
                        N_("Run \"systemctl --user status yadisk-tokend.service\" to see why; when "
                           "that is cured, \"systemctl --user restart yadisk-tokend.service\".");
                message = N_("yadisk-tokend.service has failed.");
        }

        if (f->daemon == DAEMON_THERE)
                check_attention(c, advice, "%s", check_words(c, message));
        else
                check_trouble(c, EXIT_STATUS_NO_DAEMON, advice, "%s", check_words(c, message));
}

static void check_unit(const Findings *f, Check *c) {
        if (!f->bus)
                check_skip(c, N_("Not looked for without a session bus."));
        else if (!f->unit.has_manager && f->filtered)
                check_skip(c, N_("Not to be seen from inside of a sandbox."));
        else if (!f->unit.has_manager)
                check_ok(c,
                         N_("The services of this session are not run by systemd; the bus starts "
                            "the daemon."));
        else if (unit_is_broken(f))
                check_broken_unit(f, c);
        else if (unit_is(f, "not-found"))
                check_attention(
                        c,
                        N_("Install it where systemd looks for units of users, then run "
                           "\"systemctl --user daemon-reload\"."),
                        N_("yadisk-tokend.service is not installed; tokens that could not be "
                           "saved do not survive the end of the daemon."));
        else if (streq(f->unit.file_state, "disabled"))
                check_attention(c, N_("Run \"systemctl --user enable yadisk-tokend.service\"."),
                                N_("yadisk-tokend.service does not start with the session; nothing "
                                   "is renewed before somebody asks for a token."));
        else
                check_ok(c, N_("yadisk-tokend.service is installed and starts with the session."));
}

static void check_daemon_that_is_there(const Findings *f, Check *c) {
        const char *advice = N_("Run \"systemctl --user restart yadisk-tokend.service\".");

        if (streq(f->snapshot.version, YADISK_VERSION))
                check_ok(c, N_("yadisk-tokend %s answers."), f->snapshot.version);
        else
                check_attention(c, advice, N_("yadisk-tokend is of version %s, yadiskctl of %s."),
                                f->snapshot.version, YADISK_VERSION);
}

static void check_daemon(const Findings *f, Check *c) {
        switch (f->daemon) {
        case DAEMON_NOT_LOOKED_FOR:
                check_skip(c, N_("Not looked for without a session bus."));
                return;
        case DAEMON_THERE:
                check_daemon_that_is_there(f, c);
                return;
        case DAEMON_ABSENT:
        case DAEMON_NOT_STARTED:
                break;
        case DAEMON_SILENT:
                check_trouble(c, EXIT_STATUS_NO_DAEMON,
                              N_("Run \"systemctl --user restart yadisk-tokend.service\"."),
                              N_("yadisk-tokend does not answer."));
                return;
        case DAEMON_FORBIDDEN:
                check_trouble(c, EXIT_STATUS_DENIED,
                              N_("Run yadiskctl outside of a sandbox, or let it speak to "
                                 "io.github.yadiskctl.Tokens1."),
                              N_("The bus does not let yadiskctl speak to yadisk-tokend."));
                return;
        case DAEMON_HIDDEN:
                check_trouble(c, EXIT_STATUS_DENIED,
                              N_("Run yadiskctl outside of the sandbox, or let it speak to "
                                 "io.github.yadiskctl.Tokens1."),
                              N_("The bus does not show yadisk-tokend here, as it is reached "
                                 "through the proxy of a sandbox."));
                return;
        case DAEMON_ODD:
                check_trouble(
                        c, EXIT_STATUS_FAILURE,
                        N_("Check that yadisk-tokend and yadiskctl are of one version."),
                        N_("yadisk-tokend answered what this yadiskctl does not understand."));
                return;
        }

        if (unit_is_broken(f))
                check_skip(c, N_("It is not running because of its unit."));
        else if (f->daemon == DAEMON_NOT_STARTED)
                check_trouble(
                        c, EXIT_STATUS_NO_DAEMON,
                        N_("Run \"systemctl --user status yadisk-tokend.service\" to see why."),
                        N_("yadisk-tokend could not be started (%s)."),
                        str_or_empty(f->daemon_error));
        else
                check_trouble(c, EXIT_STATUS_NO_DAEMON,
                              N_("Run \"systemctl --user start yadisk-tokend.service\"."),
                              N_("yadisk-tokend is not running, and the bus does not know how to "
                                 "start it."));
}

const CheckRow session_checks[] = {
        { "bus", N_("Session bus"), check_bus },
        { "unit", N_("Service unit"), check_unit },
        { "daemon", N_("Daemon"), check_daemon },
        {},
};
