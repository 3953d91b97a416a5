/* SPDX-License-Identifier: MIT */
#pragma once

/* Why the keyring does not serve the daemon, and what cures that on this machine: which program
 * provides the Secret Service, which could, and whether the user would see a window that it
 * opens. */

#include <limits.h>
#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/problem.h"

typedef enum KeyringProvider {
        KEYRING_NONE,
        KEYRING_GNOME,
        KEYRING_KEEPASSXC,
        KEYRING_KWALLET,
        KEYRING_OTHER,
} KeyringProvider;

#define KEYRING_PATH_MAX 256

/* A collection of the Secret Service; empty if there is none. */
typedef struct KeyringCollection {
        char path[KEYRING_PATH_MAX];
        char label[KEYRING_PATH_MAX]; /* what the user calls it; the path if that is too long */
        bool is_open;
} KeyringCollection;

typedef struct KeyringFindings {
        /* What the daemon says: the Condition of a keyring state; CONDITION_KEYRING_FAILED if the
         * service does not answer; 0 if all is well. */
        int condition;
        KeyringProvider provider;
        uint32_t pid; /* of the provider; 0 if there is none, or if it is hidden from us */

        /* Whether the person who reads the advice would see a window that the keyring opens. */
        bool has_window;

        /* What could provide it: programs that are installed, or a KWallet that the bus can
         * start. */
        bool can_be_gnome, can_be_keepassxc, can_be_kwallet;
        bool kwallet_is_off; /* it could, if its user had not switched it off */

        /* Whether the programs are installed that the advised commands need. */
        bool has_ask_password, has_busctl;

        /* Of gnome-keyring: its default collection, which may be one that does not last; the one
         * that is locked and holds entries of ours if the default one is open, otherwise one that
         * could become the default one; and the file that names the default one, or "". */
        KeyringCollection default_one, other;
        char default_file[PATH_MAX];
} KeyringFindings;

/* Looks at the machine for the cause of a Condition. Asks nothing that could make the keyring open
 * a window. */
void keyring_findings_read(sd_bus *bus, int condition, KeyringFindings *ret);

/* Describes what is wrong, and what to do. */
void keyring_findings_judge(const KeyringFindings *f, Problem *p);
