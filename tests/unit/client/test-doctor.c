/* SPDX-License-Identifier: MIT */

/* What doctor concludes from what was found out, above all where that is hard to bring about. */

#include "check.h"
#include "common/names.h"
#include "yadiskctl/doctor/check.h"

static Account account;
static AccountFindings yandex;

/* A machine on which nothing is wrong, with one account. */
static Findings healthy(void) {
        static char *no_scopes[] = { NULL };
        Findings f = FINDINGS_INIT;

        account = (Account){
                .path = "/a",
                .id = "a",
                .label = "home",
                .login = "ivan",
                .client_id = "app",
                .state = "active",
                .error_name = "",
                .error_message = "",
                .obtained_at = 1000,
                .generation = 1,
                .saved = true,
        };
        yandex = (AccountFindings){
                .known = true,
                .token = "accepted",
                .application = "accepted",
                .client_secret = "known",
                .disk = "ok",
                .reason = "",
                .missing_scopes = no_scopes,
        };
        f.bus = (sd_bus *) &account; /* only ever looked at for NULL */
        f.daemon.state = DAEMON_THERE;
        f.daemon.unit = (Unit){ .has_manager = true,
                                .load_state = "loaded",
                                .active_state = "active",
                                .sub_state = "running",
                                .file_state = "enabled",
                                .result = "success" };
        f.network.known = f.network.reachable = f.network.has_device_id = true;
        f.network.server_time = f.network.local_time = 2000;
        f.snapshot.version = YADISK_VERSION;
        f.snapshot.keyring = "unlocked";
        f.snapshot.accounts = &account;
        f.snapshot.n_accounts = 1;
        f.accounts = &yandex;
        f.n_feeds = 1;
        f.feeds_work = f.feeds_enabled = true;
        return f;
}

static const Check *examine(const Findings *f, const char *name) {
        const CheckRow *const tables[] = { session_checks, machine_checks, account_checks,
                                           feed_checks };
        static Check c;

        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                for (const CheckRow *row = tables[i]; row->name; row++) {
                        if (!streq(row->name, name))
                                continue;
                        c = (Check){ .account = i == 2 ? &account : NULL,
                                     .verdict = _VERDICT_INVALID };
                        check_run(row, f, &c);
                        CHECK(*c.result.message);
                        CHECK((c.verdict == VERDICT_ATTENTION || c.verdict == VERDICT_TROUBLE) ==
                              (*c.result.advice != '\0'));
                        CHECK((c.verdict == VERDICT_TROUBLE) ==
                              (c.result.status != EXIT_STATUS_OK));
                        return &c;
                }
        CHECK(!"a check of that name");
        return NULL;
}

static const char *verdict(const Findings *f, const char *name) {
        return verdict_name(examine(f, name)->verdict);
}

static ExitStatus status(const Findings *f, const char *name) {
        return examine(f, name)->result.status;
}

static void a_healthy_machine_is_healthy(void) {
        const CheckRow *const tables[] = { session_checks, machine_checks, account_checks,
                                           feed_checks };
        Findings f = healthy();

        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                for (const CheckRow *row = tables[i]; row->name; row++)
                        CHECK_STR(verdict(&f, row->name), "ok");
}

static void the_unit(void) {
        Findings f = healthy();

        f.daemon.unit.file_state = "disabled";
        CHECK_STR(verdict(&f, "unit"), "attention");
        f.daemon.unit.load_state = "not-found";
        CHECK_STR(verdict(&f, "unit"), "attention");
        f = healthy();
        f.daemon.unit.has_manager = false;
        f.daemon.unit.load_state = f.daemon.unit.active_state = f.daemon.unit.file_state = "";
        CHECK_STR(verdict(&f, "unit"), "ok");
        f.filtered = true; /* the manager may be hidden, too */
        CHECK_STR(verdict(&f, "unit"), "skipped");
}

