/* SPDX-License-Identifier: MIT */

/*
 *     sent ──reply──> end
 *      │ │
 *      │ └─the bus could not start it──> awaited ──it is there──> sent, once more
 *      │                                    │
 *      └──────────its unit failed───────────┴──> given up
 *
 * While no process owns the daemon's name, we look at its unit now and then. Some buses ask systemd
 * to start it and then wait, whatever becomes of that; while they wait they do not ask again.
 * Others end all calls at the first failure, although systemd starts the unit again. So we start a
 * unit that is not being started, and give up if that fails as well.
 *
 * A daemon that ends before it answers is awaited in the same way, if the call may be made twice.
 */

#include "yadiskctl/daemon/daemon.h"

#include <libgen.h>
#include <limits.h>
#include <sysexits.h>

#include "common/deadlines.h"
#include "common/harden.h"
#include "common/names.h"
#include "shared/session-bus.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/terminal/duration.h"

/* D-Bus specification, "Valid Names". */
#define UNIQUE_NAME_MAX_BYTES 256

#define UNIT_TIMEOUT_USEC (5 * USEC_PER_SEC)

/* Most starts are faster. */
#define LOOK_USEC (USEC_PER_SEC / 4)

/* As long as any call. */
#define AWAIT_USEC (DEADLINE_CLIENT_MS * UINT64_C(1000))

/* One restart may help. What fails at the third attempt will fail at the next ones, too. */
#define RESTARTS_MAX 2

/* dbus-daemon says this of a program that it has started. The number is EX_CONFIG. */
#define SAYS_BAD_CONFIGURATION "exited with status 78"

#define CONFIGURATION_FILE "yadisk-tokend/yadisk-tokend.conf"

typedef enum StartState {
        START_DONE,
        START_UNDER_WAY,
        START_FAILED,  /* the unit is broken, or has failed */
        START_REFUSED, /* DAEMON_CALL_REFUSED */
        START_UNKNOWN, /* there is no service manager to ask */
} StartState;

/* The unique name of the daemon that has answered last. */
static char daemon_known[UNIQUE_NAME_MAX_BYTES];

static const DictField unit_fields[] = {
        { "LoadState", "s", offsetof(Unit, load_state) },
        { "ActiveState", "s", offsetof(Unit, active_state) },
        { "SubState", "s", offsetof(Unit, sub_state) },
        { "UnitFileState", "s", offsetof(Unit, file_state) },
        { "Result", "s", offsetof(Unit, result) },
        { "ExecMainStatus", "i", offsetof(Unit, exec_status) },
        { "NRestarts", "u", offsetof(Unit, n_restarts) },
        { "StateChangeTimestampMonotonic", "t", offsetof(Unit, changed_at) },
        { "InactiveExitTimestampMonotonic", "t", offsetof(Unit, begun_at) },
        { "Job", "(uo)", offsetof(Unit, job) },
        {},
};

/* LoadUnit succeeds even if there is no such unit. Then its properties say so. */
static int unit_read_properties(sd_bus *bus, Unit *u) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *loaded = NULL;
        const char *path;
        int r;

        r = session_bus_ask(bus, UNIT_TIMEOUT_USEC, &loaded, SYSTEMD_NAME, SYSTEMD_PATH,
                            SYSTEMD_MANAGER, "LoadUnit", "s", UNIT_NAME);
        if (r >= 0)
                r = sd_bus_message_read(loaded, "o", &path);
        if (r >= 0)
                r = session_bus_ask(bus, UNIT_TIMEOUT_USEC, &u->message, SYSTEMD_NAME, path,
                                    "org.freedesktop.DBus.Properties", "GetAll", "s",
                                    ""); /* of all interfaces */
        return r < 0 ? r : dict_read(u->message, unit_fields, u);
}

void unit_done(Unit *u) {
        sd_bus_message_unref(u->message);
        *u = UNIT_INIT;
}

void unit_read(sd_bus *bus, Unit *ret) {
        *ret = UNIT_INIT;
        ret->has_manager = unit_read_properties(bus, ret) >= 0;
        if (!ret->has_manager)
                unit_done(ret);
}

bool unit_is_broken(const Unit *u) {
        return u->has_manager &&
               (streq(u->load_state, "masked") || streq(u->load_state, "error") ||
                streq(u->load_state, "bad-setting") || streq(u->active_state, "failed") ||
                u->was_given_up || u->was_refused);
}

