/* SPDX-License-Identifier: MIT */

/* yadiskctl list: the accounts, one a line. */

#include "common/i18n.h"
#include "yadiskctl/account.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/report.h"
#include "yadiskctl/text.h"
#include "yadiskctl/verbs.h"

/* Somebody has pressed Tab and waits for both calls. */
#define NAMES_TIMEOUT_USEC (UINT64_C(500) * 1000)

const Option list_options[] = {
        { "names", NULL, N_("Print nothing but what the accounts are called, for completions") },
        {},
};

typedef struct Widths {
        size_t id, label, login, state;
} Widths;

static Widths measure(const Snapshot *s) {
        Widths w = {};

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++) {
                w.id = MAX_OF(w.id, text_columns(a->id));
                w.label = MAX_OF(w.label, text_columns(a->label));
                w.login = MAX_OF(w.login, text_columns(a->login));
                w.state = MAX_OF(w.state, text_columns(a->state));
        }
        return w;
}

static void print_account(const Account *a, const Widths *w) {
        say("%-*s  %-*s  %-*s  %-*s  %s", text_padding(a->id, w->id), a->id,
            text_padding(a->label, w->label), a->label, text_padding(a->login, w->login), a->login,
            text_padding(a->state, w->state), a->state, a->is_default ? "default" : "-");
}

/* What cannot be found out at once is not worth a word, nor is a daemon started for it. */
static ExitStatus print_names(void) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        int r;

        r = bus_connect(&bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, NAMES_TIMEOUT_USEC);
        if (r >= 0)
                r = snapshot_ask(bus, false, &snapshot, &error);
        if (r < 0)
                return EXIT_STATUS_OK;

        for (size_t i = 0; i < snapshot.n_accounts; i++)
                say("%s", account_name(&snapshot.accounts[i]));
        return EXIT_STATUS_OK;
}

static ExitStatus print_accounts(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        ExitStatus s;
        Widths w;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        if (c->json)
                return report_json(&snapshot, NULL);

        if (snapshot.n_accounts == 0)
                remark("%s", _(condition_sentence(report_nobody(&snapshot))));

        w = measure(&snapshot);
        for (size_t i = 0; i < snapshot.n_accounts; i++)
                print_account(&snapshot.accounts[i], &w);
        return EXIT_STATUS_OK;
}

ExitStatus verb_list(const Command *c) {
        if (!command_option(c, "names"))
                return print_accounts(c);
        if (c->json)
                return fail(
                        EXIT_STATUS_USAGE,
                        "--names and --json exclude each other; the labels are in the JSON, too.");
        return print_names();
}
