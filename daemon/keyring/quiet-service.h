/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libsecret's proxy of the service, deaf to its signals and changed properties: we listen for ourselves,
 * and libsecret 0.20 crashes where a signal about collections comes before the property "Collections".
 */

#include <gio/gio.h>

#define QUIET_TYPE_SERVICE (quiet_service_get_type())

GType quiet_service_get_type(void);
