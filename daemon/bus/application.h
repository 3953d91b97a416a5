/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The work of the Manager's calls about applications: ids go both ways, secrets only in. The subject of
 * the operation is the client id.
 */

#include "bus/operation.h"

int application_list(Operation *o, sd_bus_error *error);
int application_add(Operation *o, sd_bus_error *error);
int application_remove(Operation *o, sd_bus_error *error);
int application_check(Operation *o, sd_bus_error *error);

/* A client secret as it came in a message, or *ret_secret = NULL where text is NULL. 0, what a handler is to
 * return, or -ENOMEM. */
int client_secret_from_string(const char *text, Secret **ret_secret, sd_bus_error *error);
