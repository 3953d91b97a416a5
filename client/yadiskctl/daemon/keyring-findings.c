/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/keyring-findings.h"

#include <fcntl.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/names.h"
#include "common/shell.h"
#include "common/strv.h"
#include "shared/directories.h"
#include "shared/session-bus.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

#define SECRETS_NAME       "org.freedesktop.secrets"
#define SECRETS_PATH       "/org/freedesktop/secrets"
#define SECRETS_SERVICE    "org.freedesktop.Secret.Service"
#define SECRETS_COLLECTION "org.freedesktop.Secret.Collection"
#define PROMPTER_NAME      "org.gnome.keyring.SystemPrompter"
#define COLLECTIONS        SECRETS_PATH "/collection/"

/* gnome-keyring has this one in memory alone. */
#define SESSION_COLLECTION COLLECTIONS "session"

/* The one that can be opened without a window: by the password of the login, or by UNLOCK. */
#define LOGIN_COLLECTION COLLECTIONS "login"

/* Where a program that has no PATH, such as one of cron, is looked for by execvp(3). */
#define PATH_DEFAULT "/bin:/usr/bin"

/* With a line feed and a NUL. */
#define COMM_BYTES 17

#define TIMEOUT_USEC (UINT64_C(2) * 1000 * 1000)

/* The standard input is the password. This unlocks the login keyring, or makes one if there is
 * none. It replaces the daemon that runs, which takes no password from a terminal. */
#define UNLOCK "gnome-keyring-daemon --replace --unlock --components=secrets"

typedef struct ProviderRow {
        const char *program; /* the beginning of its name, which the kernel cuts after 15 bytes */
        KeyringProvider provider;
} ProviderRow;

static const ProviderRow providers[] = {
        { "gnome-keyring-d", KEYRING_GNOME },
        { "keepassxc", KEYRING_KEEPASSXC },
        { "kwalletd", KEYRING_KWALLET },
        { "ksecretd", KEYRING_KWALLET },
};

/* The bus can start a KWallet by one of these names. Then it owns SECRETS_NAME as well. */
static const char *const kwallet_names[] = {
        "org.kde.secretservicecompat",
        "org.kde.kwalletd6",
        "org.kde.kwalletd5",
};

/* Asks a service that runs for a property. Its value is what is read from *ret next. Returns a
 * negative errno if that fails. */
static int keyring_ask_property(sd_bus *bus, const char *service, const char *path,
                                const char *interface, const char *property, sd_bus_message **ret) {
        int r;

        r = session_bus_ask(bus, TIMEOUT_USEC, ret, service, path,
                            "org.freedesktop.DBus.Properties", "Get", "ss", interface, property);
        return r < 0 ? r : sd_bus_message_enter_container(*ret, 'v', NULL);
}

/* Reads a property of the type "as" or "ao". Returns NULL if that fails. */
static char **keyring_read_property(sd_bus *bus, const char *service, const char *path,
                                    const char *interface, const char *property) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char **l = NULL;
        int r;

        r = keyring_ask_property(bus, service, path, interface, property, &reply);
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &l);
        return r < 0 ? NULL : l;
}

static KeyringProvider keyring_find_provider(uint32_t pid) {
        char path[sizeof("/proc//comm") + 3 * sizeof(pid)], program[COMM_BYTES] = "";
        _cleanup_fd_ int fd = -EBADF;

        (void) snprintf(path, sizeof(path), "/proc/%u/comm", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, program, sizeof(program) - 1) < 0)
                return KEYRING_OTHER;

        for (size_t i = 0; i < ELEMENTSOF(providers); i++)
                if (str_has_prefix(program, providers[i].program))
                        return providers[i].provider;
        return KEYRING_OTHER;
}

static bool keyring_program_is_installed(const char *program) {
        _cleanup_free_ char *directories = strdup(getenv("PATH") ?: PATH_DEFAULT);
        char *rest = directories, *directory;

        while ((directory = strsep(&rest, ":"))) {
                _cleanup_free_ char *path = NULL;

                if (str_format(&path, "%s/%s", directory, program) >= 0 && access(path, X_OK) == 0)
                        return true;
        }
        return false;
}

static bool keyring_names_display(const char *assignment) {
        const char *value = strchr(assignment, '=');

        return value && value[1] &&
               (str_has_prefix(assignment, "DISPLAY=") ||
                str_has_prefix(assignment, "WAYLAND_DISPLAY="));
}

