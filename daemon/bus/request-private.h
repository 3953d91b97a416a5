/* SPDX-License-Identifier: MIT */
#pragma once

/* Between sign-in.c, which reads what is wished, and request.c, where it lives then. */

#include "bus/request.h"
#include "keeper/sign-in.h"

/* Begins a sign-in for the sender of the call. *ret_path is valid until the request goes. 0, a
 * Condition, or a negative errno. */
int requests_add(Requests *all, sd_bus_message *call, const SignInOptions *options,
                 const char **ret_path);

Bus *requests_bus(const Requests *all);