/* One cause, one trouble. */
static void a_broken_unit_is_why_there_is_no_daemon(void) {
        static const char *const broken[] = { "masked", "error", "bad-setting" };
        Findings f = healthy();

        for (size_t i = 0; i < ELEMENTSOF(broken); i++) {
                f.daemon.unit.load_state = broken[i];
                f.daemon.state = DAEMON_THERE;
                CHECK_STR(verdict(&f, "unit"), "attention");
                CHECK_STR(verdict(&f, "daemon"), "ok");
                f.daemon.state = DAEMON_NOT_STARTED;
                CHECK_INT(status(&f, "unit"), EXIT_STATUS_NO_DAEMON);
                CHECK_STR(verdict(&f, "daemon"), "skipped");
        }

        f.daemon.unit.load_state = "loaded";
        f.daemon.unit.active_state = "failed";
        CHECK_STR(verdict(&f, "unit"), "trouble");
        f.daemon.unit.active_state = "activating"; /* again and again */
        CHECK_STR(verdict(&f, "unit"), "ok");
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_NO_DAEMON);
}

static void the_daemon(void) {
        Findings f = healthy();

        f.snapshot.version = "0";
        CHECK_STR(verdict(&f, "daemon"), "attention");
        f.daemon.state = DAEMON_SILENT;
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_NO_DAEMON);
        f.daemon.state = DAEMON_FORBIDDEN;
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_DENIED);
        f.daemon.state = DAEMON_HIDDEN;
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_DENIED);
        f.daemon.state = DAEMON_ODD;
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_FAILURE);
        f.daemon.state = DAEMON_ABSENT;
        CHECK_INT(status(&f, "daemon"), EXIT_STATUS_NO_DAEMON);
        for (const CheckRow *row = machine_checks; row->name; row++)
                CHECK_STR(verdict(&f, row->name), "skipped");
}

/* The daemon of an earlier version. */
static void without_a_diagnosis(void) {
        Findings f = healthy();

        f.network = (NetworkFindings){ .trusted = true, .reason = "", .host = "" };
        f.accounts = NULL;
        CHECK_STR(verdict(&f, "keyring"), "ok");
        CHECK_STR(verdict(&f, "network"), "skipped");
        CHECK_STR(verdict(&f, "tls"), "skipped");
        CHECK_STR(verdict(&f, "clock"), "skipped");
        CHECK_STR(verdict(&f, "device-id"), "skipped");
        CHECK_STR(verdict(&f, "token"), "skipped");
        CHECK_STR(verdict(&f, "renewal"), "ok");
}

static void the_clock(void) {
        Findings f = healthy();

        f.network.local_time = f.network.server_time + CLOCK_SKEW_MAX;
        CHECK_STR(verdict(&f, "clock"), "ok");
        f.network.local_time++;
        CHECK_INT(status(&f, "clock"), EXIT_STATUS_FAILURE);
        f.network.local_time = f.network.server_time - CLOCK_SKEW_MAX;
        CHECK_STR(verdict(&f, "clock"), "ok");
        f.network.local_time--;
        CHECK_STR(verdict(&f, "clock"), "trouble");
        CHECK_STR(verdict(&f, "renewal"), "skipped");
}

/* Nobody tells the time; but a token is older than this moment. */
static void a_clock_that_nobody_contradicts(void) {
        Findings f = healthy();

        f.network.trusted = false;
        f.network.server_time = 0;
        CHECK_STR(verdict(&f, "clock"), "skipped");
        CHECK_STR(verdict(&f, "tls"), "trouble");
        f.network.local_time = account.obtained_at - CLOCK_SKEW_MAX;
        CHECK_STR(verdict(&f, "clock"), "skipped");
        f.network.local_time--;
        CHECK_STR(verdict(&f, "clock"), "trouble");
        CHECK_STR(verdict(&f, "tls"), "skipped");
        f.network.local_time = UINT64_MAX; /* whatever is shown then */
        f.network.server_time = 1;
        CHECK_STR(verdict(&f, "clock"), "trouble");
}

static void the_network(void) {
        Findings f = healthy();

        f.network.reachable = false;
        CHECK_INT(status(&f, "network"), EXIT_STATUS_TRY_LATER);
        CHECK_STR(verdict(&f, "tls"), "skipped");
        f = healthy();
        f.network.reason = "the server has trouble of its own";
        CHECK_INT(status(&f, "network"), EXIT_STATUS_TRY_LATER);
        CHECK_STR(verdict(&f, "tls"), "ok");
        f.network.trusted = false;
        CHECK_STR(verdict(&f, "network"), "ok");
        CHECK_INT(status(&f, "tls"), EXIT_STATUS_TRY_LATER);
}

static void the_device_id(void) {
        Findings f = healthy();

        f.network.has_device_id = false;
        CHECK_STR(verdict(&f, "device-id"), "attention");
}

