/* SPDX-License-Identifier: MIT */

#include "check.h"

int check_stderr = STDERR_FILENO;
