/* SPDX-License-Identifier: MIT */
#pragma once

/* Why there is no session bus to speak on, and how to get to one. */

#include "yadiskctl/daemon/trouble.h"

#define USER_NAME_MAX_BYTES 64

typedef struct BusFault {
        int error; /* of session_bus_open(); 0 if there is a bus */
        bool is_root;
        bool has_systemd;   /* it runs the machine, and so could run a session of the user */
        bool has_directory; /* and does so */
        char user[USER_NAME_MAX_BYTES];
        char owner
                [USER_NAME_MAX_BYTES]; /* whose bus the environment names, or "" if that is none of others */
} BusFault;

/* Looks around for what the error came from. */
void bus_fault_find(int error, BusFault *ret);

/* Says what is wrong, and what to do. */
void bus_fault_judge(const BusFault *f, Trouble *t);
