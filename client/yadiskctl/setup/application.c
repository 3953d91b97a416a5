/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/application.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/sign-in/dialog.h"
#include "yadiskctl/terminal/terminal.h"

void application_done(Application *a) {
        a->client_secret = secret_free(a->client_secret);
        free(a->client_id);
        a->client_id = NULL;
}

ExitStatus application_list(sd_bus *bus, char ***ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = bus_new_call(bus, NULL, &call, "ListApplications", NULL);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read_strv(reply, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

static ExitStatus application_explain_choice(char *const *known) {
        _cleanup_free_ char *list = NULL;

        if (strv_join(known, &list) < 0)
                return fail_errno(-ENOMEM, "list the applications");
        return fail_usage("Several applications are known; choose one with --client-id: %s", list);
}

/* A user who has an application knows what is asked for. Others are told where to get one. */
static ExitStatus application_ask_for_first(char **ret) {
        if (!terminal_can_ask())
                return fail_usage(
                        "No application is kept yet; run \"yadiskctl setup\" in a terminal, or "
                        "name one with --client-id ID and --client-secret-file FILE.");

        remark("No application is kept yet; \"yadiskctl setup\" shows how to register one.");
        remark("If you have one, give it here.");
        return credential_ask_client_id(ret);
}

static ExitStatus application_choose_id(const char *given, char *const *known, char **ret) {
        size_t n = strv_length(known);

        if (given)
                return credential_take_client_id(given, ret);
        if (n > 1)
                return application_explain_choice(known);
        if (n == 0)
                return application_ask_for_first(ret);
        return str_replace(ret, known[0]) < 0 ? fail_errno(-ENOMEM, "choose an application")
                                              : EXIT_STATUS_OK;
}

/* The code flow proves in another way who asks (RFC 7636). It is not known whether a renewal works
 * without a secret. */
static ExitStatus application_choose_secret_or_none(Application *a) {
        ExitStatus s = EXIT_STATUS_OK;

        if (terminal_can_ask())
                s = credential_ask_optional_secret(a->client_id, &a->client_secret);
        if (s == EXIT_STATUS_OK && !a->client_secret)
                remark("Signing in without a client secret; renewing the token may then take "
                       "another sign-in.");
        return s;
}

static ExitStatus application_choose_secret(const char *file, bool is_known, bool is_needed,
                                            Application *a) {
        if (file)
                return credential_read_client_secret(file, a->client_id, &a->client_secret);
        if (is_known)
                return EXIT_STATUS_OK;
        if (!is_needed)
                return application_choose_secret_or_none(a);
        if (!terminal_can_ask())
                return credential_explain_no_terminal();
        return credential_ask_client_secret(a->client_id, &a->client_secret);
}

ExitStatus application_choose(sd_bus *bus, const char *client_id, const char *secret_file,
                              bool needs_secret, Application *ret) {
        _cleanup_(strv_freep) char **known = NULL;
        ExitStatus s;

        s = application_list(bus, &known);
        if (s == EXIT_STATUS_OK)
                s = application_choose_id(client_id, known, &ret->client_id);
        if (s == EXIT_STATUS_OK)
                s = application_choose_secret(secret_file, strv_contains(known, ret->client_id),
                                              needs_secret, ret);
        return s;
}

int application_find_users(const Snapshot *s, const char *client_id, char ***ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < s->n_accounts; i++)
                if (streq(s->accounts[i].client_id, client_id))
                        r = strv_extend(ret, account_name(&s->accounts[i]));
        return r;
}

int application_quote_users(char *const *users, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -errno;
        for (char *const *user = users; user && *user; user++)
                fprintf(f, "%s\"%s\"", user == users ? "" : ", ", *user);
        if (fclose(f) != 0)
                return -ENOMEM;

        *ret = TAKE_PTR(text);
        return 0;
}

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
        if (user_agrees(_("Go on? [y/N]")))
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
