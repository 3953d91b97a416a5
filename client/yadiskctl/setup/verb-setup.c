/* SPDX-License-Identifier: MIT */

/* yadiskctl setup: from nothing to an application that Yandex knows and the keyring holds. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/setup/enrolment.h"
#include "yadiskctl/setup/guide.h"
#include "yadiskctl/sign-in/browser.h"
#include "yadiskctl/terminal/terminal.h"

const Option setup_options[] = {
        { "access", "WHAT", N_("Access wanted: disk, webdav or app-folder") },
        { "client-id", "ID", N_("The ClientID, where the application is registered already") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "no-browser", NULL, N_("Do not open the page, only show its address") },
        {},
};

static ExitStatus ask_for_access(const PermissionSet **ret) {
        size_t n;
        int r;

        say("What should your programs have access to?");
        say_gap();
        for (size_t i = 0; i < permission_sets_count(); i++)
                say("    %zu  %s", i + 1, _(permission_sets[i].summary));
        say_gap();
        (void) output_flush();

        r = terminal_ask_number(_("Choose 1, 2 or 3 [1]:"), permission_sets_count(), &n);
        if (r < 0)
                return credential_explain_no_answer(r);

        *ret = &permission_sets[n - 1];
        return EXIT_STATUS_OK;
}

static ExitStatus choose_access(const Command *c, bool is_attended, const PermissionSet **ret) {
        const char *name = command_option(c, "access");

        if (!name && is_attended)
                return ask_for_access(ret);

        *ret = name ? permission_set_find(name) : permission_sets;
        return *ret ? EXIT_STATUS_OK
                    : fail(EXIT_STATUS_USAGE,
                           "There is no access called \"%s\"; choose disk, webdav or app-folder.",
                           name);
}

static void show_way(const Command *c, const PermissionSet *wanted) {
        bool open = !command_option(c, "no-browser") && browser_is_near();

        say_gap();
        guide_show(wanted);
        if (open) {
                say("The page opens in your browser.");
                say_gap();
        }
        (void) output_flush();
        if (open)
                browser_open(GUIDE_FORM_URL);
}

static ExitStatus take_pair(const Command *c, Enrolment *e) {
        const char *id = command_option(c, "client-id");
        const char *file = command_option(c, "client-secret-file");
        Application *a = &e->application;
        ExitStatus s;

        if (!e->is_attended && (!id || !file))
                return credential_explain_no_terminal();

        s = id ? credential_take_client_id(id, &a->client_id)
               : credential_ask_client_id(&a->client_id);
        if (s != EXIT_STATUS_OK)
                return s;
        return file ? credential_read_client_secret(file, a->client_id, &a->client_secret)
                    : credential_ask_client_secret(a->client_id, &a->client_secret);
}

static void greet(char *const *known) {
        say("This registers an application of your own at Yandex; it takes three minutes.");
        if (strv_length(known) > 0)
                say("One is kept already: for another account \"yadiskctl login\" is enough.");
        say_gap();
}

/* Whoever has a ClientID has been through the form. */
static ExitStatus collect(const Command *c, Enrolment *e, char *const *known) {
        bool show = e->is_attended && !command_option(c, "client-id");
        const PermissionSet *wanted = NULL;
        ExitStatus s;

        if (show)
                greet(known);
        s = choose_access(c, e->is_attended, &wanted);
        if (s != EXIT_STATUS_OK)
                return s;

        if (show)
                show_way(c, wanted);
        e->scopes = wanted->scopes;
        return take_pair(c, e);
}

/* As the person would go on. */
static ExitStatus run_login(const Command *c, const Enrolment *e) {
        char program[] = "yadiskctl", verb[] = "login", id[] = "--client-id",
             no_browser[] = "--no-browser";
        char *argv[] = { program, verb, id, e->application.client_id, no_browser, NULL };
        int argc = command_option(c, "no-browser") ? 5 : 4;
        _cleanup_(command_done) Command login = {};
        ExitStatus s;

        argv[argc] = NULL;
        s = command_parse(argc, argv, &login);
        return s == EXIT_STATUS_OK ? login.verb->run(&login) : s;
}

static ExitStatus offer_login(const Command *c, const Enrolment *e) {
        bool yes;
        int r;

        say_gap();
        if (!e->is_checked) {
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
                            "The application is kept; run \"yadiskctl login\" to sign in.");
        if (r < 0)
                return credential_explain_no_answer(r);
        if (!yes) {
                say("Run \"yadiskctl login\" to sign in later.");
                return EXIT_STATUS_OK;
        }
        say_gap();
        return run_login(c, e);
}

static ExitStatus report(const Enrolment *e) {
        _cleanup_free_ char *missing = NULL;

        if (strv_join(e->missing_scopes, &missing) < 0)
                return fail_errno(-ENOMEM, "show the permissions");

        if (*missing)
                say("Application %s is kept; these permissions were not ticked: %s",
                    e->application.client_id, missing);
        else
                say("Application %s is kept.", e->application.client_id);
        return EXIT_STATUS_OK;
}

ExitStatus verb_setup(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(enrolment_done) Enrolment e = { .is_attended = !c->json && terminal_can_ask() };
        _cleanup_(strv_freep) char **known = NULL;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = application_list(bus, &known); /* so that nobody registers for nothing */
        if (s != EXIT_STATUS_OK)
                return s;

        s = collect(c, &e, known);
        if (s == EXIT_STATUS_OK)
                s = enrolment_check(&e, bus);
        if (s == EXIT_STATUS_OK)
                s = enrolment_keep(&e, bus);
        if (s != EXIT_STATUS_OK)
                return s;

        if (c->json)
                return enrolment_print_json(&e);
        return e.is_attended ? offer_login(c, &e) : report(&e);
}
