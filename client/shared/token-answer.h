/* SPDX-License-Identifier: MIT */
#pragma once

/* The answer to GetTokenFD. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "shared/sealed.h"

typedef struct TokenAnswer {
        char *token; /* behind the prefix; for secret_free() */
        const char
                *account; /* the path of its object; as long as the message; "" if there is none */
        uint64_t expires_at;      /* UTC seconds; 0 if it is not known */
        uint64_t next_refresh_at; /* UTC seconds; 0 if none is planned */
        uint32_t generation;
} TokenAnswer;

/* Reads the answer, and skips what only later daemons tell. Before this call the token is not in
 * our memory. Returns 0, or a negative errno as sealed_read() does, in which case *ret is
 * untouched. */
int token_answer_read(sd_bus_message *m, const char *prefix, TokenAnswer *ret);
