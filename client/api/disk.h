/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Calls to the Disk: each asks the daemon for the token, by the public library, and does what a
 * program of any kind should do if the Disk refuses that token, or asks for a pause.
 *
 * The token goes to the Disk that the daemon is configured for, and to no other.
 */

#include "api/connection.h"
#include "api/document.h"
#include "api/target.h"

typedef struct Disk Disk;

typedef struct DiskCall {
        const HttpMethod *method;
        Target target;
        const Body *body; /* NULL: none */

        /* Receive the answer that counts: those to be followed by another attempt are passed over.
         * begin may be NULL. */
        Receiver receiver;
} DiskCall;

/* account: its label, login or id; NULL is the default account. All calls are for the same account,
 * even if another one becomes the default. The daemon is started unless it runs. */
ExitStatus disk_open(const char *account, Disk **ret);
Disk *disk_free(Disk *d);
DEFINE_CLEANUP(Disk *, disk_free)

/* Returns EXIT_STATUS_OK if the Disk has done what it was asked, or if it answers with a
 * redirect. */
ExitStatus disk_call(Disk *d, const DiskCall *call);

/* Makes a call that only reads, and parses all of its answer. The caller frees *ret. */
ExitStatus disk_get(Disk *d, const Target *target, Document **ret);

/* After a call: the id of the account. */
const char *disk_account(const Disk *d);

/* See connection_print_head(). */
void disk_print_head(Disk *d, FILE *f);
