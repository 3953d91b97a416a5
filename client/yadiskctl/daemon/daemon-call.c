/* SPDX-License-Identifier: MIT */

/*
 *     sent ──answer──> end
 *      │ │
 *      │ └─the bus could not start it──> awaited ──it is there──> sent, once more
 *      │                                    │
 *      └──────────its unit failed───────────┴──> given up
 *
 * While nobody has the daemon's name its unit is looked at now and then. Some buses ask systemd to start it
 * and wait, whatever becomes of that; then they do not ask again while they wait. Others end all calls at
 * the first failure, although systemd starts it again. So a unit that nobody starts is started from here,
 * and given up when that has come to nothing.
 */

#include "yadiskctl/daemon/daemon-call.h"

#include "common/deadlines.h"
#include "common/names.h"
#include "shared/unreachable.h"
#include "yadiskctl/daemon/unit.h"
#include "yadiskctl/terminal/monotonic.h"

/* Long enough for most starts. */
#define LOOK_USEC (USEC_PER_SEC / 4)

/* As for any call. */
#define AWAIT_USEC (DEADLINE_CLIENT_MS * UINT64_C(1000))

/* One restart may help; whatever fails at the third attempt will fail at the next ones. */
#define RESTARTS_MAX 2

typedef enum Prospect {
        PROSPECT_THERE,
        PROSPECT_COMING,
        PROSPECT_NONE,    /* its unit is broken, or has failed */
        PROSPECT_REFUSED, /* it has failed so often that it is not started any more */
        PROSPECT_UNKNOWN, /* there is no service manager to ask */
} Prospect;

typedef struct DaemonCall {
        sd_bus *bus;
        sd_bus_slot *slot;     /* while the answer is awaited */
        sd_bus_message *reply; /* the last one */
        uint64_t begun_at;     /* CLOCK_MONOTONIC, in microseconds */

        bool may_start;
        bool was_started; /* by us */
        bool was_looked_at;
        uint32_t restarts_before;
        bool is_settled; /* there is nothing more to look for */
} DaemonCall;

static void daemon_call_done(DaemonCall *c) {
        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->reply);
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        DaemonCall *c = userdata;

        c->slot = sd_bus_slot_unref(c->slot);
        c->reply = sd_bus_message_ref(m);
        return 0;
}

static int send_call(DaemonCall *c, sd_bus_message *call) {
        c->reply = sd_bus_message_unref(c->reply);
        return sd_bus_call_async(c->bus, &c->slot, call, on_reply, c, 0);
}

/* Of a unit that neither runs nor is about to. */
static Prospect judge_idle(DaemonCall *c, const Unit *u) {
        bool was_tried = u->begun_at >= c->begun_at;

        if (was_tried && streq(u->active_state, "failed"))
                return PROSPECT_NONE;
        if (c->was_started)
                return was_tried ? PROSPECT_NONE : PROSPECT_REFUSED;

        c->was_started = true;
        return unit_start(c->bus) < 0 ? PROSPECT_NONE : PROSPECT_COMING;
}

static Prospect judge_unit(DaemonCall *c, const Unit *u) {
        if (!u->has_manager)
                return PROSPECT_UNKNOWN;
        if (!streq(u->load_state, "loaded"))
                return unit_is_broken(u) ? PROSPECT_NONE : PROSPECT_UNKNOWN;

        if (!c->was_looked_at)
                c->restarts_before = u->n_restarts;
        c->was_looked_at = true;

        if (streq(u->sub_state, "auto-restart") &&
            u->n_restarts >= c->restarts_before + RESTARTS_MAX)
                return PROSPECT_NONE;
        if (u->job == 0 && (streq(u->active_state, "failed") || streq(u->active_state, "inactive")))
                return judge_idle(c, u);
        return PROSPECT_COMING;
}

static Prospect look(DaemonCall *c) {
        Prospect prospect;
        Unit u;

        if (sd_bus_get_name_creds(c->bus, TOKENS_BUS_NAME, 0, NULL) >= 0)
                return PROSPECT_THERE;

        unit_read(c->bus, &u);
        prospect = judge_unit(c, &u);
        unit_done(&u);
        return prospect;
}

/* Until the answer is there, or it is time to look. 0 or a negative errno. */
static int wait_a_while(DaemonCall *c) {
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

/* Whether the answer is that nobody could be asked, which systemd may think better of. */
static bool can_be_retried(DaemonCall *c) {
        const sd_bus_error *error = sd_bus_message_get_error(c->reply);

        return c->may_start && unreachable(error, 0) && !unreachable_because_silent(error);
}

static int finish(DaemonCall *c, sd_bus_error *error, sd_bus_message **ret) {
        if (sd_bus_message_is_method_error(c->reply, NULL))
                return sd_bus_error_copy(error, sd_bus_message_get_error(c->reply));

        if (ret)
                *ret = TAKE_PTR(c->reply);
        return 0;
}

/* Until there is an answer that counts: 0, a negative errno, or the reason to give up as an *error. */
static int carry_out(DaemonCall *c, sd_bus_message *call, sd_bus_error *error) {
        bool was_retried = false;
        int r;

        for (r = send_call(c, call); r >= 0;) {
                Prospect prospect;

                r = wait_a_while(c);
                if (r < 0 || (c->reply && (was_retried || !can_be_retried(c))))
                        return r;

                prospect = look(c);
                if (prospect == PROSPECT_NONE)
                        return sd_bus_error_set(error, DAEMON_CALL_GIVEN_UP, NULL);
                if (prospect == PROSPECT_REFUSED)
                        return sd_bus_error_set(error, DAEMON_CALL_REFUSED, NULL);

                if (!c->reply)
                        c->is_settled = prospect != PROSPECT_COMING;
                else if (prospect == PROSPECT_THERE) {
                        was_retried = true;
                        r = send_call(c, call);
                } else if (prospect == PROSPECT_UNKNOWN ||
                           monotonic_usec() >= c->begun_at + AWAIT_USEC)
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

        r = carry_out(&c, call, error);
        if (r < 0)
                return sd_bus_error_is_set(error) ? r : sd_bus_error_set_errno(error, r);
        return finish(&c, error, ret);
}
