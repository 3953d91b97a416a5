/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A connection to a bus with as little in between as there can be: no library, no queue of answers,
 * and calls that are written once and sent many times. So a flood costs the service and the bus,
 * and hardly the flooder; and what a victim measures is not the victim. Functions end the program
 * if the bus is gone or makes no sense.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a call asks for. */
typedef enum RawCall {
        RAW_CALL_GET_TOKEN,
        RAW_CALL_GET_TOKEN_FD,
        RAW_CALL_GET_MANAGED_OBJECTS,
        RAW_CALL_INTROSPECT,
        RAW_CALL_SIGN_IN,
        RAW_CALL_JUNK,   /* GetToken with 64 KiB of options that nobody knows, thousands of them */
        RAW_CALL_LARGE,  /* the same with a single one */
        RAW_CALL_FORCED, /* GetToken with the option to renew it first */
        RAW_CALL_FORCED_LARGE, /* both, but not so large that it is refused for that */
        RAW_CALL_DIAGNOSE,
        RAW_CALL_GET_ID, /* of the bus, which answers it after it has passed on all before it */
        _RAW_CALL_MAX,
        _RAW_CALL_INVALID = -1,
} RawCall;

/* A call that can be sent again and again. */
typedef struct RawMessage {
        uint8_t *data;
        size_t size;
} RawMessage;

/* What an answer is, as far as anybody here wants to know. */
typedef struct RawAnswer {
        bool is_error;
        uint32_t reply_serial;
        char error[128]; /* its name */
} RawAnswer;

typedef struct RawBus RawBus;

/* The name of a call on the command line, or _RAW_CALL_INVALID. */
RawCall raw_call_from_string(const char *name);

/* The application is what SignIn signs in with, "ID:SECRET"; other calls need none. They are about
 * the default account, or the one that is named. */
RawMessage raw_message_new(RawCall call, const char *destination, const char *application);
RawMessage raw_message_new_for(RawCall call, const char *destination, const char *account);
void raw_message_done(RawMessage *m);

/* Returns when the bus has given it a name. The address has the form "unix:path=PATH[,…]". */
RawBus *raw_bus_open(const char *address);
RawBus *raw_bus_close(RawBus *b);

int raw_bus_fd(const RawBus *b);

/* Puts a call behind what waits to be sent, and returns its serial. */
uint32_t raw_bus_add(RawBus *b, const RawMessage *m);

/* Sends as much as the socket takes, and returns whether that was everything. */
bool raw_bus_send(RawBus *b);

/* Takes the next answer, passing over signals. Returns false if there is none as yet. */
bool raw_bus_next(RawBus *b, RawAnswer *ret);

/* Sends everything, and waits for the answer to that call. */
RawAnswer raw_bus_await(RawBus *b, uint32_t serial);
