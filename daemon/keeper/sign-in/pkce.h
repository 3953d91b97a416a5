/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Proof Key for Code Exchange (RFC 7636): a code is worth something only to whoever knows the verifier,
 * whose hash went along when the code was asked for.
 */

#include "model/secret.h"

/* 32 bytes in base64url without padding. */
#define PKCE_LENGTH 43

/* That many characters out of 32 random bytes. 0 or a negative errno. */
int pkce_random(Secret **ret);

/* The challenge of a verifier, by the method S256. 0 or -ENOMEM. */
int pkce_challenge(const Secret *verifier, char ret[PKCE_LENGTH + 1]);
