/* SPDX-License-Identifier: MIT */
#pragma once

/* The program that exec runs, and what it is given: the access token of one account. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/command.h"

/* How exec ends if there is nothing to run, as env(1) does. */
#define PROGRAM_CANNOT_RUN ((ExitStatus) 126)
#define PROGRAM_NOT_FOUND  ((ExitStatus) 127)

typedef struct Lent {
        char *token;
        uint64_t expires_at;
        uint32_t generation; /* stays when the token is erased */
} Lent;

typedef struct Program {
        const Command *command; /* its arguments are the program's, and --env names variables */
        const char *remote;     /* of rclone, or NULL */
        char *account, *id;     /* the path of the account, and its id */
        Lent lent;

        /* The feed through which rclone gets its tokens. If there is none, port is 0, and rclone
         * gets the token itself. */
        uint16_t port;
        char *handle;
        int lock; /* the feed lasts as long as this is open */
} Program;

#define PROGRAM_INIT ((Program){ .lock = -EBADF })

void program_done(Program *p);

/* Finds the account of that label, login or id. NULL is the default account. Later it is always
 * named by its id, so that another default account or label changes nothing. */
ExitStatus program_find_account(Program *p, sd_bus *bus, const char *name);

/* Erases the token, which only the process that becomes the program needs. A process has one at a
 * time. */
void lent_done(Lent *l);

/* Makes the call for the account's token, and reads the answer. Its errno is that of a broken
 * answer. */
ExitStatus program_new_call(const Program *p, sd_bus *bus, sd_bus_message **ret);
int lent_read(sd_bus_message *reply, Lent *ret);

/* Makes the call and waits for the answer. */
ExitStatus program_get_token(Program *p, sd_bus *bus);

/* Becomes the program. If that fails, says why and returns the status to exit with. */
ExitStatus program_run(const Program *p);
