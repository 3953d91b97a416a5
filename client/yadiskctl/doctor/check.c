/* SPDX-License-Identifier: MIT */

/* Checks, from the bus and the daemon to the machine between it and Yandex; and the report of them
 * all. */

#include "yadiskctl/doctor/check.h"

#include <stdarg.h>
#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/text.h"

#define TIME_MAX_BYTES 64

/* The columns of the verdict, and a gap behind the longest title. */
#define VERDICT_COLUMNS 11
#define GAP             2

static const struct {
        const char *name;
        Colour colour;
} verdicts[_VERDICT_MAX] = {
        [VERDICT_OK] = { N_("ok"), COLOUR_GOOD },
        [VERDICT_ATTENTION] = { N_("attention"), COLOUR_ATTENTION },
        [VERDICT_TROUBLE] = { N_("trouble"), COLOUR_TROUBLE },
        [VERDICT_SKIPPED] = { N_("skipped"), COLOUR_FAINT },
};

const char *verdict_name(Verdict v) {
        return verdicts[v].name;
}

const char *check_words(const Check *c, const char *text) {
        return c->result.english ? text : i18n_reason(text);
}

static void check_set(Check *c, Verdict verdict, const char *advice, const char *message,
                      va_list ap) __attribute__((format(printf, 4, 0)));

static void check_set(Check *c, Verdict verdict, const char *advice, const char *message,
                      va_list ap) {
        Problem *t = &c->result;

        c->verdict = verdict;
        (void) vsnprintf(t->message, sizeof(t->message), problem_words(t, message), ap);
        (void) snprintf(t->advice, sizeof(t->advice), "%s", check_words(c, advice));
}

void check_ok(Check *c, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        check_set(c, VERDICT_OK, "", message, ap);
        va_end(ap);
}

void check_skip(Check *c, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        check_set(c, VERDICT_SKIPPED, "", message, ap);
        va_end(ap);
}

void check_attention(Check *c, const char *advice, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        check_set(c, VERDICT_ATTENTION, advice, message, ap);
        va_end(ap);
}

void check_trouble(Check *c, ExitStatus status, const char *advice, const char *message, ...) {
        va_list ap;

        c->result.status = status;
        va_start(ap, message);
        check_set(c, VERDICT_TROUBLE, advice, message, ap);
        va_end(ap);
}

bool findings_yandex_was_asked(const Findings *f) {
        return f->network.known && f->network.reachable && f->network.trusted;
}

/* If Yandex does not tell its time, our clock is compared with when the accounts got their tokens,
 * which cannot be in the future. */
bool findings_clock_is_wrong(const Findings *f) {
        uint64_t here = f->network.local_time, there = f->network.server_time;

        if (!f->network.known)
                return false;
        if (there != 0)
                return (here > there ? here - there : there - here) > CLOCK_SKEW_MAX;
        for (size_t i = 0; i < f->snapshot.n_accounts; i++)
                if (f->snapshot.accounts[i].obtained_at > here + CLOCK_SKEW_MAX)
                        return true;
        return false;
}

static void check_bus(const Findings *f, Check *c) {
        if (f->bus)
                return check_ok(c, "The session bus is there.");

        bus_fault_judge(&f->bus_fault, &c->result);
        c->verdict = VERDICT_TROUBLE;
}

/* If the daemon runs all the same, the unit only keeps it from running the next time. */
static void check_broken_unit(const Findings *f, Check *c) {
        unit_judge(&f->daemon.unit, &c->result);
        c->verdict = VERDICT_TROUBLE;
        if (f->daemon.state == DAEMON_THERE) {
                c->verdict = VERDICT_ATTENTION;
                c->result.status = EXIT_STATUS_OK;
        }
}

