/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/scope-set.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/sign-in/dialog.h"
#include "yadiskctl/terminal/secret.h"
#include "yadiskctl/terminal/terminal.h"

bool scope_set_clashes(const ScopeSet *set, const Account *a) {
        return streq(a->client_id, set->client_id) && !streq(a->path, set->account) &&
               !streq(a->state, "locked") && !strv_same_set(a->scopes, set->scopes);
}

static ExitStatus scope_set_warn_about(const Account *a) {
        _cleanup_free_ char *scopes = NULL;

        if (strv_join(a->scopes, &scopes) < 0)
                return fail_errno(-ENOMEM, "compare the permissions");

        if (*scopes)
                remark("\"%s\" was signed in through this application with other permissions (%s); "
                       "if the same user signs in now, that token stops working.",
                       account_name(a), scopes);
        else
                remark("\"%s\" was signed in through this application with all its permissions; if "
                       "the same user signs in now, that token stops working.",
                       account_name(a));
        return EXIT_STATUS_OK;
}

static ExitStatus scope_set_ask(void) {
        _cleanup_(secret_freep) char *answer = NULL;

        if (terminal_ask(_("Go on? [y/N]"), false, &answer) >= 0 && answer_is_yes(answer))
                return EXIT_STATUS_OK;
        return fail(condition_exit_status(CONDITION_CANCELLED),
                    "The sign-in was cancelled; run \"yadiskctl login\" to start again.");
}

ExitStatus scope_set_warn(const ScopeSet *set, const Snapshot *s) {
        bool warned = false;

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++) {
                ExitStatus status;

                if (!scope_set_clashes(set, a))
                        continue;
                status = scope_set_warn_about(a);
                if (status != EXIT_STATUS_OK)
                        return status;
                warned = true;
        }
        return warned && terminal_can_ask() ? scope_set_ask() : EXIT_STATUS_OK;
}

int scope_set_find_missing(char *const *scopes, const Account *a, char ***ret) {
        _cleanup_(strv_freep) char **missing = NULL;

        for (; a->scopes && a->scopes[0] && scopes && *scopes; scopes++)
                if (!strv_contains(a->scopes, *scopes) && strv_extend(&missing, *scopes) < 0)
                        return -ENOMEM;

        *ret = TAKE_PTR(missing);
        return 0;
}
