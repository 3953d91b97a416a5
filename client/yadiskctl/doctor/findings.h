/* SPDX-License-Identifier: MIT */
#pragma once

/* What doctor found out, before anybody judges it. Reading it from the bus is a matter of findings.c;
 * what it means is one of check-*.c, which see nothing but this. */

#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon-findings.h"
#include "yadiskctl/daemon/keyring-findings.h"
#include "yadiskctl/daemon/snapshot.h"

/* Manager.Diagnose. */
typedef struct NetworkFindings {
        bool known;
        bool reachable, trusted, has_device_id;
        const char *reason, *host;
        const char *keyring; /* its state; "" from a daemon of an earlier version */
        uint64_t server_time, local_time;
        sd_bus_message *message;
} NetworkFindings;

/* Account.Diagnose. */
typedef struct AccountFindings {
        bool known;
        const char *token, *application, *disk, *reason;
        char **missing_scopes;
        bool app_folder;
        sd_bus_message *message;
        sd_bus_slot *slot; /* the call, while it is under way */
} AccountFindings;

typedef struct Findings {
        sd_bus *bus;        /* NULL if there is none */
        BusFault bus_fault; /* and why */
        bool filtered;      /* see bus_is_filtered() */
        DaemonFindings daemon;
        NetworkFindings network;
        KeyringFindings keyring; /* if it is not open */
        bool needs_setup;
        Snapshot snapshot;
        AccountFindings *accounts; /* as many as the snapshot has, or NULL */
} Findings;

/* Empty, to be ended with findings_done(). */
#define FINDINGS_INIT                                                                              \
        ((Findings){ .daemon = DAEMON_FINDINGS_INIT,                                               \
                     .network = { .trusted = true, .reason = "", .host = "", .keyring = "" },      \
                     .snapshot = { .version = "", .keyring = "", .default_account = "" } })

/* The bus, the daemon, which is started where it can be, and its unit. */
void findings_read_session(Findings *f);

/* What the daemon finds out about the machine it runs on. */
void findings_read_machine(Findings *f);

/* What Yandex says of the accounts, of all at once. 0 or a negative errno. */
int findings_read_accounts(Findings *f);

void findings_done(Findings *f);
