/* SPDX-License-Identifier: MIT */

#include "yadiskctl/doctor/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/i18n.h"

static const char *const verdict_names[_VERDICT_MAX] = {
        [VERDICT_OK] = N_("ok"),
        [VERDICT_ATTENTION] = N_("attention"),
        [VERDICT_TROUBLE] = N_("trouble"),
        [VERDICT_SKIPPED] = N_("skipped"),
};

const char *verdict_name(Verdict v) {
        return verdict_names[v];
}

const char *check_words(const Check *c, const char *text) {
        return c->english ? text : i18n_reason(text);
}

static void set(Check *c, Verdict verdict, const char *advice, const char *message, va_list ap)
        __attribute__((format(printf, 4, 0)));

static void set(Check *c, Verdict verdict, const char *advice, const char *message, va_list ap) {
        c->verdict = verdict;
        (void) vsnprintf(c->message, sizeof(c->message), c->english ? message : _(message), ap);
        (void) snprintf(c->advice, sizeof(c->advice), "%s", check_words(c, advice));
}

void check_ok(Check *c, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        set(c, VERDICT_OK, "", message, ap);
        va_end(ap);
}

void check_skip(Check *c, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        set(c, VERDICT_SKIPPED, "", message, ap);
        va_end(ap);
}

void check_attention(Check *c, const char *advice, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        set(c, VERDICT_ATTENTION, advice, message, ap);
        va_end(ap);
}

void check_trouble(Check *c, ExitStatus status, const char *advice, const char *message, ...) {
        va_list ap;

        c->status = status;
        va_start(ap, message);
        set(c, VERDICT_TROUBLE, advice, message, ap);
        va_end(ap);
}

void check_trouble_of(Check *c, const Problem *trouble) {
        c->verdict = VERDICT_TROUBLE;
        c->status = trouble->status;
        (void) strcpy(c->message, trouble->message);
        (void) strcpy(c->advice, trouble->advice);
}

void check_attention_of(Check *c, const Problem *trouble) {
        check_trouble_of(c, trouble);
        c->verdict = VERDICT_ATTENTION;
        c->status = EXIT_STATUS_OK;
}
