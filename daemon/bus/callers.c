/* SPDX-License-Identifier: MIT */

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/log.h"
#include "platform/clock.h"

#define CALLERS_MAX 32

typedef struct Caller {
        uint64_t number; /* counted from 1; 0: there is none here */
        int64_t pid;
        bool is_host;
        char *app;
        char *unit;
        char *executable;
        char *account_id;
        uint32_t generation;
        int64_t first_at;
        int64_t last_at;
        uint64_t tokens;
} Caller;

struct Callers {
        Caller ring[CALLERS_MAX]; /* by number */
        uint64_t n_noted;
};

static void caller_done(Caller *caller) {
        free(caller->app);
        free(caller->unit);
        free(caller->executable);
        free(caller->account_id);
        *caller = (Caller){};
}

int callers_new(Callers **ret) {
        *ret = calloc(1, sizeof(Callers));
        return *ret ? 0 : -ENOMEM;
}

Callers *callers_free(Callers *c) {
        if (!c)
                return NULL;

        for (size_t i = 0; i < CALLERS_MAX; i++)
                caller_done(&c->ring[i]);
        free(c);
        return NULL;
}

static void callers_log(const ProcessInfo *p, const Account *account, const char *what) {
        log_event(LOG_INFO,
                  &(LogContext){ .account = account ? account_id(account) : NULL,
                                 .generation = account ? account_generation(account) : 0,
                                 .pid = p->pid,
                                 .app = p->app,
                                 .unit = p->unit,
                                 .executable = p->executable },
                  "A program %s.", what);
}

/* If there is no memory for a part of it, that part is unknown. */
static Caller *callers_add(Callers *c, const ProcessInfo *p, const Account *account) {
        uint64_t number = ++c->n_noted;
        Caller *caller = &c->ring[number % CALLERS_MAX];

        caller_done(caller);
        *caller = (Caller){
                .number = number,
                .pid = p->pid,
                .is_host = p->is_host,
                .first_at = clock_now(),
        };
        (void) str_replace(&caller->app, p->app);
        (void) str_replace(&caller->unit, p->unit);
        (void) str_replace(&caller->executable, p->executable);
        (void) str_replace(&caller->account_id, account ? account_id(account) : NULL);
        return caller;
}

static void callers_note_first(Sender *sender, const Account *account) {
        const ProcessInfo *p = sender_process(sender);
        SenderNote *note = sender_note(sender);

        callers_log(p, account,
                    p->is_host ? "asked for a token" : "in a sandbox asked for a token");
        note->number = 0;
        note->first_at = clock_now();
        note->tokens = 0;
        (void) str_replace(&note->account_id, account_id(account));
}

void callers_note(Callers *c, Sender *sender, const Account *account) {
        SenderNote *note = sender_note(sender);
        Caller *caller;

        if (!streq(note->account_id, account_id(account)))
                callers_note_first(sender, account);

        /* Others may have driven it out of the list meanwhile. */
        caller = &c->ring[note->number % CALLERS_MAX];
        if (note->number == 0 || caller->number != note->number) {
                caller = callers_add(c, sender_process(sender), account);
                caller->first_at = note->first_at;
                note->number = caller->number;
        }
        caller->generation = account_generation(account);
        caller->last_at = clock_now();
        caller->tokens = ++note->tokens;
}

static Caller *callers_find_denied(Callers *c, const char *app) {
        for (size_t i = 0; i < CALLERS_MAX; i++) {
                Caller *caller = &c->ring[i];

                if (caller->number > 0 && caller->tokens == 0 &&
                    (streq(caller->app, app) || (!caller->app && !app)))
                        return caller;
        }
        return NULL;
}

void callers_note_denied(Callers *c, Sender *sender, const Account *account) {
        const ProcessInfo *p = sender_process(sender);
        Caller *caller = callers_find_denied(c, p->app);

        if (!caller) {
                callers_log(p, account, "in a sandbox asked for a token and was not allowed it");
                caller = callers_add(c, p, account);
        }
        caller->pid = p->pid;
        caller->last_at = clock_now();
}

static int caller_append(sd_bus_message *m, const BusContext *context, const Caller *caller) {
        Account *account = accounts_by_id(context->world->accounts, caller->account_id);
        _cleanup_free_ char *path = NULL;
        int r = 0;

        if (account)
                r = account_object_path(account, &path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0 && caller->pid > 0)
                r = sd_bus_message_append(m, "{sv}", "pid", "u", (uint32_t) caller->pid);
        if (r >= 0)
                r = dict_append_text(m, "app", "s", caller->app);
        if (r >= 0)
                r = dict_append_text(m, "unit", "s", caller->unit);
        if (r >= 0)
                r = dict_append_text(m, "executable", "s", caller->executable);
        if (r >= 0)
                r = dict_append_text(m, "account", "o", path);
        if (r >= 0)
                r = sd_bus_message_append(
                        m, "{sv}{sv}{sv}{sv}{sv}", "host", "b", (int) caller->is_host, "generation",
                        "u", caller->generation, "first_at", "t",
                        (uint64_t) MAX_OF(caller->first_at, 0), "last_at", "t",
                        (uint64_t) MAX_OF(caller->last_at, 0), "tokens", "t", caller->tokens);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int callers_do_list(Operation *o, sd_bus_error *error) {
        const Callers *c = o->context->callers;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(o->message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "a{sv}");
        for (uint64_t i = 1; r >= 0 && i <= CALLERS_MAX; i++) {
                const Caller *caller = &c->ring[(c->n_noted + i) % CALLERS_MAX];

                if (caller->number > 0)
                        r = caller_append(reply, o->context, caller);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        operation_send(o, reply);
        return 0;
}

int callers_method_list(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, callers_do_list, NULL, error);
}
