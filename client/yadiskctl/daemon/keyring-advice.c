/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "yadiskctl/daemon/keyring-findings.h"
#include "yadiskctl/import/shell-word.h"

/* The password comes on the standard input, all of which is the password. This unlocks the login keyring, or
 * makes it where there is none; the one that runs is replaced, since it takes no password from a terminal. */
#define UNLOCK "gnome-keyring-daemon --replace --unlock --components=secrets"

#define COMMAND_MAX (PATH_MAX + 256)

static const char *unlock_command(const KeyringFindings *f) {
        return f->has_ask_password ? "systemd-ask-password -n Keyring: | " UNLOCK
                                   : "stty -echo; head -n 1 | tr -d '\\n' | " UNLOCK "; stty echo";
}

/* Of the default keyring, whose name leads nowhere, so that no other takes its place. */
static bool print_unlock_command(const KeyringFindings *f, char ret[static COMMAND_MAX]) {
        _cleanup_free_ char *stale = NULL;
        int n;

        if (*f->stale_default && shell_word(f->stale_default, &stale) < 0)
                return false;

        n = snprintf(ret, COMMAND_MAX, "%s%s%s%s", stale ? "rm " : "", str_or_empty(stale),
                     stale ? "; " : "", unlock_command(f));
        return n > 0 && n < COMMAND_MAX;
}

static void advise_to_make(const KeyringFindings *f, Trouble *t) {
        char command[COMMAND_MAX];

        if (*f->other_collection && f->has_busctl)
                trouble_advise(t,
                               N_("To use the one that is there, run \"busctl --user call "
                                  "org.freedesktop.secrets /org/freedesktop/secrets "
                                  "org.freedesktop.Secret.Service SetAlias so default %s\"."),
                               f->other_collection);
        else if (f->has_window)
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and choose a password for "
                              "the new keyring in the window that opens."));
        else if (print_unlock_command(f, command))
                trouble_advise(
                        t, N_("In a terminal give a password that you choose for it to \"%s\"."),
                        command);
}

static void advise_gnome(const KeyringFindings *f, Trouble *t) {
        if (f->condition == CONDITION_KEYRING_MISSING)
                advise_to_make(f, t);
        else if (f->has_window)
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and enter the password of "
                              "the keyring in the window that opens."));
        else
                trouble_advise(t, N_("In a terminal give its password to \"%s\"."),
                               unlock_command(f));
}

static void advise_keepassxc(const KeyringFindings *f, Trouble *t) {
        if (f->condition == CONDITION_KEYRING_MISSING)
                trouble_advise(
                        t, N_("Open a database in KeePassXC, and choose the group that other "
                              "programs may use in Database > Database Settings > Secret Service "
                              "Integration."));
        else if (f->condition == CONDITION_KEYRING_LOCKED)
                trouble_advise(t, N_("Unlock the database in the window of KeePassXC."));
        else
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and allow it in the window "
                              "that KeePassXC opens."));
}

static void advise_kwallet(const KeyringFindings *f, Trouble *t) {
        if (f->condition == CONDITION_KEYRING_MISSING)
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and make a wallet in the "
                              "window that opens."));
        else
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and enter the password of "
                              "the wallet in the window that opens."));
}

static void advise_any(const KeyringFindings *f, Trouble *t) {
        if (f->condition == CONDITION_KEYRING_MISSING)
                trouble_advise(t, N_("Make one with the program that keeps the passwords of this "
                                     "session, or run \"yadiskctl status\" in a terminal."));
        else if (f->condition == CONDITION_KEYRING_LOCKED)
                trouble_advise(t, N_("Unlock it with the program that keeps the passwords of this "
                                     "session, or run \"yadiskctl status\" in a terminal."));
        else
                trouble_advise(
                        t, N_("Run \"yadiskctl status\" in a terminal, and allow it in the window "
                              "that opens."));
}

/* Nobody provides it, and nobody could be started by the daemon. */
static void advise_to_start(const KeyringFindings *f, Trouble *t) {
        if (f->can_be_gnome && f->has_window)
                trouble_advise(t, N_("Run \"gnome-keyring-daemon --start --components=secrets\"."));
        else if (f->can_be_gnome)
                trouble_advise(t,
                               N_("In a terminal give the password of your keyring, or one that "
                                  "you choose for a "
                                  "new one, to \"%s\"."),
                               unlock_command(f));
        else if (f->can_be_keepassxc && f->has_window)
                trouble_advise(t,
                               N_("Start KeePassXC, and turn on Tools > Settings > Secret Service "
                                  "Integration."));
        else if (f->can_be_kwallet && f->has_window)
                trouble_advise(
                        t, N_("Turn on the KDE wallet in the system settings, or install another "
                              "keyring, for example gnome-keyring."));
        else
                trouble_advise(t, N_("Install one, for example gnome-keyring."));
}

static void set_message(const KeyringFindings *f, Trouble *t) {
        switch (f->condition) {
        case CONDITION_KEYRING_LOCKED:
                return trouble_set(t, EXIT_STATUS_KEYRING, N_("The keyring is locked."));
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return trouble_set(
                        t, EXIT_STATUS_KEYRING,
                        N_("The keyring is open, but it lets yadisk-tokend read its entries "
                           "only when you allow it."));
        case CONDITION_KEYRING_MISSING:
                if (*f->stale_default)
                        return trouble_set(t, EXIT_STATUS_KEYRING,
                                           N_("The default keyring is gone."));
                if (f->provider == KEYRING_KEEPASSXC)
                        return trouble_set(
                                t, EXIT_STATUS_KEYRING,
                                N_("KeePassXC has no database open for other programs."));
                return trouble_set(t, EXIT_STATUS_KEYRING,
                                   N_("There is no keyring yet to keep tokens in."));
        default:
                return trouble_set(t, EXIT_STATUS_KEYRING, N_("No keyring service is running."));
        }
}

/* Somebody has the name, and that is all. */
static void judge_silent(const KeyringFindings *f, Trouble *t) {
        trouble_set(t, EXIT_STATUS_KEYRING, N_("The keyring service does not answer."));
        if (f->pid != 0)
                trouble_advise(t, N_("Run \"kill %u\", and start it again if the bus does not."),
                               f->pid);
        else
                trouble_advise(t, N_("End it, and start it again if the bus does not."));
}

void keyring_findings_judge(const KeyringFindings *f, Trouble *t) {
        bool is_absent = f->condition == CONDITION_KEYRING_UNAVAILABLE;

        if (f->condition == CONDITION_KEYRING_FAILED)
                return judge_silent(f, t);
        if (is_absent && f->pid != 0) {
                trouble_set(t, EXIT_STATUS_KEYRING,
                            N_("A keyring service was started only just now."));
                return trouble_advise(t, N_("Run the command again."));
        }

        set_message(f, t);
        if (is_absent)
                advise_to_start(f, t);
        else if (f->provider == KEYRING_GNOME)
                advise_gnome(f, t);
        else if (f->provider == KEYRING_KEEPASSXC)
                advise_keepassxc(f, t);
        else if (f->provider == KEYRING_KWALLET)
                advise_kwallet(f, t);
        else
                advise_any(f, t);
}