static bool keyring_has_display(void) {
        return !str_is_empty(getenv("DISPLAY")) || !str_is_empty(getenv("WAYLAND_DISPLAY"));
}

/* What the bus starts gets the environment of the service manager, if there is one. A person at a
 * terminal without a display, as over ssh, does not see what another display shows. A person who
 * reads a log later may see it. */
static bool keyring_finds_display(sd_bus *bus) {
        _cleanup_(strv_freep) char **environment = NULL;

        if (!keyring_has_display() && terminal_is_attended())
                return false;

        environment = keyring_read_property(bus, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                                            "Environment");
        if (!environment)
                return keyring_has_display();
        for (char **assignment = environment; *assignment; assignment++)
                if (keyring_names_display(*assignment))
                        return true;
        return false;
}

/* gnome-keyring needs another program to show its windows. */
static bool keyring_can_show_window(sd_bus *bus, KeyringProvider provider, char *const *startable) {
        if (!keyring_finds_display(bus))
                return false;
        return provider != KEYRING_GNOME || strv_contains(startable, PROMPTER_NAME) ||
               sd_bus_get_name_creds(bus, PROMPTER_NAME, 0, NULL) >= 0;
}

/* Leaves *ret empty if the path is too long. */
static void keyring_read_collection(sd_bus *bus, const char *path, KeyringCollection *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *label = NULL, *locked = NULL;
        const char *name = NULL;
        int is_locked = true;

        if (strlen(path) >= KEYRING_PATH_MAX)
                return;
        if (keyring_ask_property(bus, SECRETS_NAME, path, SECRETS_COLLECTION, "Label", &label) >= 0)
                (void) sd_bus_message_read_basic(label, 's', &name);
        if (keyring_ask_property(bus, SECRETS_NAME, path, SECRETS_COLLECTION, "Locked", &locked) >=
            0)
                (void) sd_bus_message_read_basic(locked, 'b', &is_locked);

        if (str_is_empty(name) || strlen(name) >= KEYRING_PATH_MAX)
                name = path;
        (void) strcpy(ret->path, path);
        (void) strcpy(ret->label, name);
        ret->is_open = !is_locked;
}

static void keyring_read_default(sd_bus *bus, KeyringCollection *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path;

        if (session_bus_ask(bus, TIMEOUT_USEC, &reply, SECRETS_NAME, SECRETS_PATH, SECRETS_SERVICE,
                            "ReadAlias", "s", "default") >= 0 &&
            sd_bus_message_read_basic(reply, 'o', &path) >= 0)
                keyring_read_collection(bus, path, ret);
}

/* Finds a locked collection, other than the default one, that holds entries of ours. gnome-keyring
 * finds what it has not unlocked yet by the kind, but not by the schema. */
static void keyring_find_entries(sd_bus *bus, KeyringCollection *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **open = NULL, **locked = NULL;

        if (session_bus_ask(bus, TIMEOUT_USEC, &reply, SECRETS_NAME, SECRETS_PATH, SECRETS_SERVICE,
                            "SearchItems", "a{ss}", 1, "kind", "account") < 0 ||
            sd_bus_message_read_strv(reply, &open) < 0 ||
            sd_bus_message_read_strv(reply, &locked) < 0 || strv_length(locked) == 0)
                return;

        *strrchr(*locked, '/') = '\0';
        keyring_read_collection(bus, *locked, ret);
}

/* Finds a collection that could become the default one, best the login keyring. */
static void keyring_find_other_collection(sd_bus *bus, KeyringCollection *ret) {
        _cleanup_(strv_freep) char **l = NULL;

        l = keyring_read_property(bus, SECRETS_NAME, SECRETS_PATH, SECRETS_SERVICE, "Collections");
        if (l && strv_contains(l, LOGIN_COLLECTION))
                return keyring_read_collection(bus, LOGIN_COLLECTION, ret);
        for (char **path = l; path && *path; path++)
                if (!streq(*path, SESSION_COLLECTION))
                        keyring_read_collection(bus, *path, ret);
}

/* Finds the file that names the default keyring, as gnome-keyring does. */
static void keyring_find_default_file(char ret[static PATH_MAX]) {
        _cleanup_free_ char *path = NULL;

        if (user_path("XDG_DATA_HOME", ".local/share", "keyrings/default", &path) >= 0 &&
            strlen(path) < PATH_MAX && access(path, F_OK) == 0)
                (void) strcpy(ret, path);
}

