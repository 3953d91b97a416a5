/* SPDX-License-Identifier: MIT */
#pragma once

/* The browser, replaced at link time: defines every symbol of platform/opener.h. */

#include "platform/opener.h"

void fake_opener_reset(void);

/* How many pages were opened, and the last of them; "" where there was none. */
unsigned fake_opener_count(void);
const char *fake_opener_latest(void);
