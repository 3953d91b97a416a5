/* SPDX-License-Identifier: MIT */
#pragma once

/* What systemd does not say when yadisk-token-feed.socket fails: who has the port, and what to
 * do. */

/* Logs it. Returns the exit status. Asks the service manager, and waits for its answers. */
int socket_failure_explain(void);