/* Whether the user has switched KWallet off; then it starts, and ends at once. */
static bool keyring_kwallet_is_off(void) {
        _cleanup_free_ char *path = NULL, *line = NULL;
        bool in_wallet = false, is_off = false;
        size_t size = 0;
        FILE *f = NULL;

        if (user_path("XDG_CONFIG_HOME", ".config", "kwalletrc", &path) >= 0)
                f = fopen(path, "re");
        while (f && getline(&line, &size, f) >= 0) {
                line[strcspn(line, "\n")] = '\0';
                if (*line == '[')
                        in_wallet = streq(line, "[Wallet]");
                else if (in_wallet && str_has_prefix(line, "Enabled="))
                        is_off = streq(line, "Enabled=false");
        }
        if (f)
                (void) fclose(f);
        return is_off;
}

static void keyring_read_collections(sd_bus *bus, KeyringFindings *f) {
        keyring_read_default(bus, &f->default_one);
        if (f->condition == CONDITION_KEYRING_MISSING || !f->default_one.is_open)
                keyring_find_other_collection(bus, &f->other);
        else
                keyring_find_entries(bus, &f->other);
        keyring_find_default_file(f->default_file);
}

void keyring_findings_read(sd_bus *bus, int condition, KeyringFindings *ret) {
        _cleanup_(strv_freep) char **startable = NULL;
        KeyringFindings f = { .condition = condition };

        (void) sd_bus_list_names(bus, NULL, &startable);
        f.pid = session_bus_find_pid(bus, SECRETS_NAME);
        f.provider = f.pid == 0 ? KEYRING_NONE : keyring_find_provider(f.pid);
        f.has_window = keyring_can_show_window(bus, f.provider, startable);
        f.can_be_gnome = keyring_program_is_installed("gnome-keyring-daemon");
        f.can_be_keepassxc = keyring_program_is_installed("keepassxc");
        for (size_t i = 0; i < ELEMENTSOF(kwallet_names); i++)
                f.can_be_kwallet = f.can_be_kwallet || strv_contains(startable, kwallet_names[i]);
        f.kwallet_is_off = f.can_be_kwallet && f.has_window && keyring_kwallet_is_off();
        f.has_ask_password = keyring_program_is_installed("systemd-ask-password");
        f.has_busctl = keyring_program_is_installed("busctl");
        if (f.provider == KEYRING_GNOME &&
            (condition == CONDITION_KEYRING_MISSING || condition == CONDITION_KEYRING_LOCKED))
                keyring_read_collections(bus, &f);
        *ret = f;
}

static const char *keyring_unlock_command(const KeyringFindings *f) {
        return f->has_ask_password ? "systemd-ask-password -n Keyring: | " UNLOCK
                                   : "stty -echo; head -n 1 | tr -d '\\n' | " UNLOCK "; stty echo";
}

/* If the default keyring is gone, or of no use, the file that names it must go first: it keeps
 * another from becoming the default. */
static void keyring_advise_to_unlock_new(const KeyringFindings *f, Problem *p) {
        _cleanup_free_ char *stale = NULL, *command = NULL;

        if (*f->default_file && shell_quote_word(f->default_file, &stale) < 0)
                return;
        if (str_format(&command, "%s%s%s%s", stale ? "rm " : "", str_or_empty(stale),
                       stale ? "; " : "", keyring_unlock_command(f)) < 0)
                return;
        if (streq(f->other.path, LOGIN_COLLECTION))
                problem_advise(p, "In a terminal give its password to \"%s\".", command);
        else
                problem_advise(p,
                               "In a terminal give a password that you choose for a new one to "
                               "\"%s\".",
                               command);
}

/* The default keyring is open, and what we need is in another one. */
static bool keyring_entries_are_elsewhere(const KeyringFindings *f) {
        return f->condition == CONDITION_KEYRING_LOCKED && f->default_one.is_open && *f->other.path;
}

static bool keyring_default_is_in_memory(const KeyringFindings *f) {
        return streq(f->default_one.path, SESSION_COLLECTION);
}

