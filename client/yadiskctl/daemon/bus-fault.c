/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/bus-fault.h"

#include <pwd.h>
#include <stdio.h>

#include "common/i18n.h"
#include "shared/session-bus.h"

static void print_user(uid_t uid, char ret[static USER_NAME_MAX_BYTES]) {
        const struct passwd *user = getpwuid(uid);

        if (user)
                (void) snprintf(ret, USER_NAME_MAX_BYTES, "%s", user->pw_name);
        else
                (void) snprintf(ret, USER_NAME_MAX_BYTES, "%u", (unsigned) uid);
}

void bus_fault_find(int error, BusFault *ret) {
        uid_t owner;

        *ret = (BusFault){ .error = error };
        if (error == 0)
                return;

        ret->is_root = geteuid() == 0;
        ret->has_systemd = access("/run/systemd/system", F_OK) == 0;
        ret->has_directory = access(session_bus_directory(), F_OK) == 0;
        print_user(geteuid(), ret->user);
        if (error != -ENOMEDIUM && session_bus_is_foreign(&owner))
                print_user(owner, ret->owner);
}

static void judge_foreign(const BusFault *f, Trouble *t) {
        trouble_set(t, EXIT_STATUS_NO_DAEMON,
                    N_("The environment names the session bus of %s, and yadiskctl runs as %s."),
                    f->owner, f->user);
        trouble_advise(t,
                       N_("Run it as %s; or, for the accounts of %s, as \"env -u "
                          "DBUS_SESSION_BUS_ADDRESS -u XDG_RUNTIME_DIR yadiskctl\"."),
                       f->owner, f->user);
}

/* No variable tells where it is, and it is not where it would be. */
static void judge_absent(const BusFault *f, Trouble *t) {
        if (f->has_systemd && f->has_directory) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("The session of %s has no bus."), f->user);
                trouble_advise(t, N_("Install what runs a bus for each user, on Debian the package "
                                     "dbus-user-session, and log in again."));
        } else if (f->has_systemd && f->is_root) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("There is no session bus here, as yadiskctl runs as root."));
                trouble_advise(t,
                               N_("Run it as the user whose accounts are meant; for those of root "
                                  "run \"loginctl enable-linger root\" first."));
        } else if (f->has_systemd) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("There is no session bus here, as %s is not logged in."), f->user);
                trouble_advise(
                        t,
                        N_("Log in as %s, or run \"sudo loginctl enable-linger %s\" once, to "
                           "have the services of %s run without that."),
                        f->user, f->user, f->user);
        } else {
                trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("There is no session bus here."));
                trouble_advise(t, N_("Log in to a session of the user, or set "
                                     "DBUS_SESSION_BUS_ADDRESS."));
        }
}

void bus_fault_judge(const BusFault *f, Trouble *t) {
        if (*f->owner)
                judge_foreign(f, t);
        else if (f->error == -ENOMEDIUM)
                judge_absent(f, t);
        else if (f->error == -ENOTCONN) {
                trouble_set(t, EXIT_STATUS_NO_DAEMON,
                            N_("The session bus ends the conversation before it begins."));
                trouble_advise(t, N_("Inside of a sandbox see that xdg-dbus-proxy is of version "
                                     "0.1.6 or later; elsewhere correct "
                                     "DBUS_SESSION_BUS_ADDRESS."));
        } else {
                trouble_set(t, EXIT_STATUS_NO_DAEMON, N_("The session bus cannot be reached (%s)."),
                            t->english ? strerrordesc_np(-f->error) : strerror(-f->error));
                trouble_advise(t, N_("Log in to a session of the user, or correct "
                                     "DBUS_SESSION_BUS_ADDRESS."));
        }
}
