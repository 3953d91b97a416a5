/* SPDX-License-Identifier: MIT */
#pragma once

/* What a program that is fed will be answered: one request to the token endpoint, as rclone makes
 * it. */

#include <stdint.h>

#include "common/util.h"

typedef struct EndpointAnswer {
        unsigned status; /* of HTTP: 200 if there was a token, which is not kept */
        char *sentence;  /* why there was none, in English; or NULL */
} EndpointAnswer;

/* Asks the endpoint at this port. Returns 0 or a negative errno: -EBADMSG if what came is no answer
 * of HTTP. endpoint_answer_done() ends *ret. */
int token_request_make(uint16_t port, const char *handle, EndpointAnswer *ret);
void endpoint_answer_done(EndpointAnswer *a);

/* For tests: takes a whole answer apart. */
int endpoint_answer_parse(const char *text, EndpointAnswer *ret);
