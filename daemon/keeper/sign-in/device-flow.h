/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A sign-in by device code: ask Yandex for a code, show it, poll until the user has confirmed it
 * somewhere else.
 */

#include "keeper/sign-in/flow.h"

typedef struct DeviceFlow DeviceFlow;

/* The events must outlive it. 0 or a negative errno. */
int device_flow_start(const FlowRequest *request, const FlowEvents *events, void *userdata,
                      DeviceFlow **ret);

/* Cancels; polling stops. Takes NULL, returns NULL. */
DeviceFlow *device_flow_free(DeviceFlow *f);
DEFINE_CLEANUP(DeviceFlow *, device_flow_free)

/* NULL until there is one. */
const SignInPrompt *device_flow_prompt(const DeviceFlow *f);
