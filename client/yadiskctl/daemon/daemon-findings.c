/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/daemon-findings.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

#include "common/i18n.h"
#include "common/names.h"
#include "shared/session-bus.h"

/* dbus-daemon says this of a program that it has started. The number is EX_CONFIG. */
#define SAYS_BAD_CONFIGURATION "exited with status 78"

#define CONFIGURATION_FILE "yadisk-tokend/yadisk-tokend.conf"

static char configuration_file[PATH_MAX];

/* Silence may also mean that the start has failed, since not every bus learns of that. */
static DaemonState daemon_state_from_error(const sd_bus_error *error, bool is_owned,
                                           bool filtered) {
        if (!sd_bus_error_is_set(error))
                return DAEMON_THERE;
        if (bus_error_is_start_failure(error))
                return DAEMON_NOT_STARTED;
        if (bus_error_is_silence(error))
                return is_owned ? DAEMON_SILENT : DAEMON_NOT_STARTED;
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return DAEMON_FORBIDDEN;
        if (!bus_error_is_unreachable(error, 0))
                return DAEMON_ODD;
        return filtered ? DAEMON_HIDDEN : DAEMON_ABSENT;
}

/* yadiskctl and the daemon are installed below one prefix. */
static char *daemon_findings_find_program(void) {
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

        f.pid = session_bus_find_pid(bus, TOKENS_BUS_NAME);
        f.state = daemon_state_from_error(error, f.pid != 0, filtered);
        f.program = daemon_findings_find_program();
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

/* directory is not terminated but has that length. below is "" or a path that comes behind it. */
static bool configuration_is_in(const char *directory, size_t length, const char *below) {
        int n = snprintf(configuration_file, sizeof(configuration_file),
                         "%.*s/%s" CONFIGURATION_FILE, (int) length, directory, below);

        return n > 0 && (size_t) n < sizeof(configuration_file) && *directory == '/' &&
               access(configuration_file, F_OK) == 0;
}

static bool configuration_is_in_any(const char *directories) {
        for (const char *d = directories; *d; d += strspn(d, ":")) {
                size_t length = strcspn(d, ":");

                if (configuration_is_in(d, length, ""))
                        return true;
                d += length;
        }
        return false;
}

const char *configuration_path(void) {
        const char *own = str_or_empty(getenv("XDG_CONFIG_HOME")),
                   *home = str_or_empty(getenv("HOME")),
                   *others = str_or_empty(getenv("XDG_CONFIG_DIRS"));

        if (*own ? configuration_is_in(own, strlen(own), "")
                 : configuration_is_in(home, strlen(home), ".config/"))
                return configuration_file;
        return configuration_is_in_any(*others ? others : "/etc/xdg") ? configuration_file : NULL;
}

static void unit_advise_to_look(Problem *p) {
        problem_advise(p, N_("Run \"systemctl --user status yadisk-tokend.service\" to see why."));
}

static void unit_advise_to_correct(Problem *p) {
        const char *path = configuration_path();

        if (path)
                problem_advise(p,
                               N_("Correct %s; \"journalctl --user -u yadisk-tokend.service -n "
                                  "5\" tells what is wrong with it."),
                               path);
        else
                problem_advise(p,
                               N_("Run \"journalctl --user -u yadisk-tokend.service -n 5\" to see "
                                  "what is wrong in which file."));
}

static void unit_judge_failed(const Unit *u, Problem *p) {
        if (u->was_refused) {
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service has failed too often to be started again for "
                               "now."));
                problem_advise(p, N_("Run \"systemctl --user status yadisk-tokend.service\" to see "
                                     "why; when that is cured, \"systemctl --user reset-failed "
                                     "yadisk-tokend.service\"."));
        } else if (!streq(u->active_state, "failed")) {
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service ends as soon as it is started."));
                unit_advise_to_look(p);
        } else if (streq(u->result, "exit-code") && u->exec_status == EX_CONFIG) {
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service has failed, as its configuration is wrong."));
                unit_advise_to_correct(p);
        } else {
                problem_set(p, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend.service has failed."));
                unit_advise_to_look(p);
        }
}

