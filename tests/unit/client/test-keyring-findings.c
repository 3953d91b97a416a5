/* SPDX-License-Identifier: MIT */

/* What cures a keyring, by who provides it and by what there is on the machine. */

#include "check.h"
#include "common/condition.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring-findings.h"

#define COLLECTION "/org/freedesktop/secrets/collection/"

static Problem problem;

static const char *advice_for(const KeyringFindings *f) {
        problem = (Problem){};
        keyring_findings_judge(f, &problem);
        CHECK_INT(problem.status, EXIT_STATUS_KEYRING);
        CHECK(*problem.message && *problem.advice);
        CHECK(problem.message[strlen(problem.message) - 1] == '.');
        CHECK(problem.advice[strlen(problem.advice) - 1] == '.');
        return problem.advice;
}

/* Without a display: a command that reads the password. */
static KeyringFindings of_gnome(int condition) {
        return (KeyringFindings){
                .condition = condition,
                .provider = KEYRING_GNOME,
                .pid = 42,
                .can_be_gnome = true,
                .has_ask_password = true,
                .has_busctl = true,
        };
}

static void gnome_keyring_locked(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_LOCKED);

        CHECK(strstr(advice_for(&f), "\"systemd-ask-password -n Keyring: | gnome-keyring-daemon "
                                     "--replace --unlock --components=secrets\""));
        f.has_ask_password = false; /* no systemd */
        CHECK(!strstr(advice_for(&f), "systemd"));
        CHECK(strstr(problem.advice, "gnome-keyring-daemon --replace --unlock"));
        f.has_window = true;
        CHECK(strstr(advice_for(&f), "\"yadiskctl status\" in a terminal"));
        CHECK(!strstr(problem.advice, "gnome-keyring-daemon"));
}

static void gnome_keyring_without_a_keyring(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_MISSING);

        CHECK(strstr(advice_for(&f), "\"systemd-ask-password -n Keyring: | gnome-keyring-daemon"));
        CHECK(strstr(problem.message, "no keyring yet"));
        f.has_window = true;
        CHECK(strstr(advice_for(&f), "choose a password for the new keyring in the window"));
}

static void gnome_keyring_whose_default_is_in_memory(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_MISSING);

        strcpy(f.default_one.path, "/org/freedesktop/secrets/collection/session");
        strcpy(f.default_file, "/home/default");
        CHECK(strstr(advice_for(&f), "\"rm /home/default; systemd-ask-password"));
        CHECK(strstr(problem.message, "in memory only"));
        f.has_window = true;
        CHECK(!strstr(advice_for(&f), "window"));
        strcpy(f.other.path, "/org/freedesktop/secrets/collection/login");
        CHECK(strstr(advice_for(&f), "SetAlias so default "
                                     "/org/freedesktop/secrets/collection/login\""));
}

static void gnome_keyring_whose_default_is_gone(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_MISSING);

        strcpy(f.default_file, "/home/a b/default");
        CHECK(strstr(advice_for(&f), "\"rm '/home/a b/default'; systemd-ask-password"));
        CHECK(strstr(problem.message, "is gone"));
        strcpy(f.other.path, "/org/freedesktop/secrets/collection/login");
        CHECK(strstr(advice_for(&f), "SetAlias so default "
                                     "/org/freedesktop/secrets/collection/login\""));
        f.has_window = true; /* as good with one */
        CHECK(strstr(advice_for(&f), "SetAlias"));
        f.has_busctl = false;
        CHECK(!strstr(advice_for(&f), "busctl"));
}

static void gnome_keyring_whose_default_needs_a_window(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_LOCKED);

        f.default_one = (KeyringCollection){ COLLECTION "Work", "Work", false };
        f.other = (KeyringCollection){ COLLECTION "login", "Login", true };
        strcpy(f.default_file, "/home/default");
        CHECK(strstr(advice_for(&f), "another keyring the default one, run \"busctl"));
        CHECK(strstr(problem.message, "\"Work\" is locked, and without a display"));
        f.has_busctl = false;
        CHECK(strstr(advice_for(&f), "its password to \"rm /home/default; systemd-ask-password"));
        f.other.path[0] = '\0';
        CHECK(strstr(advice_for(&f), "for a new one to \"rm /home/default; systemd-ask-password"));
        f.has_window = true;
        CHECK(strstr(advice_for(&f), "password of the keyring in the window"));
}