static void check_unit(const Findings *f, Check *c) {
        const Unit *u = &f->daemon.unit;

        if (!f->bus)
                check_skip(c, "Not looked for without a session bus.");
        else if (!u->has_manager && f->filtered)
                check_skip(c, "Not to be seen from inside of a sandbox.");
        else if (!u->has_manager)
                check_ok(c, "The services of this session are not run by systemd; the bus starts "
                            "the daemon.");
        else if (unit_is_broken(u))
                check_broken_unit(f, c);
        else if (streq(u->load_state, "not-found"))
                check_attention(c,
                                N_("Install it where systemd looks for units of users, then run "
                                   "\"systemctl --user daemon-reload\"."),
                                "yadisk-tokend.service is not installed; tokens that could not be "
                                "saved do not survive the end of the daemon.");
        else if (streq(u->file_state, "disabled"))
                check_attention(c, N_("Run \"systemctl --user enable yadisk-tokend.service\"."),
                                "yadisk-tokend.service does not start with the session; nothing is "
                                "renewed before a program asks for a token.");
        else
                check_ok(c, "yadisk-tokend.service is installed and starts with the session.");
}

static void check_daemon_version(const Findings *f, Check *c) {
        if (streq(f->snapshot.version, YADISK_VERSION))
                return check_ok(c, "yadisk-tokend %s answers.", f->snapshot.version);

        problem_set(&c->result, "yadisk-tokend is of version %s, yadiskctl of %s.",
                    f->snapshot.version, YADISK_VERSION);
        daemon_findings_advise_restart(&f->daemon, false, &c->result);
        c->verdict = VERDICT_ATTENTION;
}

static void check_daemon(const Findings *f, Check *c) {
        if (f->daemon.state == DAEMON_NOT_LOOKED_FOR)
                return check_skip(c, "Not looked for without a session bus.");
        if (f->daemon.state == DAEMON_THERE)
                return check_daemon_version(f, c);
        if (unit_is_broken(&f->daemon.unit))
                return check_skip(c, "It is not running because of its unit.");

        daemon_findings_judge(&f->daemon, &c->result);
        c->verdict = VERDICT_TROUBLE;
}

const CheckRow session_checks[] = {
        { "bus", N_("Session bus"), NULL, check_bus },
        { "unit", N_("Service unit"), NULL, check_unit },
        { "daemon", N_("Daemon"), NULL, check_daemon },
        {},
};