int unit_enable(sd_bus *bus, const char *name) {
        int r;

        r = session_bus_ask(bus, UNIT_TIMEOUT_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH,
                            SYSTEMD_MANAGER, "EnableUnitFiles", "asbb", 1, name, false, false);
        if (r >= 0)
                r = session_bus_ask(bus, UNIT_TIMEOUT_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH,
                                    SYSTEMD_MANAGER, "Reload", "");
        return r;
}

typedef struct DaemonCall {
        sd_bus *bus;
        sd_bus_slot *slot;     /* while a reply is awaited */
        sd_bus_message *reply; /* the last one */
        uint64_t begun_at;     /* CLOCK_MONOTONIC, in microseconds */

        bool may_start;
        bool may_repeat;  /* done twice, it has the effect of once */
        bool was_started; /* by us */
        bool was_looked_at;
        uint32_t restarts_before;
        bool is_settled; /* looking at the unit is of no use any more */
} DaemonCall;

static void daemon_call_done(DaemonCall *c) {
        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->reply);
}

static int daemon_call_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        DaemonCall *c = userdata;

        c->slot = sd_bus_slot_unref(c->slot);
        c->reply = sd_bus_message_ref(m);
        return 0;
}

static int daemon_call_send(DaemonCall *c, sd_bus_message *call) {
        c->reply = sd_bus_message_unref(c->reply);
        return sd_bus_call_async(c->bus, &c->slot, call, daemon_call_on_reply, c, 0);
}

/* Judges a unit that neither runs nor is about to. */
static StartState daemon_call_judge_idle(DaemonCall *c, const Unit *u) {
        bool was_tried = u->begun_at >= c->begun_at;
        int r;

        if (was_tried && streq(u->active_state, "failed"))
                return START_FAILED;
        if (c->was_started)
                return was_tried ? START_FAILED : START_REFUSED;

        c->was_started = true;
        r = session_bus_ask(c->bus, UNIT_TIMEOUT_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH,
                            SYSTEMD_MANAGER, "StartUnit", "ss", UNIT_NAME, "replace");
        return r < 0 ? START_REFUSED : START_UNDER_WAY;
}

static StartState daemon_call_judge_unit(DaemonCall *c, const Unit *u) {
        if (!u->has_manager)
                return START_UNKNOWN;
        if (!streq(u->load_state, "loaded"))
                return unit_is_broken(u) ? START_FAILED : START_UNKNOWN;

        if (!c->was_looked_at)
                c->restarts_before = u->n_restarts;
        c->was_looked_at = true;

        if (streq(u->sub_state, "auto-restart") &&
            u->n_restarts >= c->restarts_before + RESTARTS_MAX)
                return START_FAILED;
        if (u->job == 0 && (streq(u->active_state, "failed") || streq(u->active_state, "inactive")))
                return daemon_call_judge_idle(c, u);
        return START_UNDER_WAY;
}

static StartState daemon_call_look(DaemonCall *c) {
        _cleanup_(unit_done) Unit u = UNIT_INIT;

        if (sd_bus_get_name_creds(c->bus, TOKENS_BUS_NAME, 0, NULL) >= 0)
                return START_DONE;

        unit_read(c->bus, &u);
        return daemon_call_judge_unit(c, &u);
}

/* Waits for the reply, or until it is time to look. Returns 0 or a negative errno. */
static int daemon_call_wait(DaemonCall *c) {
        uint64_t now, look_at = monotonic_usec() + LOOK_USEC;
        bool has_slot = c->slot;
        int r;

        for (;;) {
                r = sd_bus_process(c->bus, NULL);
                if (r < 0 || (has_slot && !c->slot))
                        return MIN_OF(r, 0);
                if (r > 0)
                        continue;

                now = monotonic_usec();
                if (!c->is_settled && now >= look_at)
                        return 0;
                r = sd_bus_wait(c->bus, c->is_settled ? UINT64_MAX : look_at - now);
                if (r < 0)
                        return r;
        }
}

/* Whether the daemon had the call and ended, which the bus says before our own time is over. */
static bool daemon_call_was_cut_off(const DaemonCall *c) {
        return sd_bus_message_is_method_error(c->reply, SD_BUS_ERROR_NO_REPLY) &&
               monotonic_usec() < c->begun_at + AWAIT_USEC;
}

