/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/registration.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/sign-in/dialog.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define TRIES_MAX 5

#define REDIRECT_URI "https://oauth.yandex.ru/verification_code"

/* Scopes for a Disk (Yandex ID docs). */
#define INFO       "cloud_api:disk.info"
#define READ       "cloud_api:disk.read"
#define WRITE      "cloud_api:disk.write"
#define APP_FOLDER "cloud_api:disk.app_folder"
#define WEBDAV     "yadisk:disk"

static const char *const disk_scopes[] = { INFO, READ, WRITE, NULL };
static const char *const webdav_scopes[] = { INFO, READ, WRITE, WEBDAV, NULL };
static const char *const app_folder_scopes[] = { APP_FOLDER, NULL };

const PermissionSet permission_sets[] = {
        { "disk", N_("the whole Disk"), disk_scopes },
        { "webdav", N_("the whole Disk, through WebDAV as well"), webdav_scopes },
        { "app-folder", N_("one folder of their own, and nothing else"), app_folder_scopes },
        {},
};

/* What the form calls them. */
static const struct {
        const char *scope, *form_name;
} form_names[] = {
        { INFO, "«Доступ к информации о Диске»" },
        { READ, "«Чтение всего Диска»" },
        { WRITE, "«Запись в любом месте на Диске»" },
        { APP_FOLDER, "«Доступ к папке приложения на Диске»" },
        { WEBDAV, "«Доступ к Яндекс.Диску для приложений»" },
};

static const DictField check_fields[] = {
        { "client_id", "b", offsetof(ApplicationCheck, is_known) },
        { "client_secret", "b", offsetof(ApplicationCheck, secret_fits) },
        { "missing_scopes", "as", offsetof(ApplicationCheck, missing_scopes) },
        {},
};

void registration_done(Registration *reg) {
        reg->missing_scopes = strv_free(reg->missing_scopes);
        application_done(&reg->application);
}

/* "" if it is not known. */
static const char *registration_form_name(const char *scope) {
        for (size_t i = 0; i < ELEMENTSOF(form_names); i++)
                if (streq(form_names[i].scope, scope))
                        return form_names[i].form_name;
        return "";
}

static void registration_show_scopes(const char *const *scopes) {
        for (; *scopes; scopes++)
                say("        %-26s%s", *scopes, registration_form_name(*scopes));
}

void registration_show_form(const PermissionSet *wanted) {
        say(" 1. Sign in to Yandex and open this page:");
        say_gap();
        say("        %s", REGISTRATION_FORM_URL);
        say_gap();
        say(" 2. Service name (%s): what you will see when you", "«Название сервиса»");
        say("    allow access. Contact address (%s): yours.", "«Почта для связи»");
        say(" 3. Platform: web services (%s), with this Redirect URI:", "«Веб-сервисы»");
        say_gap();
        say("        %s", REDIRECT_URI);
        say_gap();
        say(" 4. Data access (%s): type each of these names, and choose", "«Доступ к данным»");
        say("    what is offered:");
        say_gap();
        registration_show_scopes(wanted->scopes);
        say_gap();
        say(" 5. Create the application (%s). Its page shows the ClientID", "«Создать приложение»");
        say("    and the client secret: copy both here. The secret is not shown.");
        say_gap();
}

static void application_check_done(ApplicationCheck *check) {
        check->missing_scopes = strv_free(check->missing_scopes);
}

/* scopes may be NULL. *ret is empty before, and released by the caller. EXIT_STATUS_TRY_LATER if
 * Yandex cannot be asked now. */