static void keyring_advise_to_set_default(const KeyringFindings *f, Problem *p) {
        _cleanup_free_ char *command = NULL;

        if (str_format(&command,
                       "busctl --user call org.freedesktop.secrets /org/freedesktop/secrets "
                       "org.freedesktop.Secret.Service SetAlias so default %s",
                       f->other.path) < 0)
                return;
        if (keyring_entries_are_elsewhere(f))
                problem_advise(p, "To open it, first make it the default one: run \"%s\".",
                               command);
        else
                problem_advise(p, "To make another keyring the default one, run \"%s\".", command);
}

/* As long as there is a default one, even if it is in memory alone, no window makes another. */
static void keyring_advise_to_make(const KeyringFindings *f, Problem *p) {
        if (*f->other.path && f->has_busctl)
                keyring_advise_to_set_default(f, p);
        else if (f->has_window && !keyring_default_is_in_memory(f))
                problem_advise(p, "Run \"yadiskctl status\" in a terminal, and choose a password "
                                  "for the new keyring in the window that opens.");
        else
                keyring_advise_to_unlock_new(f, p);
}

static void keyring_advise_elsewhere(const KeyringFindings *f, Problem *p) {
        if (!f->has_window && !streq(f->other.path, LOGIN_COLLECTION))
                problem_advise(p, "Without a display only the login keyring can be opened; open "
                                  "this one at a desktop, for example with Seahorse.");
        else if (f->has_busctl)
                keyring_advise_to_set_default(f, p);
        else
                problem_advise(p, "Open it with a program that shows keyrings, for example "
                                  "Seahorse.");
}

/* The default keyring is locked, cannot be opened here, and is not the one that could be. */
static bool keyring_needs_window(const KeyringFindings *f) {
        return f->condition == CONDITION_KEYRING_LOCKED && !f->has_window && *f->default_one.path &&
               !f->default_one.is_open && !streq(f->default_one.path, LOGIN_COLLECTION);
}

static void keyring_advise_gnome(const KeyringFindings *f, Problem *p) {
        if (keyring_entries_are_elsewhere(f))
                keyring_advise_elsewhere(f, p);
        else if (keyring_needs_window(f) && streq(f->other.path, LOGIN_COLLECTION) && f->has_busctl)
                keyring_advise_to_set_default(f, p);
        else if (keyring_needs_window(f))
                keyring_advise_to_unlock_new(f, p);
        else if (f->condition == CONDITION_KEYRING_MISSING)
                keyring_advise_to_make(f, p);
        else if (f->has_window)
                problem_advise(p, "Run \"yadiskctl status\" in a terminal, and enter the password "
                                  "of the keyring in the window that opens.");
        else
                problem_advise(p, "In a terminal give its password to \"%s\".",
                               keyring_unlock_command(f));
}

/* What cures each condition, by the program that provides the keyring. The first row that fits
 * counts; a condition of 0 fits all. */
static const struct {
        KeyringProvider provider;
        int condition;
        const char *advice;
} advices[] = {
        { KEYRING_KEEPASSXC, CONDITION_KEYRING_MISSING,
          N_("Open a database in KeePassXC, and choose the group that other programs may use in "
             "Database > Database Settings > Secret Service Integration.") },
        { KEYRING_KEEPASSXC, CONDITION_KEYRING_LOCKED,
          N_("Unlock the database in the window of KeePassXC.") },
        { KEYRING_KEEPASSXC, 0,
          N_("Run \"yadiskctl status\" in a terminal, and allow it in the window that KeePassXC "
             "opens.") },
        { KEYRING_KWALLET, CONDITION_KEYRING_MISSING,
          N_("Run \"yadiskctl status\" in a terminal, and make a wallet in the window that opens; "
             "if you cancel it, there is still none, and the window opens again the next time.") },
        { KEYRING_KWALLET, 0,
          N_("Run \"yadiskctl status\" in a terminal, and enter the password of the wallet in the "
             "window that opens.") },
        { KEYRING_OTHER, CONDITION_KEYRING_MISSING,
          N_("Make one with the program that keeps the passwords of this session, or run "
             "\"yadiskctl status\" in a terminal.") },
        { KEYRING_OTHER, CONDITION_KEYRING_LOCKED,
          N_("Unlock it with the program that keeps the passwords of this session, or run "
             "\"yadiskctl status\" in a terminal.") },
        { KEYRING_OTHER, 0,
          N_("Run \"yadiskctl status\" in a terminal, and allow it in the window that opens.") },
};

