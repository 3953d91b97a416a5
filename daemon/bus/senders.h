/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connections of the bus that have called us, and their turns. Each sender has a share of what
 * can be had at once, and its calls are served in turn with those of the others, so a program that
 * floods us delays itself.
 */

#include "bus/sender.h"

typedef struct Senders Senders;

typedef struct SendersEvents {
        /* A call is about to be handled. Returns 0, or what a D-Bus handler returns, and then the
         * call is not handled. */
        int (*on_call)(Sender *s, sd_bus_message *m, sd_bus_error *error, void *userdata);

        /* The sender has left the bus, and is gone after this. */
        void (*on_left)(Sender *s, void *userdata);

        /* The connection is not read any more, see bus/reader.h. */
        void (*on_failed)(int r, void *userdata);
} SendersEvents;

/* Looks at all calls that arrive on the connection, which must outlive the set. Without a bus in
 * between, all calls come from one host program. Returns 0 or a negative errno. */
int senders_new(sd_bus *connection, const SendersEvents *events, void *userdata, Senders **ret);

/* From now on the connection is read, whenever the loop runs. Returns 0 or a negative errno. */
int senders_start(Senders *set, sd_event *event);

/* Drops the calls that wait for their turn. on_left does not run. Takes NULL, returns NULL. */
Senders *senders_free(Senders *set);
DEFINE_CLEANUP(Senders *, senders_free)

/* The sender of the call that is being handled, and when that call came (clock_monotonic_ms()).
 * Only for handlers, before they return. */
Sender *senders_current(const Senders *set);
int64_t senders_heard_at_ms(const Senders *set);
