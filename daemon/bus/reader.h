/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The next message of a connection, of which sd-bus has read nothing yet. A look at its header is
 * the quickest way to know its size: sd-bus tells none, and checks each byte of what is read from a
 * message.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct NextMessage NextMessage;

/* The connection must outlive it. Returns 0 or a negative errno. */
int next_message_new(sd_bus *connection, sd_event *event, NextMessage **ret);

/* Takes NULL, returns NULL. */
NextMessage *next_message_free(NextMessage *n);
DEFINE_CLEANUP(NextMessage *, next_message_free)

/* Returns whether anything waits to be read. */
bool next_message_look(NextMessage *n);

/* The size of a message that was read after the last look, or SIZE_MAX if it is not the one that
 * was looked at: other messages may have come in between. */
size_t next_message_size_of(const NextMessage *n, sd_bus_message *m);