static void gnome_keyring_with_entries_elsewhere(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_LOCKED);

        f.default_one = (KeyringCollection){ COLLECTION "login", "Login", true };
        f.other = (KeyringCollection){ COLLECTION "Work", "Work", false };
        CHECK(strstr(advice_for(&f), "open this one at a desktop"));
        CHECK(strstr(problem.message, "\"Work\", which holds entries"));
        f.has_window = true;
        CHECK(strstr(advice_for(&f), "To open it, first make it the default one: run \"busctl"));
        f.has_busctl = false;
        CHECK(strstr(advice_for(&f), "Seahorse"));
        f.other.path[0] = '\0'; /* it was opened meanwhile */
        CHECK(strstr(advice_for(&f), "password of the keyring in the window"));
}

static void keepassxc(void) {
        KeyringFindings f = { .condition = CONDITION_KEYRING_LOCKED,
                              .provider = KEYRING_KEEPASSXC };

        CHECK_STR(advice_for(&f), "Unlock the database in the window of KeePassXC.");
        f.condition = CONDITION_KEYRING_ITEMS_LOCKED;
        CHECK(strstr(advice_for(&f), "allow it in the window that KeePassXC opens"));
        CHECK(strstr(problem.message, "is open"));
        f.condition = CONDITION_KEYRING_MISSING;
        CHECK(strstr(advice_for(&f), "Database Settings"));
        CHECK(strstr(problem.message, "no database open"));
}

static void kwallet(void) {
        KeyringFindings f = { .condition = CONDITION_KEYRING_LOCKED, .provider = KEYRING_KWALLET };

        CHECK(strstr(advice_for(&f), "password of the wallet"));
        f.condition = CONDITION_KEYRING_MISSING;
        CHECK(strstr(advice_for(&f), "make a wallet"));
}

/* Behind the proxy of a sandbox the provider is not to be seen; no program is named that may not be
 * there. */
static void any_other(void) {
        static const int conditions[] = { CONDITION_KEYRING_LOCKED, CONDITION_KEYRING_ITEMS_LOCKED,
                                          CONDITION_KEYRING_MISSING };
        static const KeyringProvider providers[] = { KEYRING_OTHER, KEYRING_NONE };

        for (size_t i = 0; i < ELEMENTSOF(conditions); i++)
                for (size_t j = 0; j < ELEMENTSOF(providers); j++) {
                        KeyringFindings f = { .condition = conditions[i],
                                              .provider = providers[j] };

                        CHECK(!strstr(advice_for(&f), "gnome"));
                        CHECK(!strstr(problem.advice, "KeePassXC"));
                        CHECK(strstr(problem.advice, "\"yadiskctl status\" in a terminal"));
                }
}

static void nobody_provides_it(void) {
        KeyringFindings f = { .condition = CONDITION_KEYRING_UNAVAILABLE };

        CHECK(strstr(advice_for(&f), "Install one"));
        f.can_be_keepassxc = f.can_be_kwallet = true; /* which need a display */
        CHECK(strstr(advice_for(&f), "Install one"));
        f.has_window = true;
        CHECK(strstr(advice_for(&f), "Start KeePassXC"));
        f.can_be_keepassxc = false;
        CHECK(strstr(advice_for(&f), "KDE wallet"));
        f.can_be_gnome = true;
        CHECK(strstr(advice_for(&f), "\"gnome-keyring-daemon --start --components=secrets\""));
        f.kwallet_is_off = true;
        CHECK(strstr(advice_for(&f), "Or turn on the KDE wallet"));
        CHECK(strstr(problem.message, "switched off"));
        f.kwallet_is_off = f.has_window = false;
        CHECK(strstr(advice_for(&f), "gnome-keyring-daemon --replace --unlock"));
        f.pid = 42; /* by now */
        CHECK_STR(advice_for(&f), "Run the command again.");
}

static void it_is_silent(void) {
        KeyringFindings f = of_gnome(CONDITION_KEYRING_FAILED);

        CHECK(strstr(advice_for(&f), "\"kill 42\""));
        f.pid = 0;
        CHECK(!strstr(advice_for(&f), "kill"));
}

static void nobody_is_signed_in(void) {
        bus_judge_no_account(true, &problem);
        CHECK_INT(problem.status, EXIT_STATUS_NO_ACCOUNT);
        CHECK(strstr(problem.advice, "\"yadiskctl setup\""));
        bus_judge_no_account(false, &problem);
        CHECK(strstr(problem.advice, "\"yadiskctl login\""));
}

int main(void) {
        gnome_keyring_locked();
        gnome_keyring_without_a_keyring();
        gnome_keyring_whose_default_is_in_memory();
        gnome_keyring_whose_default_is_gone();
        gnome_keyring_whose_default_needs_a_window();
        gnome_keyring_with_entries_elsewhere();
        keepassxc();
        kwallet();
        any_other();
        nobody_provides_it();
        it_is_silent();
        nobody_is_signed_in();
        return EXIT_SUCCESS;
}
