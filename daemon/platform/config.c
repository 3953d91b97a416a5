/* SPDX-License-Identifier: MIT */

#include "platform/config.h"

#include <glib.h>

#include "common/condition.h"
#include "common/log.h"
#include "platform/machine.h"

#define GROUP           "Yandex"
#define FILE_NAME       "yadisk-tokend/yadisk-tokend.conf"
#define DEVICE_NAME_MAX 100

/* Returns NULL, or what is wrong with the value. */
typedef const char *(*ConfigCheckFn)(const char *value);

typedef struct ConfigKey {
        const char *name;
        size_t offset;
        const char *fallback;
        ConfigCheckFn check;
} ConfigKey;

/* An https URL with a host, and perhaps a port and a path. */
static const char *config_check_url(const char *value) {
        g_autoptr(GUri) uri = g_uri_parse(value, G_URI_FLAGS_NONE, NULL);

        /* GLib accepts a space in a host. */
        if (!uri || strpbrk(value, " \t\r\n"))
                return "is not a URL";
        if (!streq(g_uri_get_scheme(uri), "https"))
                return "must start with https://";
        if (str_is_empty(g_uri_get_host(uri)))
                return "names no host";
        if (g_uri_get_userinfo(uri) || g_uri_get_query(uri) || g_uri_get_fragment(uri))
                return "may have no user name, query or fragment";
        if (g_uri_get_port(uri) == 0)
                return "has a port that cannot be";
        return NULL;
}

static const char *config_check_ca_file(const char *value) {
        g_autofree char *pem = NULL;

        if (!g_path_is_absolute(value))
                return "must be an absolute path";
        /* A device may have no end. */
        if (!g_file_test(value, G_FILE_TEST_IS_REGULAR) ||
            !g_file_get_contents(value, &pem, NULL, NULL))
                return "cannot be read";
        if (!strstr(pem, "-----BEGIN CERTIFICATE-----"))
                return "holds no certificate in PEM form";
        return NULL;
}

static const char *config_check_device_name(const char *value) {
        if (g_utf8_strlen(value, -1) > DEVICE_NAME_MAX)
                return "is longer than 100 characters";
        for (const char *c = value; *c; c++)
                if (g_ascii_iscntrl(*c))
                        return "has a control character";
        return NULL;
}

static const ConfigKey keys[] = {
        { "OAuthURL", offsetof(Config, oauth_url), "https://oauth.yandex.ru", config_check_url },
        { "LoginURL", offsetof(Config, login_url), "https://login.yandex.ru", config_check_url },
        { "DiskURL", offsetof(Config, disk_url), "https://cloud-api.yandex.net", config_check_url },
        { "CAFile", offsetof(Config, ca_file), NULL, config_check_ca_file },
        { "DeviceName", offsetof(Config, device_name), NULL, config_check_device_name },
};

static char **config_field(Config *c, const ConfigKey *key) {
        return (char **) ((char *) c + key->offset);
}

void config_done(Config *c) {
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                free(*config_field(c, &keys[i]));
        *c = (Config){};
}

static int config_refuse(const char *path, const char *key, const char *problem) {
        log_error("%s: [%s] %s %s; correct the file and start again.", path, GROUP, key, problem);
        return CONDITION_INVALID_ARGS;
}

static void config_warn_of_unknown(GKeyFile *file, const char *path) {
        g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
        g_auto(GStrv) names = g_key_file_get_keys(file, GROUP, NULL, NULL);

        for (char **group = groups; *group; group++)
                if (!streq(*group, GROUP))
                        log_warning("%s: unknown group [%s], ignored.", path, *group);

        for (char **name = names; name && *name; name++) {
                bool known = false;

                for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                        known = known || streq(keys[i].name, *name);
                if (!known)
                        log_warning("%s: [%s] unknown key %s, ignored.", path, GROUP, *name);
        }
}

/* An empty value counts as none. */
static int config_read_key(GKeyFile *file, const char *path, const ConfigKey *key, Config *c) {
        g_autoptr(GError) error = NULL;
        g_autofree char *value = NULL;
        const char *problem;
        size_t length;

        value = g_key_file_get_string(file, GROUP, key->name, &error);
        if (error && !g_error_matches(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND) &&
            !g_error_matches(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND))
                return config_refuse(path, key->name, "is not a valid string");
        if (str_is_empty(value))
                return 0;

        problem = key->check(value);
        if (problem)
                return config_refuse(path, key->name, problem);

        /* A path is appended to it. */
        length = strlen(value);
        while (key->check == config_check_url && value[length - 1] == '/')
                value[--length] = '\0';
        return str_replace(config_field(c, key), value);
}

static int config_fill_in_defaults(Config *c) {
        int r = 0;

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(keys); i++)
                if (!*config_field(c, &keys[i]))
                        r = str_replace(config_field(c, &keys[i]), keys[i].fallback);
        if (r == 0 && !c->device_name)
                r = machine_name(&c->device_name);
        return r;
}

int config_load_file(const char *path, Config *ret) {
        g_autoptr(GKeyFile) file = g_key_file_new();
        g_autoptr(GError) error = NULL;
        Config c = {};
        int r = 0;

        if (path && !g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error)) {
                log_error("%s: %s; correct the file and start again.", path, error->message);
                return CONDITION_INVALID_ARGS;
        }

        config_warn_of_unknown(file, path);
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(keys); i++)
                r = config_read_key(file, path, &keys[i], &c);
        if (r == 0)
                r = config_fill_in_defaults(&c);
        if (r != 0) {
                config_done(&c);
                return r;
        }

        *ret = c;
        return 0;
}

static char *config_find_file(void) {
        g_autofree char *own = g_build_filename(g_get_user_config_dir(), FILE_NAME, NULL);

        if (g_file_test(own, G_FILE_TEST_EXISTS))
                return g_steal_pointer(&own);

        for (const char *const *dir = g_get_system_config_dirs(); *dir; dir++) {
                g_autofree char *path = g_build_filename(*dir, FILE_NAME, NULL);

                if (g_file_test(path, G_FILE_TEST_EXISTS))
                        return g_steal_pointer(&path);
        }
        return NULL;
}

int config_load(Config *ret) {
        g_autofree char *path = config_find_file();

        return config_load_file(path, ret);
}
