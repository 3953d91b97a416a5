/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/bus.h"

#include <pwd.h>
#include <stdarg.h>

#include "common/deadlines.h"
#include "common/i18n.h"
#include "common/names.h"
#include "common/strv.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/keyring-findings.h"
#include "yadiskctl/terminal/terminal.h"

/* Afterwards sd_bus_error_get_errno() of an error of the daemon is a Condition. */
static void bus_register_conditions(void) {
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

        bus_register_conditions();

        r = session_bus_open("yadiskctl", &bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, DEADLINE_CLIENT_MS * UINT64_C(1000));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

/*
 * Every bus tells who waits for our unique name. xdg-dbus-proxy tells it only for names that its
 * policy lets us own; for a unique name, even our own, its policy never allows more than to talk.
 * Other signs tell less. The process that the bus takes us for differs from us in a pid namespace,
 * behind ssh, and behind a proxy that hides nothing. The list of names is also short on a bus of
 * our own, and it gets longer behind a proxy as soon as a program has called us.
 */
bool bus_is_filtered(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *name;
        int r;

        r = sd_bus_get_unique_name(bus, &name);
        if (r >= 0)
                r = sd_bus_call_method(bus, DBUS_NAME, DBUS_PATH, DBUS_NAME, "ListQueuedOwners",
                                       &error, NULL, "s", name);
        return r < 0 && sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED);
}

static void bus_fault_print_user(uid_t uid, char ret[static USER_NAME_MAX_BYTES]) {
        const struct passwd *user = getpwuid(uid);

        (void) snprintf(ret, USER_NAME_MAX_BYTES, "%u", (unsigned) uid);
        if (user)
                (void) snprintf(ret, USER_NAME_MAX_BYTES, "%s", user->pw_name);
}

void bus_fault_find(int error, BusFault *ret) {
        uid_t owner;

        *ret = (BusFault){ .error = error };
        if (error == 0)
                return;

        ret->is_root = geteuid() == 0;
        ret->has_systemd = access("/run/systemd/system", F_OK) == 0;
        ret->has_directory = access(session_bus_directory(), F_OK) == 0;
        bus_fault_print_user(geteuid(), ret->user);
        session_bus_print_place(ret->place);
        if (error != -ENOMEDIUM && session_bus_is_foreign(&owner))
                bus_fault_print_user(owner, ret->owner);
        else if (error != -ENOTCONN) /* in a sandbox the proxy is the bus that is meant */
                ret->is_shadowed = session_bus_is_shadowed();
}

/* No variable names a bus, and there is none where systemd would have it. */
static void bus_fault_judge_absent(const BusFault *f, Problem *p) {
        if (f->has_systemd && f->has_directory) {
                problem_set(p, "The session of %s has no bus.", f->user);
                problem_advise(p, "Install what runs a bus for each user, on Debian the package "
                                  "dbus-user-session, and log in again.");
        } else if (f->has_systemd && f->is_root) {
                problem_set(p, "There is no session bus here, as yadiskctl runs as root.");
                problem_advise(p, "Run it as the user whose accounts are meant; for those of root "
                                  "run \"loginctl enable-linger root\" first.");
        } else if (f->has_systemd) {
                problem_set(p, "There is no session bus here, as %s is not logged in.", f->user);
                problem_advise(p,
                               "Log in as %s, or run \"sudo loginctl enable-linger %s\" once, to "
                               "have the services of %s run without that.",
                               f->user, f->user, f->user);
        } else {
                problem_set(p, "There is no session bus here.");
                problem_advise(p, "Log in as this user, on the machine itself or over ssh, or set "
                                  "DBUS_SESSION_BUS_ADDRESS.");
        }
}

void bus_fault_judge(const BusFault *f, Problem *p) {
        p->status = EXIT_STATUS_NO_DAEMON;
        if (*f->owner) {
                problem_set(
                        p, "The environment names the session bus of %s, and yadiskctl runs as %s.",
                        f->owner, f->user);
                problem_advise(p,
                               "Run it as %s; or, for the accounts of %s, as \"env -u "
                               "DBUS_SESSION_BUS_ADDRESS -u XDG_RUNTIME_DIR yadiskctl\".",
                               f->owner, f->user);
        } else if (f->error == -ENOMEDIUM)
                bus_fault_judge_absent(f, p);
        else if (f->error == -ENOTCONN) {
                problem_set(p, "The session bus ends the conversation before it begins.");
                problem_advise(p, "Inside of a sandbox see that xdg-dbus-proxy is of version 0.1.6 "
                                  "or later; elsewhere correct DBUS_SESSION_BUS_ADDRESS.");
        } else if (f->error == -ETIMEDOUT) {
                problem_set(p, "The session bus at %s does not answer.", f->place);
                problem_advise(p, "Try again; if that does not help, the program that runs the bus "
                                  "hangs or is stopped: log out and in again.");
        } else {
                problem_set(p, "The session bus cannot be reached (%s).",
                            p->english ? strerrordesc_np(-f->error) : strerror(-f->error));
                problem_advise(p,
                               "Log in as this user, on the machine itself or over ssh, or correct "
                               "DBUS_SESSION_BUS_ADDRESS.");
        }
        if (f->is_shadowed)
                problem_advise(p,
                               "Run \"unset DBUS_SESSION_BUS_ADDRESS\": what it names is not the "
                               "bus of this session, which is found without it.");
}

