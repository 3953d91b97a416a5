/* SPDX-License-Identifier: MIT */
#pragma once

/* What --help and --version print, made from the table of verbs. */

#include "yadiskctl/verb/command.h"

ExitStatus verb_help(const Command *c);
ExitStatus help_version(const Command *c);
