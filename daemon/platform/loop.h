/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The loop: one sd-event which serves everything of ours, run as a GSource inside GLib's default
 * context, where libsecret and GIO live. One thread of our own.
 */

#include <systemd/sd-event.h>

/* Runs until sd_event_exit(); *ret_code is its code. 0 or a negative errno. */
int loop_run(sd_event *event, int *ret_code);
