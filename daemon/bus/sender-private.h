/* SPDX-License-Identifier: MIT */
#pragma once

/* What senders.c, which reads the calls and gives each sender its turn, knows of a sender. */

#include <sys/queue.h>

#include "bus/sender.h"

/* What all senders of a connection share. */
typedef struct SenderContext {
        sd_bus *connection;

        /* The process of the sender is known now. */
        void (*on_known)(Sender *s, void *userdata);
        /* The sender has left the bus. Frees it. */
        void (*on_left)(Sender *s, void *userdata);
        void *userdata;
} SenderContext;

/* A call that waits for its turn, or until its sender is known. */
typedef struct QueuedCall {
        TAILQ_ENTRY(QueuedCall) entry;
        sd_bus_message *message;
        size_t size;
        int64_t heard_at_ms;
} QueuedCall;

struct Sender {
        SenderContext *context;
        char *name;
        sd_bus_slot *match;       /* tells when it leaves */
        sd_bus_slot *credentials; /* until its process is known */
        uint64_t heard_at_usec;   /* CLOCK_BOOTTIME, its first call */
        ProcessInfo process;
        bool known;

        TAILQ_HEAD(, QueuedCall) queue;
        TAILQ_ENTRY(Sender) turn; /* of senders.c: if it is known and its queue is not empty */
        unsigned round;           /* of senders.c: in which its last call was handled at once */
        unsigned n_calls;
        size_t n_bytes;
        unsigned shares[_SHARE_MAX];
        SenderNote note;
};

/* Begins to ask the bus who that is. The context must outlive the sender. Returns 0 or a negative
 * errno. */
int sender_new(SenderContext *context, const char *name, Sender **ret);

/* Drops its queue. on_left does not run. Takes NULL, returns NULL. */
Sender *sender_free(Sender *s);
DEFINE_CLEANUP(Sender *, sender_free)

/* Puts a call at the end of the queue. Returns what a D-Bus handler returns: 1, or LimitsExceeded
 * if the sender has as much as it may. */
int sender_enqueue(Sender *s, sd_bus_message *m, sd_bus_error *error);

/* Takes the first call out of the queue. */
void sender_drop_first(Sender *s);
