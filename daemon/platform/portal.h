/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The portal of the desktop (org.freedesktop.portal.OpenURI), asked to open one page. It looks at the root
 * of the process that asks, and refuses one that it cannot look into; and it gives up where that process
 * leaves the bus. So this has a process to itself, see platform/opener.
 */

/* Runs a loop of its own. Returns when the portal is done, be the page open or not: it may ask the user for
 * a program first. 0, or a negative errno where it could not be asked. */
int portal_open(const char *url);
