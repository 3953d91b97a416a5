/* SPDX-License-Identifier: MIT */
#pragma once

/* yadiskctl info: whose Disk it is, and how full. */

#include "yadiskctl/command.h"

ExitStatus info_run(const Command *c);
