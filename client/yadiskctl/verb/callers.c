/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/callers.h"

#include "common/i18n.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/verb/report.h"

#define NUMBER_MAX_BYTES sizeof("18446744073709551615")

/* A connection to the daemon. What is not known is NULL or 0. */
typedef struct Caller {
        const char *app, *unit, *executable;
        const char *account; /* the path of the account that it last asked for */
        uint64_t first_at, last_at, tokens;
        uint32_t pid, generation;
        bool host;
} Caller;

typedef struct Callers {
        Caller *all; /* the latest first */
        size_t n;
        sd_bus_message *message; /* which holds the strings */
} Callers;

static const DictField caller_fields[] = {
        { "pid", "u", offsetof(Caller, pid) },
        { "app", "s", offsetof(Caller, app) },
        { "host", "b", offsetof(Caller, host) },
        { "unit", "s", offsetof(Caller, unit) },
        { "executable", "s", offsetof(Caller, executable) },
        { "account", "o", offsetof(Caller, account) },
        { "generation", "u", offsetof(Caller, generation) },
        { "first_at", "t", offsetof(Caller, first_at) },
        { "last_at", "t", offsetof(Caller, last_at) },
        { "tokens", "t", offsetof(Caller, tokens) },
        {},
};

static const char *const heads[] = {
        N_("When"), N_("Program"), N_("Process"), N_("Sandbox"), N_("Account"), N_("Tokens"),
};

#define N_COLUMNS ELEMENTSOF(heads)

static void callers_done(Callers *c) {
        sd_bus_message_unref(c->message);
        free(c->all);
        *c = (Callers){};
}

static int callers_compare(const void *a, const void *b) {
        const Caller *x = a, *y = b;

        if (x->last_at != y->last_at)
                return x->last_at < y->last_at ? 1 : -1;
        return 0;
}

/* Takes a reference to the message. */
static int callers_parse(sd_bus_message *m, Callers *ret) {
        _cleanup_(callers_done) Callers c = { .message = sd_bus_message_ref(m) };
        int r;

        r = sd_bus_message_enter_container(m, 'a', "a{sv}");
        while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
                Caller *larger = reallocarray(c.all, c.n + 1, sizeof(Caller));

                if (!larger)
                        return -ENOMEM;
                c.all = larger;
                c.all[c.n] = (Caller){};
                r = dict_read(m, caller_fields, &c.all[c.n++]);
        }
        if (r < 0)
                return r;

        if (c.n > 0)
                qsort(c.all, c.n, sizeof(Caller), callers_compare);
        *ret = c;
        c = (Callers){};
        return 0;
}

