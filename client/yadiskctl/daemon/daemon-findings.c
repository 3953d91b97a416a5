/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/daemon-findings.h"

#include "common/i18n.h"
#include "common/names.h"
#include "shared/unreachable.h"
#include "yadiskctl/daemon/daemon-call.h"
#include "yadiskctl/doctor/configuration.h"

/* How dbus-daemon tells of a program that it has started: the number is EX_CONFIG. */
#define SAYS_BAD_CONFIGURATION "exited with status 78"

/* Not every bus learns that what it asked systemd to start has failed: then there is silence, too. */
static DaemonState state_from_error(const sd_bus_error *error, bool is_owned, bool filtered) {
        if (!sd_bus_error_is_set(error))
                return DAEMON_THERE;
        if (unreachable_because_start_failed(error))
                return DAEMON_NOT_STARTED;
        if (unreachable_because_silent(error))
                return is_owned ? DAEMON_SILENT : DAEMON_NOT_STARTED;
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return DAEMON_FORBIDDEN;
        if (!unreachable(error, 0))
                return DAEMON_ODD;
        return filtered ? DAEMON_HIDDEN : DAEMON_ABSENT;
}

/* 0 if nobody has the daemon's name. */
static uint32_t find_pid(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t pid = 0;
        int r;

        r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus", "GetConnectionUnixProcessID", NULL, &reply,
                               "s", TOKENS_BUS_NAME);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", &pid);
        return r < 0 ? 0 : pid;
}

/* Both are installed below one prefix. */
static char *find_program(void) {
        char path[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", path,
                             sizeof(path) - sizeof("/../libexec/yadisk-tokend"));
        char *slash;

        if (n <= 0)
                return NULL;
        path[n] = '\0';
        slash = strrchr(path, '/');
        if (!slash)
                return NULL;
        (void) strcpy(slash, "/../libexec/yadisk-tokend");
        return access(path, X_OK) == 0 ? realpath(path, NULL) : NULL;
}

void daemon_findings_read(sd_bus *bus, bool filtered, const sd_bus_error *error,
                          DaemonFindings *ret) {
        DaemonFindings f = DAEMON_FINDINGS_INIT;

        f.pid = find_pid(bus);
        f.state = state_from_error(error, f.pid != 0, filtered);
        f.program = find_program();
        (void) str_replace(&f.error, error->message);
        unit_read(bus, &f.unit);
        f.unit.was_given_up = sd_bus_error_has_name(error, DAEMON_CALL_GIVEN_UP);
        f.unit.was_refused = sd_bus_error_has_name(error, DAEMON_CALL_REFUSED);
        *ret = f;
}

void daemon_findings_done(DaemonFindings *f) {
        unit_done(&f->unit);
        free(f->program);
        free(f->error);
        *f = DAEMON_FINDINGS_INIT;
}

static void advise_to_run(const DaemonFindings *f, Trouble *t) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                trouble_advise(t, N_("Run \"systemctl --user start yadisk-tokend.service\"."));
        else if (f->program)
                trouble_advise(t, N_("Run \"%s\"."), f->program);
        else
                trouble_advise(t, N_("Start yadisk-tokend."));
}

static void advise_to_look(const DaemonFindings *f, Trouble *t) {
        if (f->program)
                trouble_advise(t, N_("Run \"%s\" to see why."), f->program);
        else
                trouble_advise(t, N_("Start yadisk-tokend in a terminal to see why."));
}

static void advise_to_correct(const DaemonFindings *f, Trouble *t) {
        const char *path = configuration_path();

        if (path && f->program)
                trouble_advise(t, N_("Correct %s; \"%s\" tells what is wrong with it."), path,
                               f->program);
        else if (path)
                trouble_advise(t, N_("Correct %s."), path);
        else
                advise_to_look(f, t);
}

static void judge_not_started(const DaemonFindings *f, Trouble *t) {
        if (unit_is_broken(&f->unit))
                return unit_judge(&f->unit, t);

        if (f->error && strstr(f->error, SAYS_BAD_CONFIGURATION)) {
                trouble_set(
                        t, EXIT_STATUS_NO_DAEMON,
                        N_("yadisk-tokend could not be started, as its configuration is wrong."));
                return advise_to_correct(f, t);
        }

        trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend could not be started (%s)."),
                    str_or_empty(f->error));
        if (f->unit.has_manager)
                trouble_advise(t, N_("Run \"systemctl --user status yadisk-tokend.service\" to see "
                                     "why."));
        else
                advise_to_look(f, t);
}

void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Trouble *t) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                trouble_advise(t, N_("Run \"systemctl --user restart yadisk-tokend.service\"."));
        else if (f->pid != 0 && forcibly)
                trouble_advise(t,
                               N_("Run \"kill -KILL %u\", and start it again if the bus does not."),
                               f->pid);
        else if (f->pid != 0)
                trouble_advise(t, N_("Run \"kill %u\", and start it again if the bus does not."),
                               f->pid);
        else
                trouble_advise(t, N_("End yadisk-tokend, and start it again if the bus does not."));
}

void daemon_findings_judge(const DaemonFindings *f, Trouble *t) {
        switch (f->state) {
        case DAEMON_NOT_LOOKED_FOR:
        case DAEMON_THERE:
                return;
        case DAEMON_ABSENT:
                if (unit_is_broken(&f->unit))
                        return unit_judge(&f->unit, t);
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend is not running, and the bus does not know how to "
                               "start it."));
                return advise_to_run(f, t);
        case DAEMON_NOT_STARTED:
                return judge_not_started(f, t);
        case DAEMON_SILENT:
                trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend does not answer."));
                return daemon_findings_advise_restart(f, true, t);
        case DAEMON_FORBIDDEN:
                trouble_set(t, EXIT_STATUS_DENIED,
                            N_("The bus does not let yadiskctl speak to yadisk-tokend."));
                return trouble_advise(t,
                                      N_("Run yadiskctl outside of a sandbox, or let it speak to "
                                         "io.github.yadiskctl.Tokens1."));
        case DAEMON_HIDDEN:
                trouble_set(t, EXIT_STATUS_DENIED,
                            N_("The bus does not show yadisk-tokend here, as it is reached through "
                               "the proxy of a sandbox."));
                return trouble_advise(t, N_("Run yadiskctl outside of the sandbox, or let it speak "
                                            "to io.github.yadiskctl.Tokens1."));
        case DAEMON_ODD:
                trouble_set(t, EXIT_STATUS_FAILURE,
                            N_("yadisk-tokend answered what this yadiskctl does not understand."));
                return trouble_advise(t, N_("Check that yadisk-tokend and yadiskctl are of one "
                                            "version."));
        }
}
