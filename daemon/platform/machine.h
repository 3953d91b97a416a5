/* SPDX-License-Identifier: MIT */
#pragma once

/* What the machine gives: who it is, and numbers nobody can guess. */

#include <stddef.h>

/* A UUID (36 characters) which is the same for ever for this user of this machine and tells nothing of
 * either: Yandex keeps one grant per device, so two users must not share one, and a new one at every
 * sign-in would use up the 30 there are (Yandex ID docs, device flow). 0; a negative errno where the
 * machine has no machine-id(5). The caller frees. */
int machine_device_id(char **ret);

/* The host name, or "Linux". The caller frees. */
int machine_name(char **ret);

/* 32 random hexadecimal digits. The caller frees. */
int machine_random_id(char **ret);

/* Random bytes that nobody can guess. 0 or a negative errno. */
int machine_random_bytes(void *ret, size_t length);
