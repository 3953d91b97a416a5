/* SPDX-License-Identifier: MIT */
#pragma once

/* yadiskctl api: one call to the Disk. */

#include "yadiskctl/command.h"

ExitStatus api_run(const Command *c);
