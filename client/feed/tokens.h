/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The daemon, asked for tokens. Programs that want the token of one account at the same time share
 * one call, so that the daemon, which limits how much one client asks for, never refuses us.
 *
 * A token is kept no longer than until it was handed out.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Tokens Tokens;
typedef struct TokenWait TokenWait;

/* Valid during the callback. */
typedef struct TokenOutcome {
        const char *token;        /* NULL if there is none */
        uint64_t expires_at;      /* UTC seconds; 0 if it is not known */
        uint64_t next_refresh_at; /* UTC seconds; 0 if none is planned */

        const sd_bus_error *error; /* if there is no token: the daemon's error, */
        int r;                     /* or, if that is not set, a negative errno */
} TokenOutcome;

/* Runs from the loop, or from tokens_free(). The wait has ended by then, and is still to be
 * freed. */
typedef void (*TokenFn)(const TokenOutcome *outcome, void *userdata);

/* The bus is not needed before the first token is. Returns 0, or a negative errno. */
int tokens_new(sd_event *event, Tokens **ret);

/* Tells all who wait that no token came. */
Tokens *tokens_free(Tokens *t);
DEFINE_CLEANUP(Tokens *, tokens_free)

/* account is an id. Returns 0, or a negative errno, in which case fn does not run. */
int tokens_ask(Tokens *t, const char *account, TokenFn fn, void *userdata, TokenWait **ret);

/* fn does not run any more. */
TokenWait *token_wait_free(TokenWait *w);
DEFINE_CLEANUP(TokenWait *, token_wait_free)
