/* SPDX-License-Identifier: MIT */
#pragma once

/* The programs that have asked the daemon for tokens since it was started: the last 32. */

#include "yadiskctl/daemon/snapshot.h"

/* Prints them, the latest first, as a document if json is set. only: those that asked for the
 * tokens of this account; or NULL. */
ExitStatus callers_report(sd_bus *bus, bool json, const Snapshot *s, const Account *only);

/* Prints the names of the sandboxed apps among them, one a line, as report_names() does. */
void callers_report_apps(const char *prefix);
