/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The objects of the interface Request: one for each sign-in that a program has begun. A request answers
 * the program that made it, and no other, and ends with the connection of that program.
 */

#include "bus/operation.h"

/* Returns 0 or a negative errno. The context must outlive the connection. */
int requests_register(BusContext *context);

/* Completes all requests that are under way as cancelled, and frees all. */
void requests_end(BusContext *context);

/* The handler of Manager.SignIn; userdata is the BusContext. Checks the options and the keyring, makes a
 * request, and answers with its path. */
int request_method_sign_in(sd_bus_message *m, void *userdata, sd_bus_error *error);
