/* SPDX-License-Identifier: MIT */

/* yadiskctl doctor: looks at everything that has to work, and says what does not and what to do. */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/doctor/check.h"
#include "yadiskctl/terminal/text.h"

/* The verdict and a gap. */
#define VERDICT_COLUMN 11

#define GAP 2

#define PATIENCE_USEC (UINT64_C(3) * 1000 * 1000)

typedef struct Doctor {
        Json *json; /* NULL for people, who see each check as soon as it is made */
        bool as_json;
        size_t title_column;
        Findings findings;
        Check first_trouble; /* VERDICT_OK where there is none */
        bool attention;
} Doctor;

static void doctor_done(Doctor *d) {
        findings_done(&d->findings);
        json_free(d->json);
}

static Colour colour_of(Verdict v) {
        static const Colour colours[_VERDICT_MAX] = {
                [VERDICT_OK] = COLOUR_GOOD,
                [VERDICT_ATTENTION] = COLOUR_ATTENTION,
                [VERDICT_TROUBLE] = COLOUR_TROUBLE,
                [VERDICT_SKIPPED] = COLOUR_FAINT,
        };

        return colours[v];
}

/* Behind the longest title in the user's language. */
static size_t find_title_column(void) {
        static const CheckRow *const all[] = { session_checks, machine_checks, account_checks };
        size_t length, longest = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                for (const CheckRow *row = all[i]; row->name; row++) {
                        length = text_columns(_(row->title));
                        longest = MAX_OF(longest, length);
                }
        return longest + GAP;
}

static void say_check(const Doctor *d, const CheckRow *row, const Check *c) {
        const char *verdict = _(verdict_name(c->verdict)), *title = _(row->title);

        say_part(colour_of(c->verdict), "%-*s", text_padding(verdict, VERDICT_COLUMN), verdict);
        say_part(COLOUR_PLAIN, "%-*s", text_padding(title, d->title_column), title);
        say_margin();
        say_part(COLOUR_PLAIN, "%s", c->message);
        say_end();
        if (*c->advice)
                say("%*s%s", (int) (VERDICT_COLUMN + d->title_column), "", c->advice);
}

static void write_check(Json *j, const CheckRow *row, const Check *c) {
        json_object_begin(j, NULL);
        json_string(j, "name", row->name);
        json_string(j, "account", c->account ? c->account->id : NULL);
        json_string(j, "verdict", verdict_name(c->verdict));
        json_string(j, "message", c->message);
        json_string(j, "advice", *c->advice ? c->advice : NULL);
        json_object_end(j);
}

static void examine(Doctor *d, const CheckRow *rows, const Account *account) {
        for (const CheckRow *row = rows; row->name; row++) {
                Check c = { .account = account, .english = d->as_json };

                row->run(&d->findings, &c);
                if (d->as_json)
                        write_check(d->json, row, &c);
                else
                        say_check(d, row, &c);

                if (c.verdict == VERDICT_TROUBLE && d->first_trouble.verdict == VERDICT_OK)
                        d->first_trouble = c;
                d->attention = d->attention || c.verdict == VERDICT_ATTENTION;
        }
}

/* What is known already is shown while the rest is found out. */
static void examine_session_and_machine(Doctor *d) {
        findings_read_session(&d->findings);
        examine(d, session_checks, NULL);
        (void) fflush(stdout);
        findings_read_machine(&d->findings);
        examine(d, machine_checks, NULL);
        (void) fflush(stdout);
}

static ExitStatus examine_accounts(Doctor *d) {
        Snapshot *s = &d->findings.snapshot;
        int r;

        /* What was changed just now may still be being written. */
        if (d->findings.daemon.state == DAEMON_THERE)
                (void) snapshot_settle(d->findings.bus, PATIENCE_USEC, s);
        r = findings_read_accounts(&d->findings);
        if (r < 0)
                return fail_errno(r, "ask about the accounts");

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++) {
                if (!d->as_json) {
                        say_gap();
                        say_part(COLOUR_STRONG, "%s", account_name(a));
                        say_end();
                }
                examine(d, account_checks, a);
        }
        return EXIT_STATUS_OK;
}

static void say_conclusion(const Doctor *d) {
        say_gap();
        if (d->first_trouble.verdict == VERDICT_TROUBLE)
                say("What to do first: %s", d->first_trouble.advice);
        else if (d->attention)
                say("Everything works; what needs attention is shown above.");
        else
                say("Nothing is wrong.");
}

ExitStatus verb_doctor(const Command *c) {
        _cleanup_(doctor_done) Doctor d = {
                .as_json = c->json,
                .title_column = find_title_column(),
                .findings = FINDINGS_INIT,
        };
        ExitStatus s;

        if (d.as_json) {
                d.json = json_new();
                json_array_begin(d.json, "checks");
        }

        examine_session_and_machine(&d);
        s = examine_accounts(&d);
        if (s != EXIT_STATUS_OK)
                return s;

        if (d.as_json) {
                json_array_end(d.json);
                s = json_write(d.json);
        } else
                say_conclusion(&d);
        return s == EXIT_STATUS_OK ? d.first_trouble.status : s;
}
