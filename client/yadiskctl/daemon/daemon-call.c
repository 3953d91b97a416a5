/* SPDX-License-Identifier: MIT */

/*
 *     sent ──reply──> end
 *      │ │
 *      │ └─the bus could not start it──> awaited ──it is there──> sent, once more
 *      │                                    │
 *      └──────────its unit failed───────────┴──> given up
 *
 * While no process owns the daemon's name, we look at its unit now and then. Some buses ask systemd to start
 * it and then wait, whatever becomes of that; while they wait they do not ask again. Others end all calls at
 * the first failure, although systemd starts the unit again. So we start a unit that is not being started,
 * and give up if that fails as well.
 */

#include "yadiskctl/daemon/daemon-call.h"

#include <stddef.h>

#include "common/deadlines.h"
#include "common/names.h"
#include "common/util.h"
#include "shared/session-bus.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/terminal/duration.h"

#define SYSTEMD_NAME    "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER SYSTEMD_NAME ".Manager"
#define UNIT_NAME       "yadisk-tokend.service"

#define UNIT_TIMEOUT_USEC (5 * USEC_PER_SEC)

/* Most starts are faster. */
#define LOOK_USEC (USEC_PER_SEC / 4)

/* As long as any call. */
#define AWAIT_USEC (DEADLINE_CLIENT_MS * UINT64_C(1000))

/* One restart may help. What fails at the third attempt will fail at the next ones, too. */
#define RESTARTS_MAX 2

typedef enum StartState {
        START_DONE,
        START_UNDER_WAY,
        START_FAILED,  /* the unit is broken, or has failed */
        START_REFUSED, /* the unit has failed so often that systemd does not start it any more */
        START_UNKNOWN, /* there is no service manager to ask */
} StartState;

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

void unit_read(sd_bus *bus, Unit *ret) {
        Unit u = UNIT_INIT;

        if (unit_read_properties(bus, &u) < 0) {
                unit_done(&u);
                u = UNIT_INIT;
        } else
                u.has_manager = true;
        *ret = u;
}

void unit_done(Unit *u) {
        u->message = sd_bus_message_unref(u->message);
}

bool unit_is_broken(const Unit *u) {
        return u->has_manager &&
               (streq(u->load_state, "masked") || streq(u->load_state, "error") ||
                streq(u->load_state, "bad-setting") || streq(u->active_state, "failed") ||
                u->was_given_up || u->was_refused);
}

typedef struct DaemonCall {
        sd_bus *bus;
        sd_bus_slot *slot;     /* while a reply is awaited */
        sd_bus_message *reply; /* the last one */
        uint64_t begun_at;     /* CLOCK_MONOTONIC, in microseconds */

        bool may_start;
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
        return r < 0 ? START_FAILED : START_UNDER_WAY;
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
        StartState state;
        Unit u;

        if (sd_bus_get_name_creds(c->bus, TOKENS_BUS_NAME, 0, NULL) >= 0)
                return START_DONE;

        unit_read(c->bus, &u);
        state = daemon_call_judge_unit(c, &u);
        unit_done(&u);
        return state;
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

/* Whether the daemon was unreachable in a way that ends if systemd starts it after all. */
static bool daemon_call_can_retry(DaemonCall *c) {
        const sd_bus_error *error = sd_bus_message_get_error(c->reply);

        return c->may_start && bus_error_is_unreachable(error, 0) && !bus_error_is_silence(error);
}

static int daemon_call_finish(DaemonCall *c, sd_bus_error *error, sd_bus_message **ret) {
        if (sd_bus_message_is_method_error(c->reply, NULL))
                return sd_bus_error_copy(error, sd_bus_message_get_error(c->reply));

        if (ret)
                *ret = TAKE_PTR(c->reply);
        return 0;
}

/* Goes on until there is a reply that counts. Returns 0, or a negative errno, in which case *error may be the
 * reason to give up. */
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
                else if (state == START_DONE) {
                        was_retried = true;
                        r = daemon_call_send(c, call);
                } else if (state == START_UNKNOWN || monotonic_usec() >= c->begun_at + AWAIT_USEC)
                        return 0;
        }
        return r;
}

int daemon_call(sd_bus *bus, sd_bus_message *call, sd_bus_error *error, sd_bus_message **ret) {
        _cleanup_(daemon_call_done) DaemonCall c = {
                .bus = bus,
                .begun_at = monotonic_usec(),
                .may_start = sd_bus_message_get_auto_start(call) > 0,
        };
        int r;

        r = daemon_call_run(&c, call, error);
        if (r < 0)
                return sd_bus_error_is_set(error) ? r : sd_bus_error_set_errno(error, r);
        return daemon_call_finish(&c, error, ret);
}
