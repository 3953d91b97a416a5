/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One request at a time, and its answer, over libcurl.
 *
 * https only, TLS always verified, and no redirect is ever followed, so the token goes to the
 * server that was named and to no other. A proxy is taken from the environment ($https_proxy), as
 * libcurl does; it does not see the token. Connecting takes 10 seconds at most; then an answer may
 * take as long as it likes, if it never stands still for a minute. Answers are handed on as they
 * come in.
 */

#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct Connection Connection;

typedef struct HttpMethod {
        const char *name;
        bool has_body;   /* a request has one, which may be empty */
        bool idempotent; /* done twice, it has the effect of once (RFC 9110, section 9.2.2) */
} HttpMethod;

/* The methods of the Disk, by their name in capitals or small letters; or NULL. Static. */
const HttpMethod *http_method_find(const char *name);

typedef struct Body {
        const char *data;
        size_t size;
        const char *type; /* Content-Type */
} Body;

typedef struct Request {
        const HttpMethod *method;
        const char *url;           /* https */
        const char *authorization; /* the whole line of the header; borrowed, never copied by us */
        const Body *body;          /* NULL: none */
} Request;

/* The beginning of an answer. */
typedef struct AnswerHead {
        long status;
        const char *location; /* NULL: none */
        int64_t retry_after;  /* seconds, or -1 if the server did not say */
} AnswerHead;

/* The receiver of an answer. If a function returns another status than EXIT_STATUS_OK, it has said
 * why, as always, and the request ends with that. */
typedef struct Receiver {
        /* Runs once, before the body. */
        ExitStatus (*begin)(const AnswerHead *head, void *userdata);
        /* Runs for each piece of the body. */
        ExitStatus (*take)(const char *data, size_t size, void *userdata);
        void *userdata;
} Receiver;

/* ca_file: trusted certificates (PEM) beside the system's; "" for none. */
ExitStatus connection_new(const char *ca_file, Connection **ret);
Connection *connection_free(Connection *c);
DEFINE_CLEANUP(Connection *, connection_free)

/* Returns EXIT_STATUS_OK if a whole answer has been received, whatever its status. */
ExitStatus connection_request(Connection *c, const Request *request, const Receiver *receiver);

/* Writes the status and the header lines of the answer, and an empty line. Not before begin(). */
void connection_print_head(Connection *c, FILE *f);
