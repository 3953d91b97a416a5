/* SPDX-License-Identifier: MIT */

#include "yadiskctl/application.h"

#include <stdio.h>

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/secret.h"
#include "yadiskctl/terminal.h"

#define ORIGIN_MAX_BYTES 512

void application_done(Application *a) {
        a->client_secret = secret_free(a->client_secret);
        free(a->client_id);
        a->client_id = NULL;
}

static ExitStatus list_applications(sd_bus *bus, char ***ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = bus_manager_call(bus, &call, "ListApplications", NULL);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read_strv(reply, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

static ExitStatus explain_secret(int r, const char *origin) {
        switch (r) {
        case -ECANCELED:
                return fail(EXIT_STATUS_FAILURE, "The sign-in was cancelled; run \"yadiskctl "
                                                 "login\" to start again.");
        case -ENODATA:
                return fail(EXIT_STATUS_USAGE, "%s is empty.", origin);
        case -EMSGSIZE:
                return fail(EXIT_STATUS_USAGE, "%s is too long; at most %zu bytes are taken.",
                            origin, SECRET_MAX_BYTES);
        case -EBADMSG:
                return fail(EXIT_STATUS_USAGE,
                            "%s holds characters that are not part of it; copy it again from "
                            "https://oauth.yandex.ru.",
                            origin);
        default:
                return fail(EXIT_STATUS_USAGE, "%s cannot be read: %s.", origin, strerror(-r));
        }
}

static ExitStatus ask(const char *what, bool hidden, char **ret) {
        int r = terminal_ask(what, hidden, ret);

        return r < 0 ? explain_secret(r, what) : EXIT_STATUS_OK;
}

static ExitStatus read_secret_file(const char *path, char **ret) {
        char origin[ORIGIN_MAX_BYTES];
        int r;

        if (!streq(path, "-"))
                r = secret_read_file(path, ret);
        else if (terminal_can_ask())
                return ask(_("Client secret"), true, ret); /* not to be shown while it is typed */
        else
                r = secret_read(STDIN_FILENO, ret);
        if (r >= 0)
                return EXIT_STATUS_OK;

        (void) snprintf(origin, sizeof(origin), _("The client secret in \"%s\""), path);
        return explain_secret(r, origin);
}

static ExitStatus explain_choice(char *const *known) {
        _cleanup_free_ char *list = NULL;

        if (strv_join(known, &list) < 0)
                return fail_errno(-ENOMEM, "list the applications");
        return fail(EXIT_STATUS_USAGE,
                    "Several applications are known; choose one with --client-id: %s", list);
}

static ExitStatus explain_no_terminal(void) {
        return fail(EXIT_STATUS_USAGE,
                    "There is no terminal to ask at; name the application with --client-id ID "
                    "and --client-secret-file FILE.");
}

static ExitStatus choose_id(const char *given, char *const *known, char **ret) {
        size_t n = strv_length(known);

        if (!given && n > 1)
                return explain_choice(known);
        if (!given && n == 0 && !terminal_can_ask())
                return explain_no_terminal();
        if (!given && n == 0)
                return ask(_("ClientID of the application"), false, ret);
        if (given && !*given)
                return fail(EXIT_STATUS_USAGE, "The ClientID is empty; see \"yadiskctl login "
                                               "--help\".");
        return str_replace(ret, given ?: known[0]) < 0
                       ? fail_errno(-ENOMEM, "choose an application")
                       : EXIT_STATUS_OK;
}

static ExitStatus choose_secret(const char *file, bool is_known, char **ret) {
        if (file)
                return read_secret_file(file, ret);
        if (is_known)
                return EXIT_STATUS_OK;
        if (!terminal_can_ask())
                return explain_no_terminal();
        return ask(_("Client secret"), true, ret);
}

ExitStatus application_choose(sd_bus *bus, const char *client_id, const char *secret_file,
                              Application *ret) {
        _cleanup_(strv_freep) char **known = NULL;
        ExitStatus s;

        s = list_applications(bus, &known);
        if (s == EXIT_STATUS_OK)
                s = choose_id(client_id, known, &ret->client_id);
        if (s == EXIT_STATUS_OK)
                s = choose_secret(secret_file, strv_contains(known, ret->client_id),
                                  &ret->client_secret);
        return s;
}
