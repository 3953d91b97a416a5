/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/pkce.h"

#include "platform/machine.h"

#define RANDOM_LENGTH 32

/* RFC 4648 section 5. Three bytes are four characters; the last two bytes are three. */
static void encode(const uint8_t bytes[RANDOM_LENGTH], char ret[PKCE_LENGTH + 1]) {
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        uint32_t bits = 0;
        unsigned n_bits = 0;
        char *c = ret;

        for (size_t i = 0; i < RANDOM_LENGTH; i++) {
                bits = bits << 8 | bytes[i];
                for (n_bits += 8; n_bits >= 6; n_bits -= 6)
                        *c++ = digits[bits >> (n_bits - 6) & 63];
        }
        *c++ = digits[bits << (6 - n_bits) & 63];
        *c = '\0';
}

int pkce_random(Secret **ret) {
        uint8_t bytes[RANDOM_LENGTH];
        char text[PKCE_LENGTH + 1];
        int r;

        r = machine_random_bytes(bytes, sizeof(bytes));
        if (r < 0)
                return r;

        encode(bytes, text);
        r = secret_new_from(text, PKCE_LENGTH, ret);
        explicit_bzero(bytes, sizeof(bytes));
        explicit_bzero(text, sizeof(text));
        return r;
}

int pkce_challenge(const Secret *verifier, char ret[PKCE_LENGTH + 1]) {
        uint8_t digest[SHA256_LENGTH];
        int r;

        r = machine_sha256(verifier, digest);
        if (r < 0)
                return r;

        encode(digest, ret);
        return 0;
}
