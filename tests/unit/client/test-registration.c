/* SPDX-License-Identifier: MIT */

/* What the user is told of the form of Yandex, and of what Yandex says about an application. */

#include "yadiskctl/setup/registration.h"

#include "check.h"
#include "common/strv.h"

static Registration reg;

/* Without a terminal, so each answer is the last. */
static ExitStatus judge(ApplicationCheck check, bool *ret_again, const char **ret_said) {
        Capture *err = capture(STDERR_FILENO);
        ExitStatus s;

        reg = (Registration){ .application = { .client_id = (char *) "id",
                                               .client_secret = (char *) "secret" } };
        s = registration_judge(&reg, &check, true, ret_again);
        *ret_said = captured(err);
        return s;
}

static void what_yandex_takes_is_checked(void) {
        const char *said;
        bool again;

        CHECK_INT(judge((ApplicationCheck){ .is_known = true, .secret_fits = true }, &again, &said),
                  EXIT_STATUS_OK);
        CHECK(reg.is_checked && !again);
        CHECK_STR(said, "");
}

static void what_is_wrong_is_named(void) {
        const char *said;
        bool again;

        CHECK_INT(judge((ApplicationCheck){ .is_known = true }, &again, &said), EXIT_STATUS_DENIED);
        CHECK(strstr(said, "Yandex knows the application, but this is not its client secret;"));
        CHECK_INT(judge((ApplicationCheck){}, &again, &said), EXIT_STATUS_DENIED);
        CHECK(strstr(said, "Yandex does not know this ClientID, or has blocked the application;"));
        CHECK_INT(judge((ApplicationCheck){ .is_swapped = true }, &again, &said),
                  EXIT_STATUS_USAGE);
        CHECK(strstr(said, "ClientID and client secret are swapped;"));
        CHECK(!reg.is_checked);
}

static void what_is_missing_is_noted(void) {
        ApplicationCheck check = { .is_known = true, .secret_fits = true };
        const char *said;
        bool again;

        CHECK(strv_extend(&check.missing_scopes, "cloud_api:disk.write") >= 0);
        CHECK_INT(judge(check, &again, &said), EXIT_STATUS_OK);
        CHECK_INT(strv_length(reg.missing_scopes), 1);
        CHECK_STR(reg.missing_scopes[0], "cloud_api:disk.write");
        strv_free(reg.missing_scopes);
}

static void the_form_is_shown_with_its_own_words(void) {
        static const char *const words[] = {
                "1. Sign in to Yandex and open this page:\n\n        " REGISTRATION_FORM_URL "\n",
                "«Название сервиса»", "\n        https://oauth.yandex.ru/verification_code\n",
                "        cloud_api:disk.read       «Чтение всего Диска»\n", "«Создать приложение»"
        };

        for (const PermissionSet *set = permission_sets; set->name; set++) {
                Capture *out = capture(STDOUT_FILENO);
                const char *said;

                registration_show_form(set);
                said = captured(out);
                for (const char *const *scope = set->scopes; *scope; scope++)
                        CHECK(strstr(said, *scope));
                for (size_t i = 0; set == permission_sets && i < ELEMENTSOF(words); i++)
                        CHECK(strstr(said, words[i]));
        }
}

int main(void) {
        what_yandex_takes_is_checked();
        what_is_wrong_is_named();
        what_is_missing_is_noted();
        the_form_is_shown_with_its_own_words();
        return EXIT_SUCCESS;
}
