/* SPDX-License-Identifier: MIT */

/* yadiskctl login: signs in to an account, and shows whose it is and what it may do. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/setup/application.h"
#include "yadiskctl/setup/owner.h"
#include "yadiskctl/sign-in/sign-in.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/verb/report.h"

#define FLOW_DEVICE "device"
#define FLOW_CODE   "code"

const Option login_options[] = {
        { "client-id", "ID", N_("The application to sign in through") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "label", "NAME", N_("Name for the account; otherwise it is called by its login") },
        { "scope", "SCOPE", N_("Ask for this permission only; may be repeated") },
        { "account", "ACCOUNT", N_("Sign in again to this account, as its user") },
        { "flow", "FLOW", N_("device: enter a code on the page; code: copy one from it") },
        { "no-browser", NULL, N_("Do not open the page, only show its address") },
        { "no-qr", NULL, N_("Do not show a picture of the address to scan") },
        {},
};

/* What the user asks for. */
typedef struct Login {
        const Command *command;
        const char *flow;
        char **scopes;        /* NULL: all that the application has */
        Snapshot before;      /* owns again */
        const Account *again; /* the account of --account, or NULL */
        Application application;
} Login;

static void login_done(Login *l) {
        application_done(&l->application);
        snapshot_done(&l->before);
        strv_free(l->scopes);
}

static ExitStatus login_choose_flow(const Command *c, const char **ret) {
        const char *flow = command_option(c, "flow") ?: FLOW_DEVICE;

        if (!streq(flow, FLOW_DEVICE) && !streq(flow, FLOW_CODE))
                return fail_usage("There is no flow \"%s\"; use \"device\" or \"code\".", flow);
        *ret = flow;
        return EXIT_STATUS_OK;
}

/* If an account is named but no permission, the account keeps the permissions that it has. */
static ExitStatus login_choose_scopes(Login *l) {
        const char *scope;
        int r = 0;

        for (int i = 0; r >= 0 && (scope = command_nth_option(l->command, "scope", i)); i++)
                r = strv_extend(&l->scopes, scope);
        if (r >= 0 && !l->scopes && l->again)
                r = strv_copy(l->again->scopes, &l->scopes);
        return r < 0 ? fail_errno(r, "choose the permissions") : EXIT_STATUS_OK;
}

static ExitStatus login_choose_account(Login *l, sd_bus *bus) {
        const char *name = command_option(l->command, "account");

        return name ? snapshot_read_account(bus, name, &l->before, &l->again)
                    : snapshot_read(bus, &l->before);
}

static ExitStatus login_choose_application(Login *l, sd_bus *bus) {
        const char *client_id = command_option(l->command, "client-id");

        if (!client_id && l->again)
                client_id = l->again->client_id;
        return application_choose(bus, client_id, command_option(l->command, "client-secret-file"),
                                  streq(l->flow, FLOW_DEVICE), &l->application);
}

static ExitStatus login_warn(const Login *l) {
        ScopeSet set = {
                .client_id = l->application.client_id,
                .scopes = l->scopes,
                .account = l->again ? l->again->path : NULL,
        };

        return scope_set_warn(&set, &l->before);
}

static ExitStatus login_prepare(Login *l, sd_bus *bus) {
        ExitStatus s;

        s = login_choose_account(l, bus);
        if (s == EXIT_STATUS_OK)
                s = login_choose_scopes(l);
        if (s == EXIT_STATUS_OK)
                s = login_choose_application(l, bus);
        if (s == EXIT_STATUS_OK && l->application.client_secret)
                s = owner_check(bus, terminal_can_ask());
        return s == EXIT_STATUS_OK ? login_warn(l) : s;
}

