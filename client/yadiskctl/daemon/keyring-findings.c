/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/keyring-findings.h"

#include <stdio.h>

#include "common/condition.h"
#include "common/strv.h"
#include "yadiskctl/terminal/terminal.h"

#define BUS_NAME      "org.freedesktop.DBus"
#define BUS_PATH      "/org/freedesktop/DBus"
#define SECRETS_NAME  "org.freedesktop.secrets"
#define SECRETS_PATH  "/org/freedesktop/secrets"
#define SYSTEMD_NAME  "org.freedesktop.systemd1"
#define SYSTEMD_PATH  "/org/freedesktop/systemd1"
#define PROMPTER_NAME "org.gnome.keyring.SystemPrompter"
#define COLLECTIONS   SECRETS_PATH "/collection/"

/* gnome-keyring has this one in memory alone. */
#define SESSION_COLLECTION COLLECTIONS "session"

#define TIMEOUT_USEC (UINT64_C(2) * 1000 * 1000)

typedef struct ProviderRow {
        const char *
                program; /* how the kernel shows it, or its beginning; it cuts names after 15 bytes */
        KeyringProvider provider;
} ProviderRow;

static const ProviderRow providers[] = {
        { "gnome-keyring-d", KEYRING_GNOME },
        { "keepassxc", KEYRING_KEEPASSXC },
        { "kwalletd", KEYRING_KWALLET },
        { "ksecretd", KEYRING_KWALLET },
};

/* By which KDE's can be started; then they own SECRETS_NAME as well. */
static const char *const kwallet_names[] = {
        "org.kde.secretservicecompat",
        "org.kde.kwalletd6",
        "org.kde.kwalletd5",
};

/* Starts nobody, and waits for nobody long. */
static int ask(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_set_auto_start(call, false);
        return r < 0 ? r : sd_bus_call(bus, call, TIMEOUT_USEC, NULL, ret);
}

static int ask_bus(sd_bus *bus, const char *member, const char *name, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, BUS_NAME, BUS_PATH, BUS_NAME, member);
        if (r >= 0 && name)
                r = sd_bus_message_append(call, "s", name);
        return r < 0 ? r : ask(bus, call, ret);
}

/* The answer is a variant. */
static int ask_property(sd_bus *bus, const char *service, const char *path, const char *interface,
                        const char *property, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, service, path,
                                           "org.freedesktop.DBus.Properties", "Get");
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", interface, property);
        return r < 0 ? r : ask(bus, call, ret);
}

/* NULL if there is none. */
static char **read_strings(sd_bus *bus, const char *service, const char *path,
                           const char *interface, const char *property, const char *type) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **l = NULL;
        const char *s;
        int r;

        r = ask_property(bus, service, path, interface, property, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'v', type);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', type + 1);
        while (r >= 0 && (r = sd_bus_message_read_basic(reply, type[1], &s)) > 0)
                r = strv_extend(&l, s);
        return r < 0 ? NULL : TAKE_PTR(l);
}

/* Who provides it. */

static KeyringProvider provider_of(uint32_t pid) {
        char path[sizeof("/proc//comm") + 3 * sizeof(pid)], program[32] = "";
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%u/comm", pid);
        f = fopen(path, "re");
        if (f) {
                if (!fgets(program, sizeof(program), f))
                        program[0] = '\0';
                (void) fclose(f);
        }

        for (size_t i = 0; i < ELEMENTSOF(providers); i++)
                if (strncmp(program, providers[i].program, strlen(providers[i].program)) == 0)
                        return providers[i].provider;
        return KEYRING_OTHER;
}

