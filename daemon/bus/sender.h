/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A connection of the bus that has called us: which process it is, the calls of it that wait, and
 * its share of what can be had at once.
 *
 * A sender is known by its unique name, from its first call until it leaves the bus. The first call
 * waits until the bus and the kernel have told which process that is.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/util.h"
#include "platform/process.h"

typedef struct Sender Sender;

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