static void what_an_account_shows_by_itself(void) {
        Findings f = healthy();

        account.state = "locked";
        account.generation = 0;
        for (const CheckRow *row = account_checks; row->name; row++)
                CHECK_STR(verdict(&f, row->name), "skipped");
        account.error_name = TOKENS_ERROR("KeyringFailed");
        CHECK_INT(status(&f, "sign-in"), EXIT_STATUS_KEYRING);
        CHECK(strstr(examine(&f, "token")->result.message, "cannot be read"));
        CHECK(strstr(examine(&f, "saved")->result.message, "cannot be read"));

        f = healthy();
        account.state = "expired";
        CHECK_INT(status(&f, "renewal"), EXIT_STATUS_TRY_LATER);
        f.network.reachable = false;
        CHECK_STR(verdict(&f, "renewal"), "skipped");
}

static void what_is_not_saved(void) {
        Findings f = healthy();

        CHECK_STR(verdict(&f, "saved"), "ok");
        account.saved = false; /* being written */
        CHECK_STR(verdict(&f, "saved"), "attention");
        account.error_name = TOKENS_ERROR("KeyringFailed");
        CHECK_INT(status(&f, "saved"), EXIT_STATUS_KEYRING);
        f.snapshot.keyring = "locked";
        CHECK_STR(verdict(&f, "saved"), "skipped");
}

static void a_secret_that_is_lost(void) {
        Findings f = healthy();

        yandex.client_secret = "missing";
        CHECK_INT(status(&f, "application"), EXIT_STATUS_SIGN_IN_NEEDED);
        CHECK_STR(verdict(&f, "renewal"), "skipped");
        CHECK_STR(verdict(&f, "token"), "ok");
        yandex.client_secret = "newer";
        CHECK_INT(status(&f, "application"), EXIT_STATUS_KEYRING);
        CHECK_STR(verdict(&f, "renewal"), "skipped");
        yandex.client_secret = "known"; /* again */
        account.error_name = TOKENS_ERROR("ClientSecretMissing");
        CHECK_STR(verdict(&f, "application"), "ok");
        f.accounts = NULL; /* Yandex could not be asked */
        CHECK_INT(status(&f, "application"), EXIT_STATUS_SIGN_IN_NEEDED);
}

static void the_application(void) {
        Findings f = healthy();

        yandex.application = "refused";
        CHECK_INT(status(&f, "application"), EXIT_STATUS_DENIED);
        CHECK_STR(verdict(&f, "token"), "ok");
        yandex.token = "refused";
        CHECK_STR(verdict(&f, "token"), "skipped");
        yandex.application = "unknown";
        yandex.reason = "no answer in time";
        CHECK_STR(verdict(&f, "application"), "skipped");
        CHECK_INT(status(&f, "token"), EXIT_STATUS_SIGN_IN_NEEDED);
        account.state = "app-refused"; /* by what the daemon was told */
        CHECK_STR(verdict(&f, "application"), "trouble");
        yandex.application = "accepted";
        CHECK(strstr(examine(&f, "application")->result.message, "secret"));
}

static void the_disk(void) {
        char *scopes[] = { (char *) "cloud_api:disk.info", (char *) "cloud_api:disk.read", NULL };
        Findings f = healthy();

        yandex.disk = "unsupported";
        CHECK_INT(status(&f, "disk"), EXIT_STATUS_DENIED);
        CHECK_STR(verdict(&f, "permissions"), "skipped");
        yandex.disk = "unknown";
        CHECK_STR(verdict(&f, "disk"), "skipped");
        CHECK_STR(verdict(&f, "permissions"), "skipped");
        yandex.missing_scopes = scopes;
        CHECK_STR(verdict(&f, "disk"), "skipped");
        CHECK_INT(status(&f, "permissions"), EXIT_STATUS_DENIED);
        CHECK(strstr(examine(&f, "permissions")->result.message, "disk.info cloud_api:disk.read."));

        yandex.disk = "unsupported"; /* one cause, one trouble */
        CHECK_STR(verdict(&f, "permissions"), "skipped");

        f = healthy();
        yandex.app_folder = true;
        CHECK_STR(verdict(&f, "permissions"), "ok");
        CHECK(!strstr(examine(&f, "permissions")->result.message, "how much space"));
        scopes[1] = NULL;
        yandex.missing_scopes = scopes;
        CHECK_STR(verdict(&f, "permissions"), "ok");
        CHECK(strstr(examine(&f, "permissions")->result.message, "how much space"));
        yandex.token = "unknown";
        CHECK_STR(verdict(&f, "token"), "skipped");
        CHECK_STR(verdict(&f, "disk"), "skipped");
}

