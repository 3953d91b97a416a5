/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The inside of a request, shared by the files it is made of: request.c (how it is made, found and
 * completed), request-methods.c (what may be called), and sign-in.c, which reads what is wished.
 */

#include <sys/queue.h>

#include "bus/request.h"
#include "keeper/sign-in/sign-in.h"
#include "platform/bus-peer.h"

typedef struct Request {
        LIST_ENTRY(Request) entry;
        Requests *all;
        char *path;
        char *creator;   /* unique name; NULL on a connection without a bus */
        BusPeer *peer;   /* watches the creator: the request ends with it */
        SignIn *sign_in; /* NULL once completed, unless there is something to decide */
        SignInFlow flow;
        int result;           /* CONDITION_PENDING until completed */
        const char *sentence; /* static; says more than that of the result; or NULL */
        WaitList waits;       /* for the prompt */
        char *kept;           /* the path of the account that KeepAsNew made, or NULL */
} Request;

struct Requests {
        Bus *bus;
        LIST_HEAD(, Request) list;
        uint64_t n_made;
        sd_bus_slot *vtable;
};

/* Begins a sign-in for the sender of the call. *ret_path is valid until the request goes. 0, a
 * Condition, or a negative errno. */
int requests_add(Requests *all, sd_bus_message *call, const SignInOptions *options,
                 const char **ret_path);

/* NULL where there is none at that path. */
Request *request_at(const Requests *all, const char *path);

/* How it failed, as a sentence. */
const char *request_sentence(const Request *q);

/* Nothing happens where it has completed. */
void request_cancel(Request *q);

/* Offers the methods on the bus. 0 or a negative errno. */
int requests_register(Requests *all);
