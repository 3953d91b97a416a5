/* SPDX-License-Identifier: MIT */
#pragma once

/* Why the keyring does not serve the daemon, and what cures that on this machine: which program provides the
 * Secret Service, what could, and whether somebody would see the window that it opens. */

#include <limits.h>
#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/trouble.h"

typedef enum KeyringProvider {
        KEYRING_NOBODY,
        KEYRING_GNOME,
        KEYRING_KEEPASSXC,
        KEYRING_KWALLET,
        KEYRING_OTHER,
} KeyringProvider;

#define KEYRING_PATH_MAX 256

typedef struct KeyringFindings {
        /* As the daemon has it: one of a state, CONDITION_KEYRING_FAILED of one that does not answer, or 0 if
         * there is nothing wrong. */
        int condition;
        KeyringProvider provider;
        uint32_t pid; /* of the provider; 0 if that is nobody, or not to be seen */

        /* Whether the person who reads the advice would see a window that the keyring opens. */
        bool has_window;

        /* What could provide it: programs that are installed, KWallet if the bus can start it. */
        bool can_be_gnome, can_be_keepassxc, can_be_kwallet;

        /* Programs that commands are made of. */
        bool has_ask_password, has_busctl;

        /* Of gnome-keyring without a default collection: another one, as an object path, or "", and the file
         * that names as the default one what is not there, or "". */
        char other_collection[KEYRING_PATH_MAX];
        char stale_default[PATH_MAX];
} KeyringFindings;

/* Looks around for what a condition came from. Nothing that could make the keyring open a window is asked. */
void keyring_findings_read(sd_bus *bus, int condition, KeyringFindings *ret);

/* Says what is wrong, and what to do. */
void keyring_findings_judge(const KeyringFindings *f, Trouble *t);
