/* SPDX-License-Identifier: MIT */
#pragma once

/* All operations under way, so that they can be counted and ended. */

#include "common/util.h"

typedef struct Operations Operations;

int operations_new(Operations **ret);

/* Answers Cancelled to those that are left. Returns NULL. */
Operations *operations_free(Operations *all);
DEFINE_CLEANUP(Operations *, operations_free)
