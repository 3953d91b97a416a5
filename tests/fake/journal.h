/* SPDX-License-Identifier: MIT */
#pragma once

/* What happened, in the order in which it happened: the fakes and the tests write lines, a test
 * reads them all. */

#include "common/util.h"

void journal_reset(void);
void journal_add(const char *format, ...) _printf_(1, 2);

/* Everything since the last call, joined by "; ". Valid until the next line. */
const char *journal_take(void);
