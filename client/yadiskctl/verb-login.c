/* SPDX-License-Identifier: MIT */

/* yadiskctl login: signs in by the device flow and says whose account it is now. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/account.h"
#include "yadiskctl/application.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/duration.h"
#include "yadiskctl/sign-in.h"
#include "yadiskctl/verbs.h"

const Option login_options[] = {
        { "client-id", "ID", N_("The application to sign in through") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "label", "NAME", N_("What to call the account; else it is called by its login") },
        { "scope", "SCOPE", N_("Ask for no more than this permission; may be repeated") },
        { "no-browser", NULL, N_("Do not open the page, only show its address") },
        {},
};

static int append_scopes(sd_bus_message *m, const Command *c) {
        const char *scope;
        int r;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', "scopes");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "s");
        for (int i = 0; r >= 0 && (scope = command_nth_option(c, "scope", i)); i++)
                r = sd_bus_message_append_basic(m, 's', scope);
        for (int depth = 0; r >= 0 && depth < 3; depth++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_options(sd_bus_message *m, const Command *c, const Application *a) {
        const char *label = command_option(c, "label");
        int r;

        r = sd_bus_message_sensitive(m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "flow", "s", "device");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "client_id", "s", a->client_id);
        if (r >= 0 && a->client_secret)
                r = sd_bus_message_append(m, "{sv}", "client_secret", "s", a->client_secret);
        if (r >= 0 && label)
                r = sd_bus_message_append(m, "{sv}", "label", "s", label);
        if (r >= 0 && command_option(c, "scope"))
                r = append_scopes(m, c);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* The secret is erased when this returns; the message erases its own copy. */
static ExitStatus make_call(const Command *c, sd_bus *bus, sd_bus_message **ret) {
        _cleanup_(application_done) Application application = {};
        ExitStatus s;
        int r;

        s = application_choose(bus, command_option(c, "client-id"),
                               command_option(c, "client-secret-file"), &application);
        if (s == EXIT_STATUS_OK)
                s = bus_manager_call(bus, ret, "SignIn", NULL);
        if (s != EXIT_STATUS_OK)
                return s;

        r = append_options(*ret, c, &application);
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

static ExitStatus print_json(const Account *a) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "event", "completed");
        account_to_json(a, j, "account");
        return json_write(j);
}

static ExitStatus print_account(const Account *a) {
        _cleanup_free_ char *scopes = NULL;
        char moment[MOMENT_MAX_BYTES];

        if (strv_join(a->scopes, &scopes) < 0)
                return fail_errno(-ENOMEM, "show the account");

        say_gap();
        if (*a->login)
                say("Signed in as %s; the account is called \"%s\".", a->login, account_name(a));
        else
                say("Signed in; the account is called \"%s\".", account_name(a));
        if (*scopes)
                say("Permissions: %s", scopes);
        if (a->expires_at != 0)
                say("Valid until: %s; renewed by itself before that.",
                    moment_print(a->expires_at, moment_now(), moment));
        if (!a->saved)
                say("The keyring has not taken it yet; it is tried again.");
        return EXIT_STATUS_OK;
}

static ExitStatus print_result(const Command *c, sd_bus *bus, const char *path) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        const Account *account;
        ExitStatus s;

        s = snapshot_read(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;

        account = snapshot_find(&snapshot, path);
        if (!account)
                return bus_explain_answer(-EBADMSG);
        return c->json ? print_json(account) : print_account(account);
}

ExitStatus verb_login(const Command *c) {
        SignInStyle style = { .json = c->json, .open_browser = !command_option(c, "no-browser") };
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_free_ char *path = NULL;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = make_call(c, bus, &call);
        if (s == EXIT_STATUS_OK)
                s = sign_in(bus, call, &style, &path);
        if (s == EXIT_STATUS_OK)
                s = print_result(c, bus, path);
        return s;
}
