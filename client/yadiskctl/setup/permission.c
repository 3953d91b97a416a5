/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/permission.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/output.h"

#define INFO       "cloud_api:disk.info"
#define READ       "cloud_api:disk.read"
#define WRITE      "cloud_api:disk.write"
#define APP_FOLDER "cloud_api:disk.app_folder"
#define WEBDAV     "yadisk:disk"

static const char *const disk[] = { INFO, READ, WRITE, NULL };
static const char *const webdav[] = { INFO, READ, WRITE, WEBDAV, NULL };
static const char *const app_folder[] = { APP_FOLDER, NULL };

const PermissionSet permission_sets[] = {
        { "disk", N_("the whole Disk"), disk },
        { "webdav", N_("the whole Disk, through WebDAV as well"), webdav },
        { "app-folder", N_("one folder of their own, and nothing else"), app_folder },
        {},
};

static const struct {
        const char *scope, *form_name;
} form[] = {
        { INFO, "«Доступ к информации о Диске»" },
        { READ, "«Чтение всего Диска»" },
        { WRITE, "«Запись в любом месте на Диске»" },
        { APP_FOLDER, "«Доступ к папке приложения на Диске»" },
        { WEBDAV, "«Доступ к Яндекс.Диску для приложений»" },
};

size_t permission_sets_count(void) {
        return ELEMENTSOF(permission_sets) - 1;
}

const PermissionSet *permission_set_find(const char *name) {
        for (const PermissionSet *set = permission_sets; set->name; set++)
                if (streq(set->name, name))
                        return set;
        return NULL;
}

const char *permission_form_name(const char *scope) {
        for (size_t i = 0; i < ELEMENTSOF(form); i++)
                if (streq(form[i].scope, scope))
                        return form[i].form_name;
        return "";
}

void permission_show(const char *const *scopes) {
        for (; *scopes; scopes++)
                say("        %-26s%s", *scopes, permission_form_name(*scopes));
}
