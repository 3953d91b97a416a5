/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The loop of our one thread: the sd-event that serves all our sources runs as a GSource in GLib's
 * default context, where libsecret and GIO run.
 */

#include <systemd/sd-event.h>

/* Runs until sd_event_exit(), whose code is stored in *ret_code. Returns 0, or a negative errno. */
int loop_run(sd_event *event, int *ret_code);
