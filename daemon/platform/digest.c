/* SPDX-License-Identifier: MIT */

#include "platform/digest.h"

#include <glib.h>

/* A block less a byte, which is kept until it is full: what was kept before is gone then. */
#define BLOCK_LENGTH 64

/* GLib frees into a pool of its own, which is not overwritten. */
static void forget(GChecksum *sum) {
        static const guchar nothing[BLOCK_LENGTH - 1];

        g_checksum_reset(sum);
        g_checksum_update(sum, nothing, sizeof(nothing));
        g_checksum_free(sum);
}

int digest_sha256(const Secret *s, uint8_t ret[DIGEST_LENGTH]) {
        gsize length = DIGEST_LENGTH;
        GChecksum *sum;

        sum = g_checksum_new(G_CHECKSUM_SHA256);
        if (!sum)
                return -ENOMEM;

        g_checksum_update(sum, (const guchar *) secret_string(s), (gssize) secret_length(s));
        g_checksum_get_digest(sum, ret, &length);
        forget(sum);
        return 0;
}
