/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/guide.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/output.h"

#define REDIRECT_URI "https://oauth.yandex.ru/verification_code"

/* Words of the form. */
static const char service_name[] = "«Название сервиса»";
static const char contact[] = "«Почта для связи»";
static const char web_services[] = "«Веб-сервисы»";
static const char data_access[] = "«Доступ к данным»";
static const char create[] = "«Создать приложение»";

static void show_indented(const char *text) {
        say_gap();
        say("        %s", text);
        say_gap();
}

void guide_show(const PermissionSet *wanted) {
        say(" 1. Sign in to Yandex and open this page:");
        show_indented(GUIDE_FORM_URL);
        say(" 2. Service name (%s): what you will see when you", service_name);
        say("    allow access. Contact address (%s): yours.", contact);
        say(" 3. Platform: web services (%s), with this Redirect URI:", web_services);
        show_indented(REDIRECT_URI);
        say(" 4. Data access (%s): type each of these names, and choose", data_access);
        say("    what is offered:");
        say_gap();
        permission_show(wanted->scopes);
        say_gap();
        say(" 5. Create the application (%s). Its page shows the ClientID", create);
        say("    and the client secret: copy both here. The secret is not shown.");
        say_gap();
}
