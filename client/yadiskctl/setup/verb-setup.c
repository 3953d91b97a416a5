/* SPDX-License-Identifier: MIT */

/* yadiskctl setup: leads the user to an application that Yandex knows and the keyring holds. */

#include "common/harden.h"
#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/setup/owner.h"
#include "yadiskctl/setup/registration.h"
#include "yadiskctl/sign-in/prompt.h"
#include "yadiskctl/terminal/terminal.h"

const Option setup_options[] = {
        { "access", "WHAT", N_("Access wanted: disk, webdav or app-folder") },
        { "client-id", "ID", N_("The ClientID, if the application is registered already") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "no-browser", NULL, N_("Do not open the page, only show its address") },
        {},
};

static ExitStatus setup_ask_access(const PermissionSet **ret) {
        size_t n = 0, chosen;
        int r;

        say("What should your programs have access to?");
        say_gap();
        for (; permission_sets[n].name; n++)
                say("    %zu  %s", n + 1, _(permission_sets[n].summary));
        say_gap();
        (void) output_flush();

        r = terminal_ask_number(_("Choose 1, 2 or 3 [1]:"), n, true, &chosen);
        if (r < 0)
                return credential_explain_no_answer(r);

        *ret = &permission_sets[chosen - 1];
        return EXIT_STATUS_OK;
}

static ExitStatus setup_choose_access(const Command *c, bool can_ask, const PermissionSet **ret) {
        const char *name = command_option(c, "access");

        if (!name && can_ask)
                return setup_ask_access(ret);

        *ret = permission_sets;
        while (name && (*ret)->name && !streq((*ret)->name, name))
                (*ret)++;
        return (*ret)->name ? EXIT_STATUS_OK
                            : fail_usage("There is no access called \"%s\"; choose disk, webdav or "
                                         "app-folder.",
                                         name);
}

static void setup_show_form(const Command *c, const PermissionSet *wanted) {
        bool open = !command_option(c, "no-browser") && browser_is_near();

        say_gap();
        registration_show_form(wanted);
        if (open) {
                say("The page opens in your browser.");
                say_gap();
        }
        (void) output_flush();
        if (open)
                browser_open(REGISTRATION_FORM_URL);
}

static ExitStatus setup_take_pair(const Command *c, Registration *reg) {
        const char *id = command_option(c, "client-id");
        const char *file = command_option(c, "client-secret-file");
        Application *a = &reg->application;
        ExitStatus s;

        if (!reg->can_ask && (!id || !file))
                return credential_explain_no_terminal();

        s = id ? credential_take_client_id(id, &a->client_id)
               : credential_ask_client_id(&a->client_id);
        if (s != EXIT_STATUS_OK)
                return s;
        return file ? credential_read_client_secret(file, a->client_id, &a->client_secret)
                    : credential_ask_client_secret(a->client_id, &a->client_secret);
}

/* A user who names a ClientID has been through the form. */
static ExitStatus setup_collect(const Command *c, Registration *reg, char *const *known) {
        bool show = reg->can_ask && !command_option(c, "client-id");
        const PermissionSet *wanted = NULL;
        ExitStatus s;

        if (show) {
                say("This registers an application of your own at Yandex; it takes three minutes.");
                if (strv_length(known) > 0)
                        say("One is kept already: for another account \"yadiskctl login\" is "
                            "enough.");
                say_gap();
        }
        s = setup_choose_access(c, reg->can_ask, &wanted);
        if (s != EXIT_STATUS_OK)
                return s;

        if (show)
                setup_show_form(c, wanted);
        reg->scopes = wanted->scopes;
        return setup_take_pair(c, reg);
}

/* Signs in as if the user had typed the command. */
static ExitStatus setup_run_login(const Command *c, const Registration *reg) {
        char program[] = "yadiskctl", verb[] = "login", id[] = "--client-id",
             no_browser[] = "--no-browser";
        char *argv[] = { program, verb, id, reg->application.client_id, no_browser, NULL };
        int argc = command_option(c, "no-browser") ? 5 : 4;
        _cleanup_(command_done) Command login = {};
        ExitStatus s;

        argv[argc] = NULL;
        memory_show(); /* login makes a connection of its own */
        s = command_parse(argc, argv, &login);
        return s == EXIT_STATUS_OK ? login.verb->run(&login) : s;
}

static ExitStatus setup_offer_login(const Command *c, const Registration *reg) {
        bool yes;
        int r;

        say_gap();
        if (!reg->is_checked) {
                say("ClientID and client secret are kept in the keyring. Run \"yadiskctl login\" "
                    "to");
                say("sign in when Yandex can be reached.");
                return EXIT_STATUS_OK;
        }
        say("Yandex knows the application, and the client secret is right.");
        say("ClientID and client secret are kept in the keyring.");
        say_gap();
        (void) output_flush();

        r = terminal_confirm(_("Sign in now? [Y/n]"), &yes);
        if (r == -ECANCELED)
                return fail(EXIT_STATUS_FAILURE,
                            "The application is saved; run \"yadiskctl login\" to sign in.");
        if (r < 0)
                return credential_explain_no_answer(r);
        if (!yes) {
                say("Run \"yadiskctl login\" to sign in later.");
                return EXIT_STATUS_OK;
        }
        say_gap();
        return setup_run_login(c, reg);
}

static ExitStatus setup_report(const Registration *reg) {
        _cleanup_free_ char *missing = NULL;

        if (strv_join(reg->missing_scopes, &missing) < 0)
                return fail_errno(-ENOMEM, "show the permissions");

        if (*missing)
                say("Application %s is saved; these permissions were not ticked: %s",
                    reg->application.client_id, missing);
        else
                say("Application %s is saved.", reg->application.client_id);
        return EXIT_STATUS_OK;
}

ExitStatus verb_setup(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(registration_done)
                Registration reg = { .can_ask = !c->json && terminal_can_ask() };
        _cleanup_(strv_freep) char **known = NULL;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = owner_check(bus, reg.can_ask);
        if (s == EXIT_STATUS_OK)
                s = application_list(bus, &known); /* before the user registers for nothing */
        if (s != EXIT_STATUS_OK)
                return s;

        s = setup_collect(c, &reg, known);
        if (s == EXIT_STATUS_OK)
                s = registration_check(&reg, bus);
        if (s == EXIT_STATUS_OK)
                s = registration_keep(&reg, bus);
        reg.application.client_secret = secret_free(reg.application.client_secret);
        if (s != EXIT_STATUS_OK)
                return s;

        if (c->json)
                return registration_print_json(&reg);
        return reg.can_ask ? setup_offer_login(c, &reg) : setup_report(&reg);
}