/* Erases the secret as soon as the message has it. The message erases its own copy. */
static ExitStatus login_make_call(Login *l, sd_bus *bus, sd_bus_message **ret) {
        const BusOption options[] = {
                { "flow", .text = l->flow },
                { "client_id", .text = l->application.client_id },
                { "client_secret", .text = l->application.client_secret },
                { "label", .text = command_option(l->command, "label") },
                { "account", .path = l->again ? l->again->path : NULL },
                { "scopes", .list = (const char *const *) l->scopes },
                {},
        };
        ExitStatus s;

        s = bus_new_call(bus, NULL, ret, "SignIn", NULL);
        if (s == EXIT_STATUS_OK)
                s = bus_append_options(*ret, options);
        application_done(&l->application);
        return s;
}

static ExitStatus login_print_json(const Account *a, char *const *missing) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "event", "completed");
        account_to_json(a, j, "account");
        json_strings(j, "not_granted", missing);
        return json_write(j);
}

static ExitStatus login_print_account(const Account *a, char *const *missing) {
        _cleanup_free_ char *granted = NULL, *refused = NULL;

        if (strv_join(a->scopes, &granted) < 0 || strv_join(missing, &refused) < 0)
                return fail_errno(-ENOMEM, "show the permissions");

        say_gap();
        report_sign_in(a);
        if (*granted)
                say("Permissions: %s", granted);
        else
                say("Permissions: all that the application has");
        if (*refused)
                say("Asked for, but not granted: %s", refused);
        report_expiry(a);
        if (a->saved)
                say("Saved in the keyring.");
        return EXIT_STATUS_OK;
}

/* The daemon is started by the first call, so nothing is renewed in a session without calls. The
 * user is asked once, after the first sign-in. If the unit cannot be enabled, doctor explains
 * why. */
static void login_offer_start(const Login *l, sd_bus *bus) {
        _cleanup_(unit_done) Unit unit = UNIT_INIT;
        bool yes = false;

        if (l->command->json || l->before.n_accounts > 0)
                return;
        unit_read(bus, &unit);
        if (unit_is_broken(&unit) || !streq(unit.file_state, "disabled"))
                return;

        say_gap();
        if (terminal_can_ask()) {
                say("Tokens are renewed while yadisk-tokend runs. Programs that ask for a token "
                    "start it.");
                (void) output_flush();
                (void) terminal_confirm(_("Start it with each of your sessions, too? [Y/n]"), &yes);
        }
        if (yes && unit_enable(bus, UNIT_NAME) >= 0)
                say("It starts with your sessions from now on.");
        else
                say("To have it start with your sessions, run \"systemctl --user enable "
                    "yadisk-tokend.service\".");
}

static ExitStatus login_print_result(const Login *l, sd_bus *bus, const char *path) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(strv_freep) char **missing = NULL;
        _cleanup_(saving_done) Saving saving = {};
        const Account *account;
        ExitStatus s;

        s = saving_await_sign_in(bus, path, &saving, &snapshot, &account);
        if (s != EXIT_STATUS_OK)
                return s;
        if (scope_set_find_missing(l->scopes, account, &missing) < 0)
                return fail_errno(-ENOMEM, "show the permissions");

        s = l->command->json ? login_print_json(account, missing)
                             : login_print_account(account, missing);
        if (s == EXIT_STATUS_OK)
                s = saving_conclude(&saving);
        if (s == EXIT_STATUS_OK)
                login_offer_start(l, bus);
        return s;
}

static SignInStyle login_choose_style(const Login *l) {
        return (SignInStyle){
                .json = l->command->json,
                .open_browser = !command_option(l->command, "no-browser"),
                .picture = !command_option(l->command, "no-qr"),
                .account_name = l->again ? account_name(l->again) : NULL,
        };
}

ExitStatus verb_login(const Command *c) {
        _cleanup_(login_done) Login login = { .command = c };
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_free_ char *path = NULL;
        SignInStyle style;
        ExitStatus s;

        s = login_choose_flow(c, &login.flow);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = login_prepare(&login, bus);
        if (s == EXIT_STATUS_OK)
                s = login_make_call(&login, bus, &call);
        if (s != EXIT_STATUS_OK)
                return s;

        style = login_choose_style(&login);
        s = sign_in(bus, call, &style, &path);
        return s == EXIT_STATUS_OK ? login_print_result(&login, bus, path) : s;
}
