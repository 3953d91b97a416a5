/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Proof Key for Code Exchange (RFC 7636): a code is of use only together with the verifier, whose
 * hash was sent when the code was asked for.
 */

#include "model/secret.h"

/* 32 bytes in base64url without padding. */
#define PKCE_LENGTH 43

/* Makes PKCE_LENGTH characters out of 32 random bytes. Returns 0 or a negative errno. */
int pkce_random(Secret **ret);

/* The challenge of a verifier, by the method S256. Returns 0 or -ENOMEM. */
int pkce_challenge(const Secret *verifier, char ret[PKCE_LENGTH + 1]);