/* Whether the daemon was unreachable in a way that ends if it is started after all. */
static bool daemon_call_can_retry(const DaemonCall *c) {
        const sd_bus_error *error = sd_bus_message_get_error(c->reply);

        if (bus_error_is_silence(error))
                return c->may_start && c->may_repeat && daemon_call_was_cut_off(c);
        return c->may_start && bus_error_is_unreachable(error, 0);
}

/* Goes on until there is a reply that counts. Returns 0, or a negative errno, in which case *error
 * may be the reason to give up. */
static int daemon_call_run(DaemonCall *c, sd_bus_message *call, sd_bus_error *error) {
        bool was_retried = false;
        int r;

        for (r = daemon_call_send(c, call); r >= 0;) {
                StartState state;

                r = daemon_call_wait(c);
                if (r < 0 || (c->reply && (was_retried || !daemon_call_can_retry(c))))
                        return r;

                state = daemon_call_look(c);
                if (state == START_FAILED)
                        return sd_bus_error_set(error, DAEMON_CALL_GIVEN_UP, NULL);
                if (state == START_REFUSED)
                        return sd_bus_error_set(error, DAEMON_CALL_REFUSED, NULL);

                if (!c->reply)
                        c->is_settled = state != START_UNDER_WAY;
                else if (state == START_DONE ||
                         (state == START_UNKNOWN && daemon_call_was_cut_off(c))) {
                        was_retried = true;
                        r = daemon_call_send(c, call);
                } else if (state == START_UNKNOWN || monotonic_usec() >= c->begun_at + AWAIT_USEC)
                        return 0;
        }
        return r;
}

static bool daemon_is_known(sd_bus *bus) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        const char *name;

        return sd_bus_get_name_creds(bus, TOKENS_BUS_NAME, SD_BUS_CREDS_UNIQUE_NAME, &creds) >= 0 &&
               sd_bus_creds_get_unique_name(creds, &name) >= 0 && streq(name, daemon_known);
}

/* The answer does not matter: whatever it is, the daemon has looked at us. */
void daemon_meet(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *ping = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (!memory_is_hidden() || daemon_is_known(bus))
                return;

        memory_show();
        if (sd_bus_message_new_method_call(bus, &ping, TOKENS_BUS_NAME, TOKENS_PATH,
                                           "org.freedesktop.DBus.Peer", "Ping") >= 0)
                (void) daemon_call(bus, ping, &error, NULL);
        memory_hide();
}

int daemon_call(sd_bus *bus, sd_bus_message *call, sd_bus_error *error, sd_bus_message **ret) {
        _cleanup_(daemon_call_done) DaemonCall c = {
                .bus = bus,
                .begun_at = monotonic_usec(),
                .may_start = sd_bus_message_get_auto_start(call) > 0,
                .may_repeat = streq(sd_bus_message_get_member(call), "GetTokenFD"),
        };
        int r;

        daemon_meet(bus);
        r = daemon_call_run(&c, call, error);
        if (r >= 0)
                (void) snprintf(daemon_known, sizeof(daemon_known), "%s",
                                str_or_empty(sd_bus_message_get_sender(c.reply)));
        if (r < 0)
                return sd_bus_error_is_set(error) ? r : sd_bus_error_set_errno(error, r);
        if (sd_bus_message_is_method_error(c.reply, NULL))
                return sd_bus_error_copy(error, sd_bus_message_get_error(c.reply));

        if (ret)
                *ret = TAKE_PTR(c.reply);
        return 0;
}

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
        if (sd_bus_error_has_name(error, TOKENS_ERROR("AccessDenied")))
                return DAEMON_SANDBOXED;
        if (!bus_error_is_unreachable(error, 0))
                return DAEMON_ODD;
        return filtered ? DAEMON_HIDDEN : DAEMON_ABSENT;
}

/* All programs are installed below one prefix, wherever that has been moved to. */
char *program_find(const char *name) {
        static const char *const folders[] = { ".", YADISK_LIBEXEC };
        _cleanup_free_ char *self = realpath("/proc/self/exe", NULL);
        const char *folder = self ? dirname(self) : "";

        for (size_t i = 0; self && i < ELEMENTSOF(folders); i++) {
                _cleanup_free_ char *path = NULL;

                if (str_format(&path, "%s/%s/%s", folder, folders[i], name) < 0)
                        return NULL;
                if (access(path, X_OK) == 0)
                        return realpath(path, NULL);
        }
        return NULL;
}

