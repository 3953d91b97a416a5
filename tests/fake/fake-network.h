/* SPDX-License-Identifier: MIT */
#pragma once

/* The network monitor, replaced at link time: defines every symbol of platform/network.h. */

#include "platform/network.h"

/* What a monitor that is made from now on says at first. */
void fake_network_reset(bool available);

/* The network comes, goes, or has another route: tells the monitor that is there. */
void fake_network_set(bool available);
