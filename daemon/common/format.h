/* SPDX-License-Identifier: MIT */
#pragma once

/* asprintf(3), which leaves its result undefined where it fails, as the house has its functions. */

#include "common/util.h"

/* The caller frees *ret, which is untouched on failure. 0 or -ENOMEM. */
int str_format(char **ret, const char *template, ...) _printf_(2, 3);