static void keyring_advise(const KeyringFindings *f, Problem *p) {
        KeyringProvider provider = f->provider == KEYRING_NONE ? KEYRING_OTHER : f->provider;

        if (provider == KEYRING_GNOME)
                return keyring_advise_gnome(f, p);

        for (size_t i = 0; i < ELEMENTSOF(advices); i++)
                if (advices[i].provider == provider &&
                    (advices[i].condition == 0 || advices[i].condition == f->condition))
                        return problem_advise(p, "%s", problem_words(p, advices[i].advice));
}

/* No keyring service runs, and the daemon could not start one. */
static void keyring_advise_to_start(const KeyringFindings *f, Problem *p) {
        if (f->can_be_gnome && f->has_window)
                problem_advise(p, "Run \"gnome-keyring-daemon --start --components=secrets\".");
        else if (f->can_be_gnome)
                problem_advise(p,
                               "In a terminal give the password of your keyring, or one that you "
                               "choose for a new one, to \"%s\".",
                               keyring_unlock_command(f));
        else if (f->can_be_keepassxc && f->has_window)
                problem_advise(p, "Start KeePassXC, and turn on Tools > Settings > Secret Service "
                                  "Integration.");
        else if (f->can_be_kwallet && f->has_window)
                problem_advise(p, "Turn on the KDE wallet in the system settings, or install "
                                  "another keyring, for example gnome-keyring.");
        else
                problem_advise(p, "Install one, for example gnome-keyring.");
        if (f->kwallet_is_off && (f->can_be_gnome || f->can_be_keepassxc))
                problem_add(p, "Or turn on the KDE wallet in the system settings.");
}

static void keyring_set_message(const KeyringFindings *f, Problem *p) {
        switch (f->condition) {
        case CONDITION_KEYRING_LOCKED:
                if (keyring_entries_are_elsewhere(f))
                        return problem_set(p,
                                           "The keyring \"%s\", which holds entries of "
                                           "yadisk-tokend and is not the default one, is locked.",
                                           f->other.label);
                if (keyring_needs_window(f))
                        return problem_set(p,
                                           "The keyring \"%s\" is locked, and without a display "
                                           "only the login keyring can be opened.",
                                           f->default_one.label);
                return problem_set(p, "The keyring is locked.");
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return problem_set(p, "The keyring is open, but it lets yadisk-tokend read its "
                                      "entries only when you allow it.");
        case CONDITION_KEYRING_MISSING:
                if (keyring_default_is_in_memory(f))
                        return problem_set(p, "The default keyring is one that is kept in memory "
                                              "only, and is lost at logout.");
                if (*f->default_file)
                        return problem_set(p, "The default keyring is gone.");
                if (f->provider == KEYRING_KEEPASSXC)
                        return problem_set(p, "KeePassXC has no database open for other programs.");
                return problem_set(p, "There is no keyring yet to keep tokens in.");
        default:
                if (f->kwallet_is_off)
                        return problem_set(p,
                                           "No keyring service is running, and the KDE wallet is "
                                           "switched off.");
                return problem_set(p, "No keyring service is running.");
        }
}

/* A process owns the name but does not answer. */
static void keyring_judge_silent(const KeyringFindings *f, Problem *p) {
        problem_set(p, "The keyring service does not answer.");
        if (f->pid != 0)
                problem_advise(p, "Run \"kill %u\", and start it again if the bus does not.",
                               f->pid);
        else
                problem_advise(p, "End it, and start it again if the bus does not.");
}

void keyring_findings_judge(const KeyringFindings *f, Problem *p) {
        bool is_absent = f->condition == CONDITION_KEYRING_UNAVAILABLE;

        p->status = EXIT_STATUS_KEYRING;
        if (f->condition == CONDITION_KEYRING_FAILED)
                return keyring_judge_silent(f, p);
        if (is_absent && f->pid != 0) {
                problem_set(p, "A keyring service was started only just now.");
                return problem_advise(p, "Run the command again.");
        }

        keyring_set_message(f, p);
        if (is_absent)
                keyring_advise_to_start(f, p);
        else
                keyring_advise(f, p);
        if (!f->has_window && !keyring_entries_are_elsewhere(f) &&
            (is_absent ? f->can_be_gnome : f->provider == KEYRING_GNOME))
                problem_add(p, "On a server, yadisk-tokend-server(8) can have the keyring unlocked "
                               "at each start.");
}
