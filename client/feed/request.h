/* SPDX-License-Identifier: MIT */
#pragma once

/* One request of a program, from its head to its answer. */

#include <microhttpd.h>

#include "feed/tokens.h"

/* What all requests share. */
typedef struct RequestContext {
        Tokens *tokens; /* NULL at the end */
        uint16_t port;  /* ours */
} RequestContext;

/* These are callbacks of the HTTP library, for a RequestContext. The context of each socket is its
 * Connection. */
enum MHD_Result request_on_access(void *cls, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **request);
void request_on_completed(void *cls, struct MHD_Connection *http, void **request,
                          enum MHD_RequestTerminationCode code);
