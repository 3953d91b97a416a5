/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The Request objects: sign-ins under way. Each answers its creator only, and dies with the creator's
 * connection.
 */

#include "bus/bus.h"

int requests_new(Bus *b, Requests **ret);

/* Completes those under way as cancelled. Returns NULL. */
Requests *requests_free(Requests *all);
DEFINE_CLEANUP(Requests *, requests_free)

/* The handler of Manager.SignIn: checks the options and the keyring, then makes a request and answers
 * with its path. */
int requests_method_sign_in(Requests *all, sd_bus_message *m, sd_bus_error *error);