/* The same in every language. */
static const char *check_print_utc(uint64_t when, char buffer[static TIME_MAX_BYTES]) {
        time_t t = (time_t) when;
        struct tm tm;

        if (when > INT64_MAX || !gmtime_r(&t, &tm) ||
            strftime(buffer, TIME_MAX_BYTES, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
                return strcpy(buffer, "?");
        return buffer;
}

/* Whether the machine could be looked at. If not, the check is skipped. */
static bool check_needs_daemon(const Findings *f, Check *c) {
        if (f->daemon.state != DAEMON_THERE)
                check_skip(c, "Not known without the daemon.");
        return f->daemon.state == DAEMON_THERE;
}

/* The same for what only Manager.Diagnose tells. */
static bool check_needs_network(const Findings *f, Check *c) {
        if (!check_needs_daemon(f, c))
                return false;
        if (!f->network.known)
                check_skip(c, "Not known; this yadisk-tokend could not find it out.");
        return f->network.known;
}

static void check_keyring(const Findings *f, Check *c) {
        if (f->keyring.condition == 0)
                return check_ok(c, "The keyring is unlocked.");

        keyring_findings_judge(&f->keyring, &c->result);
        c->verdict = VERDICT_TROUBLE;
}

static void check_network(const Findings *f, Check *c) {
        if (!f->network.reachable)
                check_trouble(c, EXIT_STATUS_TRY_LATER,
                              N_("Check the network, and the proxy if there is one."),
                              "Yandex cannot be reached at %s: %s.", f->network.host,
                              check_words(c, f->network.reason));
        else if (f->network.trusted && *f->network.reason)
                check_trouble(c, EXIT_STATUS_TRY_LATER, N_("Try again later."),
                              "Yandex does not answer as it should at %s: %s.", f->network.host,
                              check_words(c, f->network.reason));
        else
                check_ok(c, "Yandex can be reached.");
}

static void check_tls(const Findings *f, Check *c) {
        char now[TIME_MAX_BYTES];

        if (f->network.trusted && !f->network.reachable)
                check_skip(c, "Not known while Yandex cannot be reached.");
        else if (f->network.trusted)
                check_ok(c, "The certificate of Yandex is valid.");
        else if (findings_clock_is_wrong(f))
                check_skip(c, "Certificates cannot be judged while the clock is wrong.");
        else
                check_trouble(c, EXIT_STATUS_TRY_LATER,
                              N_("If that is not the time, set the clock; otherwise something "
                                 "answers in place of Yandex, such as the sign-in page of a Wi-Fi "
                                 "network or a proxy: open a page in the browser to see it."),
                              "At %s %s; it is %s here.", f->network.host,
                              check_words(c, f->network.reason),
                              check_print_utc(f->network.local_time, now));
}

static void check_clock(const Findings *f, Check *c) {
        const char *advice = N_("Set the clock; \"timedatectl set-ntp true\" keeps it right.");
        char here[TIME_MAX_BYTES], there[TIME_MAX_BYTES];

        check_print_utc(f->network.local_time, here);
        if (!findings_clock_is_wrong(f) && f->network.server_time == 0)
                check_skip(c, "Not known while Yandex does not tell its time.");
        else if (!findings_clock_is_wrong(f))
                check_ok(c, "The clock of this machine agrees with that of Yandex.");
        else if (f->network.server_time == 0)
                check_trouble(
                        c, EXIT_STATUS_FAILURE, advice,
                        "The clock of this machine shows %s, which is before a token was obtained.",
                        here);
        else
                check_trouble(c, EXIT_STATUS_FAILURE, advice,
                              "The clock of this machine shows %s, that of Yandex %s.", here,
                              check_print_utc(f->network.server_time, there));
}

static void check_device_id(const Findings *f, Check *c) {
        if (f->network.has_device_id)
                check_ok(c, "Sign-ins are bound to this machine.");
        else
                check_attention(
                        c,
                        N_("Run \"systemd-machine-id-setup\" as root, restart yadisk-tokend, and "
                           "sign in again."),
                        "This machine has no machine-id; sign-ins cannot be revoked from here.");
}

static void check_accounts(const Findings *f, Check *c) {
        if (f->snapshot.n_accounts > 0)
                check_ok(c, "Accounts that are signed in: %zu.", f->snapshot.n_accounts);
        else if (!streq(f->snapshot.keyring, "unlocked"))
                check_skip(c, "Not known without the keyring.");
        else {
                bus_judge_no_account(f->needs_setup, &c->result);
                c->verdict = VERDICT_TROUBLE;
        }
}

const CheckRow machine_checks[] = {
        { "keyring", N_("Keyring"), check_needs_daemon, check_keyring },
        { "network", N_("Network"), check_needs_network, check_network },
        { "tls", N_("Certificates"), check_needs_network, check_tls },
        { "clock", N_("Clock"), check_needs_network, check_clock },
        { "device-id", N_("Device id"), check_needs_network, check_device_id },
        { "accounts", N_("Accounts"), check_needs_daemon, check_accounts },
        {},
};

static void check_feeds(const Findings *f, Check *c) {
        if (!f->bus)
                check_skip(c, "Not looked for without a session bus.");
        else if (!f->feeds_work) {
                c->verdict = VERDICT_TROUBLE;
                c->result = f->feed_problem;
        } else if (!f->feeds_enabled)
                check_attention(c, N_("Run \"systemctl --user enable yadisk-token-feed.socket\"."),
                                "yadisk-token-feed.socket does not start with the session; until "
                                "it is started, no program gets tokens from it.");
        else if (f->n_orphans > 0)
                check_attention(
                        c,
                        N_("\"yadiskctl feed list\" shows them; give their remotes an account "
                           "with \"yadiskctl feed add\", or end them with \"yadiskctl feed "
                           "remove\"."),
                        "Feeds whose account is not signed in any more: %zu of %zu.", f->n_orphans,
                        f->n_feeds);
        else
                check_ok(c, "Programs that can be fed: %zu.", f->n_feeds);
}

const CheckRow feed_checks[] = {
        { "feeds", N_("Feeds"), NULL, check_feeds },
        {},
};

void check_run(const CheckRow *row, const Findings *f, Check *c) {
        if (!row->needs || row->needs(f, c))
                row->run(f, c);
}

void doctor_report_begin(DoctorReport *report, bool as_json) {
        *report = (DoctorReport){ .as_json = as_json };
        if (as_json) {
                report->json = json_new();
                json_begin(report->json, "checks", "[");
        }
}

void doctor_report_done(DoctorReport *report) {
        report->json = json_free(report->json);
}

/* Behind the longest title of all checks in the user's language. */
static size_t doctor_report_title_columns(void) {
        static const CheckRow *const all[] = { session_checks, machine_checks, feed_checks,
                                               account_checks };
        size_t longest = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                for (const CheckRow *row = all[i]; row->name; row++)
                        longest = MAX_OF(longest, text_columns(_(row->title)));
        return longest + GAP;
}

static void doctor_report_say(const CheckRow *row, const Check *c) {
        const char *verdict = _(verdict_name(c->verdict)), *title = _(row->title);
        size_t columns = doctor_report_title_columns();

        say_part(verdicts[c->verdict].colour, "%-*s", text_padding(verdict, VERDICT_COLUMNS),
                 verdict);
        say_part(COLOUR_PLAIN, "%-*s", text_padding(title, columns), title);
        say_margin();
        say_part(COLOUR_PLAIN, "%s", c->result.message);
        say_end();
        if (*c->result.advice)
                say("%*s%s", (int) (VERDICT_COLUMNS + columns), "", c->result.advice);
}

static void doctor_report_write(Json *j, const CheckRow *row, const Check *c) {
        json_begin(j, NULL, "{");
        json_string(j, "name", row->name);
        json_string(j, "account", c->account ? c->account->id : NULL);
        json_string(j, "verdict", verdict_name(c->verdict));
        json_string(j, "message", c->result.message);
        json_string(j, "advice", *c->result.advice ? c->result.advice : NULL);
        json_end(j, "}");
}

void doctor_report_checks(DoctorReport *report, const Findings *f, const CheckRow *rows,
                          const Account *account) {
        if (account && !report->as_json) {
                say_gap();
                say_part(COLOUR_STRONG, "%s", account_name(account));
                say_end();
        }

        for (const CheckRow *row = rows; row->name; row++) {
                Check c = { .account = account, .result.english = report->as_json };

                check_run(row, f, &c);
                if (report->as_json)
                        doctor_report_write(report->json, row, &c);
                else
                        doctor_report_say(row, &c);

                if (c.verdict == VERDICT_TROUBLE && report->first_trouble.verdict == VERDICT_OK)
                        report->first_trouble = c;
                report->has_attention = report->has_attention || c.verdict == VERDICT_ATTENTION;
        }
}

ExitStatus doctor_report_conclude(DoctorReport *report) {
        const Check *first = &report->first_trouble;
        ExitStatus s = EXIT_STATUS_OK;

        if (report->as_json) {
                json_end(report->json, "]");
                s = json_write(report->json);
        } else {
                say_gap();
                if (first->verdict == VERDICT_TROUBLE)
                        say("What to do first: %s", first->result.advice);
                else if (report->has_attention)
                        say("Everything works; what needs attention is shown above.");
                else
                        say("Nothing is wrong.");
        }
        return s == EXIT_STATUS_OK ? first->result.status : s;
}
