/* SPDX-License-Identifier: MIT */
#pragma once

/* What the machine knows and makes for us: its identity, random numbers, and a digest. */

#include <stdint.h>

#include "model/secret.h"

#define SHA256_LENGTH 32

/* A UUID (36 characters) that is always the same for this user of this machine and tells nothing of
 * either. Yandex keeps one grant per device, so two users must not share one, and a new one at
 * every sign-in would use up the 30 there are (Yandex ID docs, device flow). Returns 0, or a
 * negative errno if the machine has no machine-id(5). The caller frees. */
int machine_device_id(char **ret);

/* The host name, or "Linux". Returns 0, or -ENOMEM. The caller frees. */
int machine_name(char **ret);

/* 32 random hexadecimal digits. Returns 0, or a negative errno. The caller frees. */
int machine_random_id(char **ret);

/* Random bytes fit for secrets. Returns 0, or a negative errno. */
int machine_random_bytes(void *ret, size_t length);

/* The SHA-256 of the bytes of a secret, of which no copy stays in memory. Returns 0, or -ENOMEM. */
int machine_sha256(const Secret *s, uint8_t ret[SHA256_LENGTH]);
