/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connections of the bus that have called us, and their turns. Each sender has a share of what
 * can be had at once, and its calls are served in turn with those of the others, so a program that
 * floods us delays itself.
 *
 * A sender is known by its unique name, from its first call until it leaves the bus. The first call
 * waits until the bus and the kernel have told which process that is.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/util.h"
#include "platform/process.h"

typedef struct Sender Sender;
typedef struct Senders Senders;

/* The waiting calls of a sender are smaller than this together. */
#define SENDER_BYTES_MAX ((size_t) 1024 * 1024)

/* What each sender may have a limited number of. */
typedef enum Share {
        SHARE_SIGN_INS,
        SHARE_DIAGNOSES,
        SHARE_APPLICATIONS, /* those that it has added since it came */
        _SHARE_MAX,
        _SHARE_INVALID = -EINVAL,
} Share;

/* What callers.c keeps about the requests of a sender for the tokens of one account. */
typedef struct SenderNote {
        char *account_id; /* owned by the sender; NULL: none yet */
        uint64_t number;  /* where it is in the list of callers, or was */
        int64_t first_at;
        uint64_t tokens;
} SenderNote;

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

/* Its unique name; NULL if no bus is in between. */
const char *sender_name(const Sender *s);

/* Which process it is; never NULL. */
const ProcessInfo *sender_process(const Sender *s);

/* A call of the sender is worked on. Returns 0, in which case sender_release() is called when it is
 * answered; or CONDITION_LIMITS_EXCEEDED if the sender has as many as it may. */
int sender_hold(Sender *s);

/* The call will be answered later, so its size counts until then. Returns 0, or
 * CONDITION_LIMITS_EXCEEDED if it is too large. */
int sender_keep(Sender *s, size_t size);

/* size: that of sender_keep(), or 0. */
void sender_release(Sender *s, size_t size);

/* Takes one of a share. Returns 0, or CONDITION_LIMITS_EXCEEDED. */
int sender_take(Sender *s, Share share);
void sender_give_back(Sender *s, Share share);

/* The note of callers.c about the sender, empty at first. */
SenderNote *sender_note(Sender *s);
