/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A sign-in by device code: asks Yandex for a code, shows it, and polls until the user has
 * confirmed it somewhere else.
 */

#include "keeper/sign-in/flow.h"

typedef struct DeviceFlow DeviceFlow;

/* The events must outlive the flow. Returns 0 or a negative errno. */
int device_flow_start(World *world, SignInDetails *details, const FlowEvents *events,
                      void *userdata, DeviceFlow **ret);

/* Cancels. Accepts NULL, returns NULL. */
DeviceFlow *device_flow_free(DeviceFlow *f);
DEFINE_CLEANUP(DeviceFlow *, device_flow_free)

/* NULL until there is one. */
const SignInPrompt *device_flow_prompt(const DeviceFlow *f);