ExitStatus bus_open(sd_bus **ret) {
        Problem problem = {};
        BusFault fault;
        int r;

        r = bus_connect(ret);
        if (r >= 0)
                return EXIT_STATUS_OK;

        i18n_speak_now(); /* before strerror(3) */
        bus_fault_find(r, &fault);
        bus_fault_judge(&fault, &problem);
        return problem_tell(&problem);
}

/* Explains why a daemon did not answer, or why the bus did not let us call it. */
static ExitStatus bus_explain_unreachable(sd_bus *bus, const sd_bus_error *error) {
        _cleanup_(daemon_findings_done) DaemonFindings daemon = DAEMON_FINDINGS_INIT;
        Problem problem = {};

        daemon_findings_read(bus, bus_is_filtered(bus), error, &daemon);
        daemon_findings_judge(&daemon, &problem);
        return problem_tell(&problem);
}

ExitStatus bus_explain_answer(int r) {
        if (r == -ENOMEM)
                return fail_errno(r, "read the answer of yadisk-tokend");
        return fail(EXIT_STATUS_FAILURE, "yadisk-tokend answered what this yadiskctl does not "
                                         "understand; check that both have the same version.");
}

int bus_find_condition(const sd_bus_error *error) {
        for (int c = _CONDITION_MIN; c < _CONDITION_MAX; c++)
                if (streq(condition_bus_name(c), error->name) &&
                    streq(condition_sentence(c), error->message))
                        return c;
        return _CONDITION_INVALID;
}

bool bus_needs_setup(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **ids = NULL;
        int r;

        r = sd_bus_call_method(bus, TOKENS_BUS_NAME, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                               "ListApplications", NULL, &reply, NULL);
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &ids);
        return r >= 0 && strv_length(ids) == 0;
}

void bus_judge_no_account(bool needs_setup, Problem *p) {
        p->status = EXIT_STATUS_NO_ACCOUNT;
        problem_set(p, "Nobody is signed in yet.");
        if (needs_setup)
                problem_advise(p, "Run \"yadiskctl setup\", which shows how to register an "
                                  "application and signs in.");
        else
                problem_advise(p, "Run \"yadiskctl login\".");
}

void bus_judge_condition(sd_bus *bus, int condition, Problem *p) {
        KeyringFindings keyring;

        if (condition == CONDITION_NOT_SIGNED_IN)
                return bus_judge_no_account(bus_needs_setup(bus), p);
        if (condition_is_of_keyring_state(condition)) {
                keyring_findings_read(bus, condition, &keyring);
                return keyring_findings_judge(&keyring, p);
        }

        p->status = condition_exit_status(condition);
        problem_set(p, "%s", _(condition_sentence(condition)));
}

ExitStatus bus_explain(sd_bus *bus, const sd_bus_error *error) {
        int condition = sd_bus_error_get_errno(error), told = bus_find_condition(error);
        Problem problem = {};

        if (bus_error_is_unreachable(error, 0) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
                return bus_explain_unreachable(bus, error);
        if (sd_bus_error_has_names(error, SD_BUS_ERROR_UNKNOWN_METHOD,
                                   SD_BUS_ERROR_UNKNOWN_INTERFACE))
                return bus_explain_answer(-EBADMSG);
        if (condition_is_valid(told)) {
                bus_judge_condition(bus, told, &problem);
                return problem_tell(&problem);
        }
        return fail(condition_exit_status(condition), "%s",
                    i18n_reason(str_is_empty(error->message) ? condition_sentence(condition)
                                                             : error->message));
}

ExitStatus bus_new_call(sd_bus *bus, const char *account, sd_bus_message **ret, const char *member,
                        const char *types, ...) {
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(
                bus, ret, TOKENS_BUS_NAME, account ?: TOKENS_PATH,
                account ? TOKENS_ACCOUNT_INTERFACE : TOKENS_MANAGER_INTERFACE, member);
        if (r >= 0)
                r = sd_bus_message_sensitive(*ret);
        if (r >= 0 && terminal_is_attended())
                r = sd_bus_message_set_allow_interactive_authorization(*ret, true);
        if (r >= 0 && types) {
                va_start(ap, types);
                r = sd_bus_message_appendv(*ret, types, ap);
                va_end(ap);
        }
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

static int bus_append_option(sd_bus_message *m, const BusOption *o) {
        int r;

        if (o->text)
                return sd_bus_message_append(m, "{sv}", o->key, "s", o->text);
        if (o->path)
                return sd_bus_message_append(m, "{sv}", o->key, "o", o->path);
        if (o->flag)
                return sd_bus_message_append(m, "{sv}", o->key, "b", 1);
        if (!o->list)
                return 0;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", o->key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) o->list);
        for (int depth = 0; r >= 0 && depth < 2; depth++)
                r = sd_bus_message_close_container(m);
        return r;
}

ExitStatus bus_append_options(sd_bus_message *m, const BusOption *options) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        for (; r >= 0 && options->key; options++)
                r = bus_append_option(m, options);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
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
        int r;

        if (sd_bus_get_name_creds(bus, TOKENS_BUS_NAME, 0, NULL) >= 0)
                return EXIT_STATUS_OK;

        r = sd_bus_message_new_method_call(bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                           "org.freedesktop.DBus.Peer", "Ping");
        return r < 0 ? fail_errno(r, "make a call") : bus_send(bus, call, NULL);
}

ExitStatus bus_find_account(sd_bus *bus, const char *name, char **ret_path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        const char *path;
        ExitStatus s;
        int r;

        s = bus_new_call(bus, NULL, &call, "FindAccount", "s", str_or_empty(name));
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0)
                r = str_replace(ret_path, path);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}