void unit_judge(const Unit *u, Problem *p) {
        if (streq(u->load_state, "masked")) {
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service is masked, so that it cannot be started."));
                problem_advise(p, N_("Run \"systemctl --user unmask yadisk-tokend.service\"."));
        } else if (!streq(u->load_state, "loaded")) {
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service cannot be read as it is."));
                unit_advise_to_look(p);
        } else
                unit_judge_failed(u, p);
}

static void daemon_findings_advise_to_run(const DaemonFindings *f, Problem *p) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                problem_advise(p, N_("Run \"systemctl --user start yadisk-tokend.service\"."));
        else if (f->program)
                problem_advise(p, N_("Run \"%s\"."), f->program);
        else
                problem_advise(p, N_("Start yadisk-tokend."));
}

static void daemon_findings_advise_to_look(const DaemonFindings *f, Problem *p) {
        if (f->program)
                problem_advise(p, N_("Run \"%s\" to see why."), f->program);
        else
                problem_advise(p, N_("Start yadisk-tokend in a terminal to see why."));
}

static void daemon_findings_advise_to_correct(const DaemonFindings *f, Problem *p) {
        const char *path = configuration_path();

        if (path && f->program)
                problem_advise(p, N_("Correct %s; \"%s\" tells what is wrong with it."), path,
                               f->program);
        else if (path)
                problem_advise(p, N_("Correct %s."), path);
        else
                daemon_findings_advise_to_look(f, p);
}

static void daemon_findings_judge_not_started(const DaemonFindings *f, Problem *p) {
        if (unit_is_broken(&f->unit))
                return unit_judge(&f->unit, p);

        if (f->error && strstr(f->error, SAYS_BAD_CONFIGURATION)) {
                problem_set(
                        p, EXIT_STATUS_NO_DAEMON,
                        N_("yadisk-tokend could not be started, as its configuration is wrong."));
                return daemon_findings_advise_to_correct(f, p);
        }

        problem_set(p, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend could not be started (%s)."),
                    str_or_empty(f->error));
        if (f->unit.has_manager)
                problem_advise(p, N_("Run \"systemctl --user status yadisk-tokend.service\" to see "
                                     "why."));
        else
                daemon_findings_advise_to_look(f, p);
}

void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Problem *p) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                problem_advise(p, N_("Run \"systemctl --user restart yadisk-tokend.service\"."));
        else if (f->pid != 0 && forcibly)
                problem_advise(p,
                               N_("Run \"kill -KILL %u\", and start it again if the bus does not."),
                               f->pid);
        else if (f->pid != 0)
                problem_advise(p, N_("Run \"kill %u\", and start it again if the bus does not."),
                               f->pid);
        else
                problem_advise(p, N_("End yadisk-tokend, and start it again if the bus does not."));
}

void daemon_findings_judge(const DaemonFindings *f, Problem *p) {
        switch (f->state) {
        case DAEMON_NOT_LOOKED_FOR:
        case DAEMON_THERE:
                return;
        case DAEMON_ABSENT:
                if (unit_is_broken(&f->unit))
                        return unit_judge(&f->unit, p);
                problem_set(p, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend is not running, and the bus does not know how to "
                               "start it."));
                return daemon_findings_advise_to_run(f, p);
        case DAEMON_NOT_STARTED:
                return daemon_findings_judge_not_started(f, p);
        case DAEMON_SILENT:
                problem_set(p, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend does not answer."));
                return daemon_findings_advise_restart(f, true, p);
        case DAEMON_FORBIDDEN:
                problem_set(p, EXIT_STATUS_DENIED,
                            N_("The bus does not let yadiskctl speak to yadisk-tokend."));
                return problem_advise(p,
                                      N_("Run yadiskctl outside of a sandbox, or let it speak to "
                                         "io.github.yadiskctl.Tokens1."));
        case DAEMON_HIDDEN:
                problem_set(p, EXIT_STATUS_DENIED,
                            N_("The bus does not show yadisk-tokend here, as it is reached through "
                               "the proxy of a sandbox."));
                return problem_advise(p, N_("Run yadiskctl outside of the sandbox, or let it speak "
                                            "to io.github.yadiskctl.Tokens1."));
        case DAEMON_ODD:
                problem_set(p, EXIT_STATUS_FAILURE,
                            N_("yadisk-tokend answered what this yadiskctl does not understand."));
                return problem_advise(p, N_("Check that yadisk-tokend and yadiskctl are of one "
                                            "version."));
        }
}