void daemon_findings_read(sd_bus *bus, bool filtered, const sd_bus_error *error,
                          DaemonFindings *ret) {
        *ret = DAEMON_FINDINGS_INIT;
        ret->pid = session_bus_find_pid(bus, TOKENS_BUS_NAME);
        ret->state = daemon_state_from_error(error, ret->pid != 0, filtered);
        ret->program = program_find("yadisk-tokend");
        (void) str_replace(&ret->error, error->message);
        unit_read(bus, &ret->unit);
        ret->unit.was_given_up = sd_bus_error_has_name(error, DAEMON_CALL_GIVEN_UP);
        ret->unit.was_refused = sd_bus_error_has_name(error, DAEMON_CALL_REFUSED);
}

void daemon_findings_done(DaemonFindings *f) {
        unit_done(&f->unit);
        free(f->program);
        free(f->error);
        *f = DAEMON_FINDINGS_INIT;
}

const char *configuration_path(void) {
        static char path[PATH_MAX];
        const char *own = str_or_empty(getenv("XDG_CONFIG_HOME")),
                   *home = str_or_empty(getenv("HOME")),
                   *others = str_or_empty(getenv("XDG_CONFIG_DIRS"));
        _cleanup_free_ char *directories = NULL;
        char *rest, *directory;

        if (str_format(&directories, "%s%s:%s", *own ? own : home, *own ? "" : "/.config",
                       *others ? others : "/etc/xdg") < 0)
                return NULL;

        rest = directories;
        while ((directory = strsep(&rest, ":"))) {
                int n = snprintf(path, sizeof(path), "%s/" CONFIGURATION_FILE, directory);

                if (*directory == '/' && n > 0 && (size_t) n < sizeof(path) &&
                    access(path, F_OK) == 0)
                        return path;
        }
        return NULL;
}

static void unit_advise_to_look(Problem *p) {
        problem_advise(p, "Run \"systemctl --user status yadisk-tokend.service\" to see why.");
}

static void unit_advise_to_correct(Problem *p) {
        const char *path = configuration_path();

        if (path)
                problem_advise(p,
                               "Correct %s; \"journalctl --user -u yadisk-tokend.service -n 5\" "
                               "tells what is wrong with it.",
                               path);
        else
                problem_advise(p, "Run \"journalctl --user -u yadisk-tokend.service -n 5\" to see "
                                  "what is wrong in which file.");
}

/* For a unit that systemd does not even try to start. If it has not failed, systemd has forgotten
 * about it by now, so that only the journal knows more. */
static void unit_judge_refused(const Unit *u, Problem *p) {
        if (streq(u->active_state, "failed")) {
                problem_set(
                        p,
                        "yadisk-tokend.service has failed too often to be started again for now.");
                problem_advise(
                        p,
                        "Run \"systemctl --user status yadisk-tokend.service\" to see why; when "
                        "that is cured, \"systemctl --user reset-failed yadisk-tokend.service\".");
        } else {
                problem_set(p, "systemd does not start yadisk-tokend.service: one of its "
                               "conditions is not met, or a unit that it needs is missing or "
                               "fails.");
                problem_advise(
                        p, "Run \"systemctl --user start yadisk-tokend.service\" to see why; if "
                           "that says nothing, "
                           "\"journalctl --user -u yadisk-tokend.service -n 5\" does.");
        }
}

void unit_judge(const Unit *u, Problem *p) {
        p->status = EXIT_STATUS_NO_DAEMON;
        unit_advise_to_look(p);
        if (streq(u->load_state, "masked")) {
                problem_set(p, "yadisk-tokend.service is masked, so that it cannot be started.");
                problem_advise(p, "Run \"systemctl --user unmask yadisk-tokend.service\".");
        } else if (!streq(u->load_state, "loaded"))
                problem_set(p, "yadisk-tokend.service cannot be read as it is.");
        else if (u->was_refused)
                unit_judge_refused(u, p);
        else if (!streq(u->active_state, "failed"))
                problem_set(p, "yadisk-tokend.service ends as soon as it is started.");
        else if (streq(u->result, "exit-code") && u->exec_status == EX_CONFIG) {
                problem_set(p, "yadisk-tokend.service has failed, as its configuration is wrong.");
                unit_advise_to_correct(p);
        } else
                problem_set(p, "yadisk-tokend.service has failed.");
}