/* Behind the proxy of a sandbox the one who owns the name may be hidden. */
static uint32_t find_pid(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t pid = 0;
        int r;

        r = ask_bus(bus, "GetConnectionUnixProcessID", SECRETS_NAME, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", &pid);
        return r < 0 ? 0 : pid;
}

static bool is_installed(const char *program) {
        const char *directories = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin";
        char path[PATH_MAX];

        for (const char *d = directories; *d; d += strspn(d, ":")) {
                size_t length = strcspn(d, ":");
                int n = snprintf(path, sizeof(path), "%.*s/%s", (int) length, d, program);

                if (n > 0 && (size_t) n < sizeof(path) && access(path, X_OK) == 0)
                        return true;
                d += length;
        }
        return false;
}

static char **read_startable(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char **l = NULL;

        if (ask_bus(bus, "ListActivatableNames", NULL, &reply) < 0 ||
            sd_bus_message_read_strv(reply, &l) < 0)
                return NULL;
        return l;
}

static bool is_owned(sd_bus *bus, const char *name) {
        return ask_bus(bus, "GetNameOwner", name, NULL) >= 0;
}

/* Whether a window would be seen. */

static bool names_display(const char *assignment) {
        static const char *const variables[] = { "DISPLAY=", "WAYLAND_DISPLAY=" };

        for (size_t i = 0; i < ELEMENTSOF(variables); i++)
                if (strncmp(assignment, variables[i], strlen(variables[i])) == 0 &&
                    assignment[strlen(variables[i])])
                        return true;
        return false;
}

static bool have_display(void) {
        return !str_is_empty(getenv("DISPLAY")) || !str_is_empty(getenv("WAYLAND_DISPLAY"));
}

/* What the bus starts gets the environment of the service manager, where there is one. A person at a
 * terminal without a display, as over ssh, does not see what is shown on another; one who reads a log later
 * may. */
static bool find_display(sd_bus *bus) {
        _cleanup_(strv_freep) char **environment = NULL;

        if (!have_display() && terminal_is_attended())
                return false;

        environment = read_strings(bus, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_NAME ".Manager",
                                   "Environment", "as");
        if (!environment)
                return have_display();
        for (char **assignment = environment; *assignment; assignment++)
                if (names_display(*assignment))
                        return true;
        return false;
}

/* gnome-keyring has another program show its windows. */
static bool find_window(sd_bus *bus, KeyringProvider provider, char *const *startable) {
        if (!find_display(bus))
                return false;
        return provider != KEYRING_GNOME || strv_contains(startable, PROMPTER_NAME) ||
               is_owned(bus, PROMPTER_NAME);
}

/* Why gnome-keyring has no default collection. */

static void find_other_collection(sd_bus *bus, char ret[static KEYRING_PATH_MAX]) {
        _cleanup_(strv_freep) char **l = NULL;

        l = read_strings(bus, SECRETS_NAME, SECRETS_PATH, "org.freedesktop.Secret.Service",
                         "Collections", "ao");
        for (char **path = l; path && *path; path++) {
                if (streq(*path, SESSION_COLLECTION) || strlen(*path) >= KEYRING_PATH_MAX)
                        continue;
                (void) strcpy(ret, *path);
                if (streq(*path, COLLECTIONS "login"))
                        return;
        }
}

static void find_stale_default(char ret[static PATH_MAX]) {
        const char *data = str_or_empty(getenv("XDG_DATA_HOME")),
                   *home = str_or_empty(getenv("HOME"));
        int n;

        n = *data == '/' ? snprintf(ret, PATH_MAX, "%s/keyrings/default", data)
                         : snprintf(ret, PATH_MAX, "%s/.local/share/keyrings/default", home);
        if (n < 0 || n >= PATH_MAX || access(ret, F_OK) < 0)
                *ret = '\0';
}

void keyring_findings_read(sd_bus *bus, int condition, KeyringFindings *ret) {
        _cleanup_(strv_freep) char **startable = NULL;
        KeyringFindings f = { .condition = condition };

        startable = read_startable(bus);
        f.pid = find_pid(bus);
        f.provider = f.pid == 0 ? KEYRING_NOBODY : provider_of(f.pid);
        f.has_window = find_window(bus, f.provider, startable);
        f.can_be_gnome = is_installed("gnome-keyring-daemon");
        f.can_be_keepassxc = is_installed("keepassxc");
        for (size_t i = 0; i < ELEMENTSOF(kwallet_names); i++)
                f.can_be_kwallet = f.can_be_kwallet || strv_contains(startable, kwallet_names[i]);
        f.has_ask_password = is_installed("systemd-ask-password");
        f.has_busctl = is_installed("busctl");
        if (f.provider == KEYRING_GNOME && condition == CONDITION_KEYRING_MISSING) {
                find_other_collection(bus, f.other_collection);
                find_stale_default(f.stale_default);
        }
        *ret = f;
}
