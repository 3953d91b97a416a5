/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/enrolment.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/setup/permission.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define TRIES_MAX 5

/* How it goes on after an answer of Yandex. */
typedef enum Next {
        NEXT_END,
        NEXT_CHECK,
} Next;

void enrolment_done(Enrolment *e) {
        e->missing_scopes = strv_free(e->missing_scopes);
        application_done(&e->application);
}

/* The pair the other way round, where the two could be taken for each other: tells what most likely
 * happened. The client secret, if it is one, goes to nobody but Yandex. */
static ExitStatus find_swapped(const Enrolment *e, sd_bus *bus, bool *ret) {
        const Application swapped = {
                .client_id = e->application.client_secret,
                .client_secret = e->application.client_id,
        };
        _cleanup_(application_check_done) ApplicationCheck check = {};
        ExitStatus s;

        *ret = false;
        if (strlen(swapped.client_id) != strlen(swapped.client_secret))
                return EXIT_STATUS_OK;

        s = application_check(bus, &swapped, NULL, &check);
        if (s == EXIT_STATUS_OK)
                *ret = check.is_known && check.secret_fits;
        return s;
}

static ExitStatus swap(Enrolment *e) {
        Application *a = &e->application;

        if (!e->is_attended)
                return fail(EXIT_STATUS_USAGE,
                            "ClientID and client secret are swapped; give them the other way "
                            "round.");

        *a = (Application){ .client_id = a->client_secret, .client_secret = a->client_id };
        paragraph_print(
                stderr,
                _("ClientID and client secret were swapped, and are now used the right way round. "
                  "The secret can be read above, so clear the screen when you are done."));
        return EXIT_STATUS_OK;
}

static ExitStatus redo_client_id(Enrolment *e, bool is_last) {
        static const char *const sentence =
                N_("Yandex does not know this ClientID, or has blocked the application; copy it "
                   "again from the application's page at https://oauth.yandex.ru.");

        if (is_last)
                return fail(EXIT_STATUS_DENIED, "%s", _(sentence));
        paragraph_print(stderr, _(sentence));
        return credential_ask_client_id(&e->application.client_id);
}

static ExitStatus redo_client_secret(Enrolment *e, bool is_last) {
        static const char *const sentence =
                N_("Yandex knows the application, but this is not its client secret; copy it again "
                   "from the application's page at https://oauth.yandex.ru.");

        if (is_last)
                return fail(EXIT_STATUS_DENIED, "%s", _(sentence));
        paragraph_print(stderr, _(sentence));
        return credential_ask_client_secret(e->application.client_id,
                                            &e->application.client_secret);
}

/* Offline, most likely, which has been said: what was typed need not be lost. */
static ExitStatus offer_to_keep(const Enrolment *e, ExitStatus trouble) {
        bool yes;
        int r;

        if (trouble != EXIT_STATUS_TRY_LATER || !e->is_attended)
                return trouble;

        r = terminal_confirm(_("Save ClientID and client secret without checking them? [Y/n]"),
                             &yes);
        if (r < 0)
                return credential_explain_no_answer(r);
        return yes ? EXIT_STATUS_OK : trouble;
}

static ExitStatus offer_to_tick(const Enrolment *e, Next *ret) {
        bool yes;
        int r;

        say_gap();
        say("Yandex knows the application, but these permissions were not ticked:");
        say_gap();
        permission_show((const char *const *) e->missing_scopes);
        say_gap();
        say("Tick them on the application's page at https://oauth.yandex.ru and save it;");
        say("then press Enter. Without them some requests of your programs will be refused.");
        (void) output_flush();

        r = terminal_confirm(_("Check again? [Y/n]"), &yes);
        if (r < 0)
                return credential_explain_no_answer(r);
        *ret = yes ? NEXT_CHECK : NEXT_END;
        return EXIT_STATUS_OK;
}

static ExitStatus redo_unknown(Enrolment *e, sd_bus *bus, bool is_last) {
        bool is_swapped;
        ExitStatus s;

        s = find_swapped(e, bus, &is_swapped);
        if (s != EXIT_STATUS_OK)
                return s;
        return is_swapped ? swap(e) : redo_client_id(e, is_last);
}

/* What to do about an answer. */
static ExitStatus judge(Enrolment *e, sd_bus *bus, ApplicationCheck *check, bool is_last,
                        Next *ret) {
        *ret = NEXT_CHECK;
        if (!check->is_known)
                return redo_unknown(e, bus, is_last);
        if (!check->secret_fits)
                return redo_client_secret(e, is_last);

        *ret = NEXT_END;
        e->is_checked = true;
        strv_free(e->missing_scopes);
        e->missing_scopes = TAKE_PTR(check->missing_scopes);
        if (strv_length(e->missing_scopes) > 0 && e->is_attended)
                return offer_to_tick(e, ret);
        return EXIT_STATUS_OK;
}

ExitStatus enrolment_check(Enrolment *e, sd_bus *bus) {
        Next next = NEXT_CHECK;
        ExitStatus s;

        for (int tries = 1; next == NEXT_CHECK; tries++) {
                _cleanup_(application_check_done) ApplicationCheck check = {};

                s = application_check(bus, &e->application, e->scopes, &check);
                if (s != EXIT_STATUS_OK)
                        return offer_to_keep(e, s);

                s = judge(e, bus, &check, !e->is_attended || tries >= TRIES_MAX, &next);
                if (s != EXIT_STATUS_OK)
                        return s;
        }
        return EXIT_STATUS_OK;
}

static ExitStatus add_application(const Application *a, sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;
        int r;

        s = bus_manager_call(bus, &call, "AddApplication", NULL);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_sensitive(call);
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", a->client_id, a->client_secret);
        return r < 0 ? fail_errno(r, "make a call") : bus_send(bus, call, NULL);
}

ExitStatus enrolment_keep(const Enrolment *e, sd_bus *bus) {
        for (;;) {
                ExitStatus s = add_application(&e->application, bus);
                bool yes;
                int r;

                if (s != EXIT_STATUS_KEYRING || !e->is_attended)
                        return s;

                r = terminal_confirm(_("Try once more to save them? [Y/n]"), &yes);
                if (r < 0)
                        return credential_explain_no_answer(r);
                if (!yes)
                        return s;
        }
}

ExitStatus enrolment_print_json(const Enrolment *e) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "client_id", e->application.client_id);
        json_bool(j, "checked", e->is_checked);
        json_strings(j, "missing_scopes", e->missing_scopes);
        return json_write(j);
}
