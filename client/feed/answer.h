/* SPDX-License-Identifier: MIT */
#pragma once

/* What a request for a token is answered (RFC 6749, sections 5.1 and 5.2). */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

/* The longest time, in seconds, for which a program may keep a token: if the account is renewed
 * before its time, the program goes on with the old token for so long. */
#define ANSWER_LIFE_MAX 60

/* Passing trouble is over at the earliest after so many seconds. */
#define ANSWER_RETRY_AFTER "5"

/* error is a word of the RFC for programs, sentence is for people. */
typedef struct AnswerError {
        unsigned status; /* 503 if it will pass by itself, or 400, which programs take for final */
        const char *error;
        const char *sentence;
} AnswerError;

/*
 * What it means that the daemon did not give a token: it answered with this error, or the call
 * failed with this negative errno. The sentence is the daemon's if it has one, and lives as long as
 * error.
 */
AnswerError answer_error_from_bus(const sd_bus_error *error, int r);

/* How long, in seconds, a program may keep a token. Times are UTC seconds; 0 means that the time is
 * not known. Returns 1 to ANSWER_LIFE_MAX: to programs in Go, 0 means for ever. */
uint32_t answer_life(uint64_t now, uint64_t expires_at, uint64_t next_refresh_at);

/* JSON. The caller erases and frees *ret with secret_free(). Returns 0, or -ENOMEM. */
int answer_print_token(const char *token, uint32_t life, const char *handle, char **ret);
int answer_print_error(const AnswerError *e, char **ret);
