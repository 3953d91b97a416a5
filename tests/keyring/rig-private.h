/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of the rig share. */

#include "rig.h"

#define GIVE_UP_MS 20000

#define SECRETS "org.freedesktop.secrets"

typedef bool (*Predicate)(void);

void await(Predicate p, const char *what);

#define AWAIT(predicate) await(predicate, "await " #predicate)

/* Calls on the test's own connection. They wait for the answer; an error fails the test. */
GVariant *ask(const char *name, const char *path, const char *interface, const char *method,
              GVariant *arguments);
GVariant *ask_bus(const char *method, GVariant *arguments);

void begin_prompter(void);
void end_service(void);
void abandon_service(void); /* when the test has failed */
