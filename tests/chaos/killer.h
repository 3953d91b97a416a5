/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What killer.c and the driver (killer.py) share: a small file, mapped by both, which outlives
 * every kill. The driver sets the order, the library carries it out and keeps the log. chaos.py
 * knows the layout by the sizes written here; both sides check KILLER_MAGIC.
 */

#include <stdint.h>

#define KILLER_MAGIC UINT32_C(0x4b494c32)

/* From the request for a new token to the answer to those who wait for it, in this order. */
typedef enum Step {
        STEP_NONE,
        STEP_REQUESTED,        /* the request to /token is given to libcurl */
        STEP_READING,          /* the first bytes of TLS after that are decrypted */
        STEP_RECEIVED,         /* libcurl hands over the answer with the new tokens */
        STEP_MEMFD,            /* memfd_create() for the grant */
        STEP_STORE_BEFORE,     /* FDSTORE=1 is about to be sent */
        STEP_STORE_AFTER,      /* … has been sent */
        STEP_KEYRING_BEFORE,   /* SetSecret or CreateItem is about to be called */
        STEP_KEYRING_AFTER,    /* … has been queued to be sent */
        STEP_KEYRING_ANSWERED, /* its answer is here, nobody has looked at it */
        STEP_REMOVE_BEFORE,    /* FDSTOREREMOVE=1 is about to be sent */
        STEP_REMOVE_AFTER,     /* … has been sent */
        STEP_REPLY_BEFORE,     /* the reply to a waiting client is about to be sent */
        STEP_REPLY_AFTER,      /* … has been sent, or queued */
        _STEP_MAX,
} Step;

typedef struct KillerLog {
        uint32_t magic;

        /* Set by the driver. */
        uint32_t die_at;     /* a Step, or STEP_NONE */
        uint32_t occurrence; /* 1: at the first one from now on */
        uint32_t hold;       /* instead of dying, stand still there until held is STEP_NONE again */

        /* Set by the library. */
        uint32_t lives;    /* times the library was loaded */
        uint32_t suicides; /* kills that it carried out */
        uint32_t received; /* answers with new tokens, in all lives */
        uint32_t last;     /* Step: how far the newest refresh has come */
        uint32_t held;     /* Step: where it stands still */
        uint32_t n[_STEP_MAX];
        int64_t at_ns[_STEP_MAX]; /* CLOCK_MONOTONIC of the newest occurrence */
} KillerLog;
