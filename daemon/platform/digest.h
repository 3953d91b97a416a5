/* SPDX-License-Identifier: MIT */
#pragma once

/* SHA-256, by a library. */

#include <stdint.h>

#include "model/secret.h"

#define DIGEST_LENGTH 32

/* 0 or -ENOMEM. */
int digest_sha256(const Secret *s, uint8_t ret[DIGEST_LENGTH]);
