/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Reads a connection, in place of sd_bus_attach_event(). Before sd-bus reads a message, its header
 * is looked at. That tells its size, which is known in no quicker way, since sd-bus checks each
 * byte of what is read from a message; and what is not wanted (bus/header.h) does not come to
 * sd-bus.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct Reader Reader;

typedef struct ReaderEvents {
        /* No whole message waits to be read. Returns whether sd-bus has been given something to
         * dispatch instead (sd_bus_enqueue_for_read(3)). */
        bool (*on_drained)(void *userdata);

        /* sd-bus cannot go on with the connection: r is a negative errno. It may still be open, but
         * is not read any more. Does not run if the bus has gone, of which sd-bus tells by its
         * signal Disconnected. */
        void (*on_failed)(int r, void *userdata);
} ReaderEvents;

/* Reads nothing yet. The connection must outlive it. Returns 0 or -ENOMEM. */
int reader_new(sd_bus *connection, const ReaderEvents *events, void *userdata, Reader **ret);

/* Takes NULL, returns NULL. */
Reader *reader_free(Reader *reader);
DEFINE_CLEANUP(Reader *, reader_free)

/* From now on the connection is read, whenever the loop runs. Returns 0 or a negative errno. */
int reader_start(Reader *reader, sd_event *event);

/* For a filter of sd-bus, once for each message that was read: the size of the message, or SIZE_MAX
 * if it is not known; and whether more wait to be read behind it. Callbacks of answers return 0, or
 * the filter would not see these. */
size_t reader_take(Reader *reader, sd_bus_message *m, bool *ret_more_wait);