/* Names of a later daemon are no reason to cry. */
static void what_is_not_known_yet(void) {
        Findings f = healthy();

        account.state = "hibernating";
        CHECK_STR(verdict(&f, "sign-in"), "ok");
        CHECK_STR(verdict(&f, "renewal"), "ok");
        f.snapshot.keyring = "ajar";
        CHECK_STR(verdict(&f, "keyring"), "ok");
}

/* All of it, as doctor says it. */
static const char *report(const Findings *f, bool as_json, ExitStatus *ret) {
        Capture *out = capture(STDOUT_FILENO);
        DoctorReport r;

        doctor_report_begin(&r, as_json);
        doctor_report_checks(&r, f, session_checks, NULL);
        doctor_report_checks(&r, f, machine_checks, NULL);
        doctor_report_checks(&r, f, account_checks, &account);
        *ret = doctor_report_conclude(&r);
        doctor_report_done(&r);
        return captured(out);
}

static bool ends_with(const char *text, const char *end) {
        return strlen(text) >= strlen(end) && streq(text + strlen(text) - strlen(end), end);
}

static void what_people_read(void) {
        Findings f = healthy();
        const char *text;
        ExitStatus s;

        text = report(&f, false, &s);
        CHECK_INT(s, EXIT_STATUS_OK);
        CHECK(strstr(text, "ok         Session bus   The session bus is there.\n"));
        CHECK(strstr(text, "\nhome\nok         Sign-in       Signed in as ivan.\n"));
        CHECK(ends_with(text, "\n\nNothing is wrong.\n"));

        f.network.has_device_id = false;
        text = report(&f, false, &s);
        CHECK_INT(s, EXIT_STATUS_OK);
        CHECK(strstr(text, "\nattention  Device id     This machine has no machine-id;"));
        CHECK(strstr(text, "\n                         Run \"systemd-machine-id-setup\""));
        CHECK(ends_with(text, "\n\nEverything works; what needs attention is shown above.\n"));

        account.state = "sign-in-needed";
        text = report(&f, false, &s);
        CHECK_INT(s, EXIT_STATUS_SIGN_IN_NEEDED);
        CHECK(ends_with(text, "\n\nWhat to do first: Run \"yadiskctl login\" to sign in again.\n"));
}

static void what_programs_read(void) {
        Findings f = healthy();
        const char *text;
        ExitStatus s;

        account.state = "sign-in-needed";
        text = report(&f, true, &s);
        CHECK_INT(s, EXIT_STATUS_SIGN_IN_NEEDED);
        CHECK(strstr(text, "{\"name\":\"bus\",\"account\":null,\"verdict\":\"ok\","
                           "\"message\":\"The session bus is there.\",\"advice\":null}"));
        CHECK(strstr(text, "{\"name\":\"sign-in\",\"account\":\"a\",\"verdict\":\"trouble\","));
        CHECK(!strstr(text, "What to do first"));
}

static void feeds(void) {
        Findings f = healthy();

        f.feeds_enabled = false;
        CHECK_INT(examine(&f, "feeds")->verdict, VERDICT_ATTENTION);
        f.feeds_work = false;
        f.feed_problem = (Problem){ .status = EXIT_STATUS_FAILURE,
                                    .message = "Taken.",
                                    .advice = "Free it." };
        CHECK_INT(examine(&f, "feeds")->verdict, VERDICT_TROUBLE);
        CHECK_INT(examine(&f, "feeds")->result.status, EXIT_STATUS_FAILURE);
        f.bus = NULL;
        CHECK_INT(examine(&f, "feeds")->verdict, VERDICT_SKIPPED);
}

int main(void) {
        a_healthy_machine_is_healthy();
        the_unit();
        a_broken_unit_is_why_there_is_no_daemon();
        the_daemon();
        without_a_diagnosis();
        the_clock();
        a_clock_that_nobody_contradicts();
        the_network();
        the_device_id();
        what_an_account_shows_by_itself();
        what_is_not_saved();
        a_secret_that_is_lost();
        the_application();
        the_disk();
        what_is_not_known_yet();
        what_people_read();
        what_programs_read();
        feeds();
        return EXIT_SUCCESS;
}
