/* SPDX-License-Identifier: MIT */
#pragma once

/* What an import came to: whose account it is, and what is left to do for the user. */

#include "yadiskctl/daemon/account.h"
#include "yadiskctl/import/token-source.h"

typedef struct ImportReport {
        const Account *account;
        const char *format;     /* of a TokenFormat */
        const char *remote;     /* of rclone, or NULL */
        const char *file_given; /* on the command line, or NULL */
        const TokenSource *source;
} ImportReport;

/* For people. */
ExitStatus import_report(const ImportReport *r);

/* For programs. */
ExitStatus import_report_json(const ImportReport *r);