static ExitStatus application_check(sd_bus *bus, const Application *a, const char *const *scopes,
                                    ApplicationCheck *ret) {
        const BusOption options[] = {
                { "client_secret", .text = a->client_secret },
                { "scopes", .list = scopes },
                {},
        };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = bus_new_call(bus, NULL, &call, "CheckApplication", "s", a->client_id);
        if (s == EXIT_STATUS_OK)
                s = bus_append_options(call, options);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = dict_read(reply, check_fields, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

/* Tries ClientID and client secret the other way round, if they could be taken for each other. The
 * client secret, if it is one, is sent to Yandex only. */
static ExitStatus registration_find_swapped(const Registration *reg, sd_bus *bus, bool *ret) {
        const Application swapped = {
                .client_id = reg->application.client_secret,
                .client_secret = reg->application.client_id,
        };
        _cleanup_(application_check_done) ApplicationCheck check = {};
        ExitStatus s;

        if (strlen(swapped.client_id) != strlen(swapped.client_secret))
                return EXIT_STATUS_OK;

        s = application_check(bus, &swapped, NULL, &check);
        if (s == EXIT_STATUS_OK)
                *ret = check.is_known && check.secret_fits;
        return s;
}

static ExitStatus registration_swap(Registration *reg) {
        Application *a = &reg->application;

        if (!reg->can_ask)
                return fail_usage(
                        "ClientID and client secret are swapped; give them the other way round.");

        *a = (Application){ .client_id = a->client_secret, .client_secret = a->client_id };
        paragraph_print(
                stderr,
                _("ClientID and client secret were swapped, and are now used the right way round. "
                  "The secret can be read above, so clear the screen when you are done."));
        return EXIT_STATUS_OK;
}

/* Asks again for the client secret if Yandex knows the application, otherwise for the ClientID. */
static ExitStatus registration_ask_again(Registration *reg, bool is_known, bool is_last) {
        const char *sentence = is_known ? N_("Yandex knows the application, but this is not its "
                                             "client secret; copy it again from the application's "
                                             "page at https://oauth.yandex.ru.")
                                        : N_("Yandex does not know this ClientID, or has blocked "
                                             "the application; copy it again from the "
                                             "application's page at https://oauth.yandex.ru.");
        Application *a = &reg->application;

        if (is_last)
                return fail(EXIT_STATUS_DENIED, "%s", _(sentence));
        paragraph_print(stderr, _(sentence));
        return is_known ? credential_ask_client_secret(a->client_id, &a->client_secret)
                        : credential_ask_client_id(&a->client_id);
}

static ExitStatus registration_offer_to_tick(const Registration *reg, bool *ret_again) {
        int r;

        say_gap();
        say("Yandex knows the application, but these permissions were not ticked:");
        say_gap();
        registration_show_scopes((const char *const *) reg->missing_scopes);
        say_gap();
        say("Tick them on the application's page at https://oauth.yandex.ru and save it;");
        say("then press Enter. Without them some requests of your programs will be refused.");
        (void) output_flush();

        r = terminal_confirm(_("Check again? [Y/n]"), ret_again);
        return r < 0 ? credential_explain_no_answer(r) : EXIT_STATUS_OK;
}

ExitStatus registration_judge(Registration *reg, ApplicationCheck *check, bool is_last,
                              bool *ret_again) {
        *ret_again = true;
        if (check->is_swapped)
                return registration_swap(reg);
        if (!check->is_known || !check->secret_fits)
                return registration_ask_again(reg, check->is_known, is_last);

        *ret_again = false;
        reg->is_checked = true;
        strv_free(reg->missing_scopes);
        reg->missing_scopes = TAKE_PTR(check->missing_scopes);
        if (strv_length(reg->missing_scopes) > 0 && reg->can_ask)
                return registration_offer_to_tick(reg, ret_again);
        return EXIT_STATUS_OK;
}

/* We are offline, most likely, which has been said. What the user typed need not be lost. */
static ExitStatus registration_offer_to_keep(const Registration *reg, ExitStatus trouble) {
        bool yes;
        int r;

        if (trouble != EXIT_STATUS_TRY_LATER || !reg->can_ask)
                return trouble;

        r = terminal_confirm(_("Save ClientID and client secret without checking them? [Y/n]"),
                             &yes);
        if (r < 0)
                return credential_explain_no_answer(r);
        return yes ? EXIT_STATUS_OK : trouble;
}

ExitStatus registration_check(Registration *reg, sd_bus *bus) {
        bool again = true;

        for (int tries = 1; again; tries++) {
                _cleanup_(application_check_done) ApplicationCheck check = {};
                ExitStatus s;

                s = application_check(bus, &reg->application, reg->scopes, &check);
                if (s != EXIT_STATUS_OK)
                        return registration_offer_to_keep(reg, s);

                if (!check.is_known)
                        s = registration_find_swapped(reg, bus, &check.is_swapped);
                if (s == EXIT_STATUS_OK)
                        s = registration_judge(reg, &check, !reg->can_ask || tries >= TRIES_MAX,
                                               &again);
                if (s != EXIT_STATUS_OK)
                        return s;
        }
        return EXIT_STATUS_OK;
}

/* If an account uses another secret, and the user can be asked, nothing is said of that. */
static ExitStatus registration_send(const Registration *reg, sd_bus *bus, bool *ret_in_use) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        const BusOption options[] = {
                { "replace", .flag = reg->replace || reg->is_checked },
                {},
        };
        ExitStatus s;

        s = bus_new_call(bus, NULL, &call, "SetApplication", "ss", reg->application.client_id,
                         reg->application.client_secret);
        if (s == EXIT_STATUS_OK)
                s = bus_append_options(call, options);
        if (s != EXIT_STATUS_OK || daemon_call(bus, call, &error, NULL) >= 0)
                return s;

        *ret_in_use = reg->can_ask && bus_find_condition(&error) == CONDITION_SECRET_IN_USE;
        return *ret_in_use ? EXIT_STATUS_OK : bus_explain(bus, &error);
}

static ExitStatus registration_say_users(const Registration *reg, sd_bus *bus) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(strv_freep) char **users = NULL;
        _cleanup_free_ char *quoted = NULL;
        ExitStatus s;

        s = snapshot_read(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        if (application_find_users(&snapshot, reg->application.client_id, &users) < 0 ||
            application_quote_users(users, &quoted) < 0)
                return fail_errno(-ENOMEM, "list the accounts");

        remark("These accounts are signed in through this application, with another client secret: "
               "%s",
               quoted);
        return EXIT_STATUS_OK;
}

static ExitStatus registration_ask_to_replace(Registration *reg, sd_bus *bus) {
        ExitStatus s;

        s = registration_say_users(reg, bus);
        if (s != EXIT_STATUS_OK)
                return s;

        reg->replace = user_agrees(_("Replace it? [y/N]"));
        return reg->replace ? EXIT_STATUS_OK
                            : fail(condition_exit_status(CONDITION_CANCELLED),
                                   "The client secret stays as it was; run the command again if it "
                                   "is to be replaced.");
}

/* Asks whether to try once more after the keyring did not take it. */
static ExitStatus registration_ask_to_retry(ExitStatus trouble) {
        bool yes;
        int r;

        r = terminal_confirm(_("Try once more to save them? [Y/n]"), &yes);
        if (r < 0)
                return credential_explain_no_answer(r);
        return yes ? EXIT_STATUS_OK : trouble;
}

ExitStatus registration_keep(Registration *reg, sd_bus *bus) {
        for (;;) {
                bool in_use = false;
                ExitStatus s;

                s = registration_send(reg, bus, &in_use);
                if (in_use)
                        s = registration_ask_to_replace(reg, bus);
                else if (s == EXIT_STATUS_KEYRING && reg->can_ask)
                        s = registration_ask_to_retry(s);
                else
                        return s;
                if (s != EXIT_STATUS_OK)
                        return s;
        }
}

ExitStatus registration_print_json(const Registration *reg) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "client_id", reg->application.client_id);
        json_bool(j, "checked", reg->is_checked);
        json_strings(j, "missing_scopes", reg->missing_scopes);
        return json_write(j);
}
