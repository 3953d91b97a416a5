/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/bus.h"

#include <stdarg.h>

#include "common/deadlines.h"
#include "common/i18n.h"
#include "shared/session-bus.h"
#include "shared/unreachable.h"
#include "yadiskctl/daemon/bus-fault.h"
#include "yadiskctl/daemon/daemon-call.h"
#include "yadiskctl/daemon/daemon-findings.h"
#include "yadiskctl/daemon/keyring-findings.h"
#include "yadiskctl/daemon/nobody.h"
#include "yadiskctl/terminal/terminal.h"

/* With it sd_bus_error_get_errno() of the daemon's errors is a Condition. */
static void register_conditions(void) {
        static sd_bus_error_map map[_CONDITION_MAX - _CONDITION_MIN + 1];

        for (int i = 0; i < _CONDITION_MAX - _CONDITION_MIN; i++)
                map[i] = (sd_bus_error_map) SD_BUS_ERROR_MAP(condition_bus_name(_CONDITION_MIN + i),
                                                             _CONDITION_MIN + i);
        map[ELEMENTSOF(map) - 1] = (sd_bus_error_map) SD_BUS_ERROR_MAP_END;

        (void) sd_bus_error_add_map(map);
}

int bus_connect(sd_bus **ret) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        register_conditions();

        r = session_bus_open("yadiskctl", &bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, DEADLINE_CLIENT_MS * UINT64_C(1000));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

/* Every bus tells who queues for our unique name. xdg-dbus-proxy tells it only of names that its policy
 * lets us own, and of a unique name, our own, that policy is never more than to talk. Worse witnesses are
 * the process that the bus takes us for, which is another one in a pid namespace, behind ssh and behind a
 * proxy that hides nobody, too; and the list of names, which is as short on a bus of our own, and longer
 * behind a proxy as soon as somebody has called us. */
bool bus_is_filtered(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *name;
        int r;

        r = sd_bus_get_unique_name(bus, &name);
        if (r >= 0)
                r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "ListQueuedOwners", &error, NULL,
                                       "s", name);
        return r < 0 && sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED);
}

ExitStatus bus_open(sd_bus **ret) {
        Trouble trouble = {};
        BusFault fault;
        int r;

        r = bus_connect(ret);
        if (r >= 0)
                return EXIT_STATUS_OK;

        bus_fault_find(r, &fault);
        bus_fault_judge(&fault, &trouble);
        return trouble_tell(&trouble);
}

/* Of a daemon that did not answer at all, or was not let to. */
static ExitStatus explain_unreachable(sd_bus *bus, const sd_bus_error *error) {
        _cleanup_(daemon_findings_done) DaemonFindings daemon = DAEMON_FINDINGS_INIT;
        Trouble trouble = {};

        daemon_findings_read(bus, bus_is_filtered(bus), error, &daemon);
        daemon_findings_judge(&daemon, &trouble);
        return trouble_tell(&trouble);
}

ExitStatus bus_explain_answer(int r) {
        if (r == -ENOMEM)
                return fail_errno(r, "read the answer of yadisk-tokend");
        return fail(EXIT_STATUS_FAILURE,
                    "yadisk-tokend answered what this yadiskctl does not understand; check that "
                    "both are of one version.");
}

int bus_find_condition(const sd_bus_error *error) {
        for (int c = _CONDITION_MIN; c < _CONDITION_MAX; c++)
                if (streq(condition_bus_name(c), error->name) &&
                    streq(condition_sentence(c), error->message))
                        return c;
        return _CONDITION_INVALID;
}

void bus_judge_condition(sd_bus *bus, int condition, Trouble *t) {
        KeyringFindings keyring;

        if (condition == CONDITION_NOT_SIGNED_IN)
                return nobody_judge(nobody_find(bus), t);
        if (condition_is_of_keyring_state(condition)) {
                keyring_findings_read(bus, condition, &keyring);
                return keyring_findings_judge(&keyring, t);
        }
        trouble_set(t, condition_exit_status(condition), "%s", _(condition_sentence(condition)));
}

ExitStatus bus_explain(sd_bus *bus, const sd_bus_error *error) {
        int condition = sd_bus_error_get_errno(error), told = bus_find_condition(error);
        Trouble trouble = {};

        if (unreachable(error, 0) || sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return explain_unreachable(bus, error);
        if (sd_bus_error_has_names(error, SD_BUS_ERROR_UNKNOWN_METHOD,
                                   SD_BUS_ERROR_UNKNOWN_INTERFACE))
                return bus_explain_answer(-EBADMSG);
        if (condition_is_valid(told)) {
                bus_judge_condition(bus, told, &trouble);
                return trouble_tell(&trouble);
        }
        return fail(
                condition_exit_status(condition), "%s",
                _(str_is_empty(error->message) ? condition_sentence(condition) : error->message));
}

static ExitStatus call_new(sd_bus *bus, sd_bus_message **ret, const char *path,
                           const char *interface, const char *member) {
        int r;

        r = sd_bus_message_new_method_call(bus, ret, TOKENS_BUS_NAME, path, interface, member);
        if (r >= 0 && terminal_is_attended())
                r = sd_bus_message_set_allow_interactive_authorization(*ret, true);
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

static ExitStatus call_new_with(sd_bus *bus, sd_bus_message **ret, const char *path,
                                const char *interface, const char *member, const char *types,
                                va_list arguments) {
        ExitStatus s;
        int r;

        s = call_new(bus, ret, path, interface, member);
        if (s != EXIT_STATUS_OK || str_is_empty(types))
                return s;

        r = sd_bus_message_appendv(*ret, types, arguments);
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

ExitStatus bus_manager_call(sd_bus *bus, sd_bus_message **ret, const char *member,
                            const char *types, ...) {
        ExitStatus s;
        va_list ap;

        va_start(ap, types);
        s = call_new_with(bus, ret, TOKENS_PATH, TOKENS_MANAGER_INTERFACE, member, types, ap);
        va_end(ap);
        return s;
}

ExitStatus bus_account_call(sd_bus *bus, const char *path, sd_bus_message **ret, const char *member,
                            const char *types, ...) {
        ExitStatus s;
        va_list ap;

        va_start(ap, types);
        s = call_new_with(bus, ret, path, TOKENS_ACCOUNT_INTERFACE, member, types, ap);
        va_end(ap);
        return s;
}

int bus_append_scopes(sd_bus_message *m, const char *const *scopes) {
        int r;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', "scopes");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) scopes);
        for (int depth = 0; r >= 0 && depth < 2; depth++)
                r = sd_bus_message_close_container(m);
        return r;
}

ExitStatus bus_send(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret_reply) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = daemon_call(bus, call, &error, ret_reply);
        if (r >= 0)
                return EXIT_STATUS_OK;
        return sd_bus_error_is_set(&error) ? bus_explain(bus, &error)
                                           : fail_errno(r, "make a call");
}

ExitStatus bus_start_daemon(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;

        if (sd_bus_get_name_creds(bus, TOKENS_BUS_NAME, 0, NULL) >= 0)
                return EXIT_STATUS_OK;

        s = call_new(bus, &call, TOKENS_PATH, "org.freedesktop.DBus.Peer", "Ping");
        return s == EXIT_STATUS_OK ? bus_send(bus, call, NULL) : s;
}

ExitStatus bus_find_account(sd_bus *bus, const char *name, char **ret_path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        const char *path;
        ExitStatus s;
        int r;

        s = bus_manager_call(bus, &call, "FindAccount", "s", str_or_empty(name));
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0)
                r = str_replace(ret_path, path);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}
