/* SPDX-License-Identifier: MIT */

/* Manager.CheckApplication. Nothing of it is kept, so that it does without a keyring. */

#include "keeper/diagnosis/diagnosis.h"

#include "bus/application.h"
#include "bus/error.h"
#include "bus/options.h"
#include "bus/results.h"
#include "common/condition.h"
#include "common/i18n.h"

/* Where one is missing each is asked about by itself, and the caller waits. */
#define SCOPES_MAX 16

/* As they came. The array is ours, the strings are the message's. */
typedef struct CheckWish {
        const char *client_secret;
        char **scopes;
} CheckWish;

static void check_wish_done(CheckWish *w) {
        strv_free(w->scopes);
}

static int read_wish(Operation *o, CheckWish *w, sd_bus_error *error) {
        const Option options[] = {
                { "client_secret", "s", &w->client_secret, NULL },
                { "scopes", "as", &w->scopes, NULL },
        };
        int r;

        r = sd_bus_message_skip(operation_message(o), "s");
        if (r < 0)
                return r;
        r = options_read(operation_message(o), options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        if (!client_id_is_valid(operation_subject(o)))
                return bus_error_bad_client_id(error);
        if (!scopes_are_valid(w->scopes))
                return bus_error_bad_scope(error);
        if (strv_length(w->scopes) > SCOPES_MAX)
                return bus_error_setf(error, CONDITION_INVALID_ARGS, "%s",
                                      N_("Give at most 16 scopes; ask about the others apart."));
        return 0;
}

static int add_findings(sd_bus_message *m, const void *userdata) {
        const ApplicationFindings *f = userdata;
        int r;

        r = results_add_bool(m, "client_id", f->id == VERDICT_ACCEPTED);
        if (r >= 0 && f->secret != VERDICT_UNKNOWN)
                r = results_add_bool(m, "client_secret", f->secret == VERDICT_ACCEPTED);
        if (r >= 0 && f->scopes != VERDICT_UNKNOWN)
                r = results_add_strings(m, "missing_scopes", f->missing_scopes);
        return r;
}

/* The check is the operation's, which ends with the answer. */
static void on_checked(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;

        if (r == 0)
                r = results_reply(o, add_findings, &findings->application);
        if (r != 0)
                operation_fail(o, r);
}

static void drop_check(void *handle) {
        diagnosis_free(handle);
}

int application_check(Operation *o, sd_bus_error *error) {
        _cleanup_(check_wish_done) CheckWish w = {};
        _cleanup_(secret_unrefp) Secret *secret = NULL;
        ApplicationQuestion question;
        Diagnosis *check;
        int r;

        r = read_wish(o, &w, error);
        if (r == 0)
                r = client_secret_from_string(w.client_secret, &secret, error);
        if (r < 0)
                return r;

        question = (ApplicationQuestion){
                .client_id = operation_subject(o),
                .client_secret = secret,
                .scopes = w.scopes,
        };
        r = diagnosis_of_application(operation_world(o), &question, on_checked, o, &check);
        return r != 0 ? r : operation_keep(o, check, drop_check);
}
