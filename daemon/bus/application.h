/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The methods of the Manager that deal with applications. They return client ids, but never a client
 * secret.
 */

#include <systemd/sd-bus.h>

#include "model/secret.h"

/* D-Bus handlers; userdata is the BusContext. */
int application_method_list(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_add(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_remove(sd_bus_message *m, void *userdata, sd_bus_error *error);
int application_method_check(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Makes a Secret of a client secret in a message. If text is NULL, *ret_secret becomes NULL. Returns 0, or
 * what a D-Bus handler returns: InvalidArgs if the text cannot be a client secret. */
int client_secret_from_string(const char *text, Secret **ret_secret, sd_bus_error *error);
