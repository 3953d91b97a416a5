/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The checks of doctor: each makes a verdict from what was found out, what it is about, and what to
 * do. Neither they nor the report need a bus or a clock, so that tests can make up what was found.
 * If an earlier check makes a later one impossible, that one is skipped, so that one cause makes
 * one trouble.
 */

#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/keyring-findings.h"
#include "yadiskctl/daemon/problem.h"
#include "yadiskctl/daemon/snapshot.h"

/* Beyond this the clocks differ more than they may, in seconds. */
#define CLOCK_SKEW_MAX UINT64_C(300)

/* Manager.Diagnose. */
typedef struct NetworkFindings {
        bool known;
        bool reachable, trusted, has_device_id;
        const char *reason, *host;
        const char *keyring; /* its state; "" from a daemon of an earlier version */
        uint64_t server_time, local_time;
        sd_bus_message *message;
} NetworkFindings;

/* Account.Diagnose. */
typedef struct AccountFindings {
        bool known;
        const char *token, *application, *disk, *reason;
        const char *client_secret; /* "" from a daemon of an earlier version */
        char **missing_scopes;
        bool app_folder;
        sd_bus_message *message;
        sd_bus_slot *slot; /* the call, while it is under way */
} AccountFindings;

/* All that doctor found out; verb-doctor.c reads it. */
typedef struct Findings {
        sd_bus *bus;        /* NULL if there is none */
        BusFault bus_fault; /* and why */
        bool filtered;      /* see bus_is_filtered() */
        DaemonFindings daemon;
        NetworkFindings network;
        KeyringFindings keyring; /* if it is not open */
        bool needs_setup;
        Snapshot snapshot;
        AccountFindings *accounts; /* as many as the snapshot has, or NULL */

        size_t n_feeds;       /* lasting ones */
        size_t n_orphans;     /* those of accounts that are known to be signed in no more */
        bool feeds_work;      /* the token endpoint has its port */
        bool feeds_enabled;   /* and will have it after the next login */
        Problem feed_problem; /* why it does not work */
} Findings;

#define FINDINGS_INIT                                                                              \
        ((Findings){ .daemon = DAEMON_FINDINGS_INIT,                                               \
                     .network = { .trusted = true, .reason = "", .host = "", .keyring = "" },      \
                     .snapshot = { .version = "", .keyring = "", .default_account = "" } })

typedef enum Verdict {
        VERDICT_OK,
        VERDICT_ATTENTION, /* it works, but not for ever or not as well as it could */
        VERDICT_TROUBLE,
        VERDICT_SKIPPED,
        _VERDICT_MAX,
        _VERDICT_INVALID = -EINVAL,
} Verdict;

/* The result of one check. The advice is empty if all is well, or if it was skipped; the status is
 * EXIT_STATUS_OK unless the verdict is VERDICT_TROUBLE. */
typedef struct Check {
        const Account *account; /* of the findings' snapshot; NULL if it is about the machine */
        Verdict verdict;
        Problem result;
} Check;

typedef struct CheckRow {
        const char *name;                           /* in JSON */
        const char *title;                          /* for people, not translated yet */
        bool (*needs)(const Findings *f, Check *c); /* what it needs is there, or it is skipped */
        void (*run)(const Findings *f, Check *c);
} CheckRow;

/* In this order, each ending with a row without a name. */
extern const CheckRow session_checks[];
extern const CheckRow machine_checks[];
extern const CheckRow account_checks[];
extern const CheckRow feed_checks[]; /* only if there are feeds */

void check_run(const CheckRow *row, const Findings *f, Check *c);

/* Static: "attention". */
const char *verdict_name(Verdict v);

/* For the checks. The message is translated here, and so is the advice, which is marked with
 * N_(). */
void check_ok(Check *c, const char *message, ...) _printf_(2, 3);
void check_skip(Check *c, const char *message, ...) _printf_(2, 3);
void check_attention(Check *c, const char *advice, const char *message, ...) _printf_(3, 4);
void check_trouble(Check *c, ExitStatus status, const char *advice, const char *message, ...)
        _printf_(4, 5);

/* Translates a text of a table, or of the daemon, that goes into a message, unless that is for a
 * program. */
const char *check_words(const Check *c, const char *text);

bool findings_clock_is_wrong(const Findings *f);

/* Whether Yandex could be asked about the accounts. */
bool findings_yandex_was_asked(const Findings *f);

/* What is told of the checks: to people, line by line as each is made; or to programs, as one
 * document. */
typedef struct DoctorReport {
        bool as_json;
        Json *json;
        Check first_trouble; /* VERDICT_OK if there is none */
        bool has_attention;
} DoctorReport;

void doctor_report_begin(DoctorReport *report, bool as_json);
void doctor_report_done(DoctorReport *report);

/* Makes these checks and reports them, below the name of the account unless that is NULL. */
void doctor_report_checks(DoctorReport *report, const Findings *f, const CheckRow *rows,
                          const Account *account);

/* Reports the conclusion. Returns how yadiskctl exits because of the first trouble. */
ExitStatus doctor_report_conclude(DoctorReport *report);
