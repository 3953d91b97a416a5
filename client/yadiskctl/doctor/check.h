/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The checks of doctor: one function each, from what was found out to a verdict, what it is about, and
 * what to do. Pure: neither bus nor clock. Where an earlier check makes one impossible it is skipped,
 * so that one cause makes one trouble.
 */

#include "yadiskctl/daemon/problem.h"
#include "yadiskctl/doctor/findings.h"

#define CHECK_TEXT_MAX PROBLEM_TEXT_MAX

/* Beyond this the clocks differ more than they may. */
#define CLOCK_SKEW_MAX UINT64_C(300)

typedef enum Verdict {
        VERDICT_OK,
        VERDICT_ATTENTION, /* it works, but not for ever or not as well as it could */
        VERDICT_TROUBLE,
        VERDICT_SKIPPED,
        _VERDICT_MAX,
        _VERDICT_INVALID = -EINVAL,
} Verdict;

typedef struct Check {
        const Account *account; /* of the findings' snapshot; NULL where it is about the machine */
        bool english;           /* the texts are for a program */
        Verdict verdict;
        ExitStatus status; /* how yadiskctl exits because of a trouble */
        char message[CHECK_TEXT_MAX];
        char advice[CHECK_TEXT_MAX]; /* empty where all is well, or where it was skipped */
} Check;

typedef struct CheckRow {
        const char *name;  /* in JSON */
        const char *title; /* for people, not translated yet */
        void (*run)(const Findings *f, Check *c);
} CheckRow;

/* In this order, each ending with a row without a name: after findings_read_session(), after
 * findings_read_machine(), and for each account after findings_read_accounts(). */
extern const CheckRow session_checks[];
extern const CheckRow machine_checks[];
extern const CheckRow account_checks[];

/* Static: "attention". */
const char *verdict_name(Verdict v);

/* For the checks. Texts are marked with N_() and translated here. */
void check_ok(Check *c, const char *message, ...) _printf_(2, 3);
void check_skip(Check *c, const char *message, ...) _printf_(2, 3);
void check_attention(Check *c, const char *advice, const char *message, ...) _printf_(3, 4);
void check_trouble(Check *c, ExitStatus status, const char *advice, const char *message, ...)
        _printf_(4, 5);

/* What others say of a trouble. */
void check_trouble_of(Check *c, const Problem *trouble);
void check_attention_of(Check *c, const Problem *trouble);

/* A text of a table, or of the daemon, that goes into a message. */
const char *check_words(const Check *c, const char *text);

/* Questions that several checks ask. */
bool clock_is_wrong(const Findings *f);
bool yandex_was_asked(const Findings *f);