static ExitStatus callers_read(sd_bus *bus, Callers *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = bus_new_call(bus, NULL, &call, "ListCallers", NULL);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = callers_parse(reply, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

/* A scope, such as that of a login, does not name the program that was started in it. */
static bool caller_is_service(const Caller *c) {
        const char *dot = c->unit ? strrchr(c->unit, '.') : NULL;

        return dot && streq(dot, ".service");
}

/* The best name there is for it. */
static const char *caller_name(const Caller *c) {
        const char *unit = caller_is_service(c) ? c->unit : NULL;

        return table_text(str_or_empty(c->app ?: unit ?: c->executable ?: c->unit));
}

/* An account that is gone has no name. */
static const char *caller_account(const Caller *c, const Snapshot *s, bool for_people) {
        const Account *a = c->account ? snapshot_find(s, c->account) : NULL;

        if (!a)
                return table_text("");
        return for_people ? account_name(a) : a->id;
}

/* The words of a row that have to be made. */
typedef struct CallerWords {
        char when[DURATION_MAX_BYTES];
        char pid[NUMBER_MAX_BYTES];
        char tokens[NUMBER_MAX_BYTES];
} CallerWords;

static void caller_fill_row(const Caller *c, const Snapshot *s, bool for_people, CallerWords *w,
                            TableRow *row) {
        if (for_people)
                (void) duration_print(c->last_at, time_now(), w->when);
        else
                (void) snprintf(w->when, sizeof(w->when), "%" PRIu64, c->last_at);
        (void) snprintf(w->pid, sizeof(w->pid), "%" PRIu32, c->pid);
        (void) snprintf(w->tokens, sizeof(w->tokens), "%" PRIu64, c->tokens);

        *row = (TableRow){ {
                { w->when, COLOUR_PLAIN },
                { caller_name(c), COLOUR_PLAIN },
                { c->pid > 0 ? w->pid : table_text(""), COLOUR_PLAIN },
                { for_people ? (c->host ? _("no") : _("yes")) : (c->host ? "host" : "sandbox"),
                  COLOUR_PLAIN },
                { caller_account(c, s, for_people), COLOUR_PLAIN },
                { w->tokens, COLOUR_PLAIN },
        } };
}

static ExitStatus callers_print(const Callers *c, const Snapshot *s, bool for_people) {
        _cleanup_free_ CallerWords *words = calloc(c->n + 1, sizeof(CallerWords));
        _cleanup_free_ TableRow *rows = calloc(c->n + 1, sizeof(TableRow));
        Table t = { heads, N_COLUMNS, for_people, rows, c->n };

        if (!words || !rows)
                return fail_errno(-ENOMEM, "list the programs");
        if (c->n == 0)
                remark("No program has asked for a token since yadisk-tokend was started.");

        for (size_t i = 0; i < c->n; i++)
                caller_fill_row(&c->all[i], s, for_people, &words[i], &rows[i]);
        table_print(&t);
        return EXIT_STATUS_OK;
}

static void caller_write_number(Json *j, const char *key, uint64_t value) {
        if (value > 0)
                json_unsigned(j, key, value);
        else
                json_string(j, key, NULL);
}

static ExitStatus callers_print_json(const Callers *callers, const Snapshot *s) {
        _cleanup_(json_freep) Json *j = json_new();

        json_begin(j, "callers", "[");
        for (const Caller *c = callers->all; c < callers->all + callers->n; c++) {
                const Account *a = c->account ? snapshot_find(s, c->account) : NULL;

                json_begin(j, NULL, "{");
                caller_write_number(j, "pid", c->pid);
                json_string(j, "app", c->app);
                json_bool(j, "host", c->host);
                json_string(j, "unit", c->unit);
                json_string(j, "executable", c->executable);
                json_string(j, "account", a ? a->id : NULL);
                json_string(j, "label", a ? a->label : NULL);
                caller_write_number(j, "generation", c->generation);
                json_time(j, "first_at", c->first_at);
                json_time(j, "last_at", c->last_at);
                json_unsigned(j, "tokens", c->tokens);
                json_end(j, "}");
        }
        json_end(j, "]");
        return json_write(j);
}

static void callers_keep_those_of(Callers *c, const Account *only) {
        size_t kept = 0;

        for (size_t i = 0; i < c->n; i++)
                if (streq(c->all[i].account, only->path))
                        c->all[kept++] = c->all[i];
        c->n = kept;
}

ExitStatus callers_report(sd_bus *bus, bool json, const Snapshot *s, const Account *only) {
        _cleanup_(callers_done) Callers callers = {};
        ExitStatus status;

        status = callers_read(bus, &callers);
        if (status != EXIT_STATUS_OK)
                return status;

        if (only)
                callers_keep_those_of(&callers, only);
        return json ? callers_print_json(&callers, s)
                    : callers_print(&callers, s, isatty(STDOUT_FILENO));
}

void callers_report_apps(const char *prefix) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(callers_done) Callers callers = {};
        int r;

        r = report_connect(&bus);
        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                                   TOKENS_MANAGER_INTERFACE, "ListCallers");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, NULL, &reply);
        if (r >= 0)
                r = callers_parse(reply, &callers);

        for (size_t i = 0; r >= 0 && i < callers.n; i++)
                if (callers.all[i].app)
                        say("%s%s", prefix, callers.all[i].app);
}
