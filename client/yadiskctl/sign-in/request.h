/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The request of a sign-in, as the daemon has it. Nothing is said here, and nothing waits: what the
 * daemon tells comes as an event from the loop that the bus is attached to.
 */

#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct Request Request;

/* What came with Completed. Strings may be NULL, and are the message's. */
typedef struct RequestResult {
        const char *account; /* its path */
        const char *error, *message;
        const char *login; /* somebody else signed in: this one */
} RequestResult;

typedef enum RequestResponse {
        REQUEST_DONE = 0,
        REQUEST_CANCELLED = 1,
        REQUEST_FAILED = 2,
} RequestResponse;

/* Any of these may free the request. */
typedef struct RequestEvents {
        void (*on_started)(void *userdata);

        /* The answer of GetPrompt. */
        void (*on_prompt)(sd_bus_message *prompt, void *userdata);

        /* The request waits for another code, which it has not got. */
        void (*on_code_refused)(const sd_bus_error *error, void *userdata);

        void (*on_completed)(uint32_t response, const RequestResult *result, void *userdata);

        /* The path of the account that request_keep_as_new() made. */
        void (*on_kept)(const char *account, void *userdata);

        /* A call failed: nothing more will come. */
        void (*on_failed)(const sd_bus_error *error, void *userdata);

        /* So it did where r tells why its answer cannot be read. */
        void (*on_garbled)(int r, void *userdata);

        /* The daemon has gone, or the bus. */
        void (*on_lost)(void *userdata);
} RequestEvents;

/* Sends call, which is a SignIn. 0 or a negative errno, as for all below. */
int request_new(sd_bus *bus, sd_bus_message *call, const RequestEvents *events, void *userdata,
                Request **ret);

/* Between on_started and on_completed. */
int request_get_prompt(Request *q);
int request_submit_code(Request *q, const char *code);

/* Politely; the request would end with our connection in any case. */
void request_cancel(Request *q);

/* After a failure with a login: that one becomes an account of its own. */
int request_keep_as_new(Request *q);

/* NULL is fine. Returns NULL. */
Request *request_free(Request *q);
DEFINE_CLEANUP(Request *, request_free)