static void daemon_findings_advise_to_run(const DaemonFindings *f, Problem *p) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                problem_advise(p, "Run \"systemctl --user start yadisk-tokend.service\".");
        else if (f->program)
                problem_advise(p, "Run \"%s\".", f->program);
        else
                problem_advise(p, "Start yadisk-tokend.");
}

static void daemon_findings_advise_to_look(const DaemonFindings *f, Problem *p) {
        if (f->program)
                problem_advise(p, "Run \"%s\" to see why.", f->program);
        else
                problem_advise(p, "Start yadisk-tokend in a terminal to see why.");
}

static void daemon_findings_advise_to_correct(const DaemonFindings *f, Problem *p) {
        const char *path = configuration_path();

        if (path && f->program)
                problem_advise(p, "Correct %s; \"%s\" tells what is wrong with it.", path,
                               f->program);
        else if (path)
                problem_advise(p, "Correct %s.", path);
        else
                daemon_findings_advise_to_look(f, p);
}

static void daemon_findings_judge_not_started(const DaemonFindings *f, Problem *p) {
        if (unit_is_broken(&f->unit))
                return unit_judge(&f->unit, p);

        if (f->error && strstr(f->error, SAYS_BAD_CONFIGURATION)) {
                problem_set(p,
                            "yadisk-tokend could not be started, as its configuration is wrong.");
                return daemon_findings_advise_to_correct(f, p);
        }

        problem_set(p, "yadisk-tokend could not be started (%s).", str_or_empty(f->error));
        if (f->unit.has_manager)
                unit_advise_to_look(p);
        else
                daemon_findings_advise_to_look(f, p);
}

void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Problem *p) {
        if (f->unit.has_manager && streq(f->unit.load_state, "loaded"))
                problem_advise(p, "Run \"systemctl --user restart yadisk-tokend.service\".");
        else if (f->pid != 0 && forcibly)
                problem_advise(p, "Run \"kill -KILL %u\", and start it again if the bus does not.",
                               f->pid);
        else if (f->pid != 0)
                problem_advise(p, "Run \"kill %u\", and start it again if the bus does not.",
                               f->pid);
        else
                problem_advise(p, "End yadisk-tokend, and start it again if the bus does not.");
}

void daemon_findings_judge(const DaemonFindings *f, Problem *p) {
        p->status = EXIT_STATUS_NO_DAEMON;
        switch (f->state) {
        case DAEMON_NOT_LOOKED_FOR:
        case DAEMON_THERE:
                return;
        case DAEMON_ABSENT:
                if (unit_is_broken(&f->unit))
                        return unit_judge(&f->unit, p);
                problem_set(
                        p,
                        "yadisk-tokend is not running, and the bus does not know how to start it.");
                return daemon_findings_advise_to_run(f, p);
        case DAEMON_NOT_STARTED:
                return daemon_findings_judge_not_started(f, p);
        case DAEMON_SILENT:
                problem_set(p, "yadisk-tokend does not answer.");
                return daemon_findings_advise_restart(f, true, p);
        case DAEMON_FORBIDDEN:
                p->status = EXIT_STATUS_DENIED;
                problem_set(p, "The bus does not let yadiskctl speak to yadisk-tokend.");
                return problem_advise(p, "Run yadiskctl outside of a sandbox, or let it speak to "
                                         "io.github.yadiskctl.Tokens1.");
        case DAEMON_HIDDEN:
                p->status = EXIT_STATUS_DENIED;
                problem_set(p, "The bus does not show yadisk-tokend here, as it is reached through "
                               "the proxy of a sandbox.");
                return problem_advise(p, "Run yadiskctl outside of the sandbox, or let it speak to "
                                         "io.github.yadiskctl.Tokens1.");
        case DAEMON_SANDBOXED:
                p->status = EXIT_STATUS_DENIED;
                problem_set(p, "yadisk-tokend takes yadiskctl for a program in a sandbox, which "
                               "gets tokens and nothing else.");
                return problem_advise(p, "Run yadiskctl outside of the sandbox.");
        case DAEMON_ODD:
                p->status = EXIT_STATUS_FAILURE;
                problem_set(p, "yadisk-tokend answered what this yadiskctl does not understand.");
                return problem_advise(
                        p, "Check that yadisk-tokend and yadiskctl have the same version.");
        }
}
