/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/unit.h"

#include <stddef.h>
#include <sysexits.h>

#include "common/i18n.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/doctor/configuration.h"

#define SYSTEMD_NAME    "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER SYSTEMD_NAME ".Manager"
#define UNIT_NAME       "yadisk-tokend.service"

#define TIMEOUT_USEC (UINT64_C(5) * 1000 * 1000)

static const DictField fields[] = {
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

/* A manager that is not there is not started. */
static int ask_manager(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_set_auto_start(call, false);
        return r < 0 ? r : sd_bus_call(bus, call, TIMEOUT_USEC, NULL, ret);
}

/* Also of one that is not loaded, or not even there: then its properties say so. */
static int load(sd_bus *bus, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                                           "LoadUnit");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", UNIT_NAME);
        return r < 0 ? r : ask_manager(bus, call, ret);
}

/* An empty name stands for all interfaces of the object. */
static int read_properties(sd_bus *bus, Unit *u) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *loaded = NULL, *call = NULL;
        const char *path;
        int r;

        r = load(bus, &loaded);
        if (r >= 0)
                r = sd_bus_message_read(loaded, "o", &path);
        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &call, SYSTEMD_NAME, path,
                                                   "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", "");
        if (r >= 0)
                r = ask_manager(bus, call, &u->message);
        return r < 0 ? r : dict_read(u->message, fields, u);
}

void unit_read(sd_bus *bus, Unit *ret) {
        Unit u = UNIT_INIT;

        if (read_properties(bus, &u) < 0) {
                unit_done(&u);
                u = UNIT_INIT;
        } else
                u.has_manager = true;
        *ret = u;
}

void unit_done(Unit *u) {
        u->message = sd_bus_message_unref(u->message);
}

int unit_start(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                                           "StartUnit");
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", UNIT_NAME, "replace");
        return r < 0 ? r : ask_manager(bus, call, NULL);
}

bool unit_is_broken(const Unit *u) {
        return u->has_manager &&
               (streq(u->load_state, "masked") || streq(u->load_state, "error") ||
                streq(u->load_state, "bad-setting") || streq(u->active_state, "failed") ||
                u->was_given_up || u->was_refused);
}

static void advise_to_look(Trouble *t) {
        trouble_advise(t, N_("Run \"systemctl --user status yadisk-tokend.service\" to see why."));
}

static void advise_to_correct(Trouble *t) {
        const char *path = configuration_path();

        if (path)
                trouble_advise(t,
                               N_("Correct %s; \"journalctl --user -u yadisk-tokend.service -n "
                                  "5\" tells what is wrong with it."),
                               path);
        else
                trouble_advise(t,
                               N_("Run \"journalctl --user -u yadisk-tokend.service -n 5\" to see "
                                  "what is wrong in which file."));
}

static void judge_failed(const Unit *u, Trouble *t) {
        if (u->was_refused) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service has failed too often to be started again for "
                               "now."));
                trouble_advise(t, N_("Run \"systemctl --user status yadisk-tokend.service\" to see "
                                     "why; when that is cured, \"systemctl --user reset-failed "
                                     "yadisk-tokend.service\"."));
        } else if (!streq(u->active_state, "failed")) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service ends as soon as it is started."));
                advise_to_look(t);
        } else if (streq(u->result, "exit-code") && u->exec_status == EX_CONFIG) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service has failed, as its configuration is wrong."));
                advise_to_correct(t);
        } else {
                trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("yadisk-tokend.service has failed."));
                advise_to_look(t);
        }
}

void unit_judge(const Unit *u, Trouble *t) {
        if (streq(u->load_state, "masked")) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service is masked, so that it cannot be started."));
                trouble_advise(t, N_("Run \"systemctl --user unmask yadisk-tokend.service\"."));
        } else if (!streq(u->load_state, "loaded")) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("yadisk-tokend.service cannot be read as it is."));
                advise_to_look(t);
        } else
                judge_failed(u, t);
}
