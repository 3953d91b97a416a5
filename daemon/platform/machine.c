/* SPDX-License-Identifier: MIT */

#include "platform/machine.h"

#include <glib.h>
#include <limits.h>
#include <sys/random.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "common/util.h"

/* Our application id, for sd_id128_get_machine_app_specific(3). */
#define APPLICATION_ID SD_ID128_MAKE(6d, 1f, 0c, 52, a8, 3e, 4b, 97, 9e, 05, c4, 7b, d2, 68, 31, fa)

#define SHA256_BLOCK_LENGTH 64

int machine_device_id(char **ret) {
        sd_id128_t application = APPLICATION_ID, id;
        int r;

        /* The uid goes into the key of the hash, so that ids of two users are unrelated. */
        application.qwords[0] ^= (uint64_t) getuid();
        r = sd_id128_get_machine_app_specific(application, &id);
        return r < 0 ? r : str_format(ret, SD_ID128_UUID_FORMAT_STR, SD_ID128_FORMAT_VAL(id));
}

int machine_name(char **ret) {
        char name[HOST_NAME_MAX + 1] = "";

        (void) gethostname(name, sizeof(name) - 1);
        return str_format(ret, "%s", str_is_empty(name) ? "Linux" : name);
}

int machine_random_id(char **ret) {
        sd_id128_t id;
        int r;

        r = sd_id128_randomize(&id);
        return r < 0 ? r : str_format(ret, SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(id));
}

int machine_random_bytes(void *ret, size_t length) {
        ssize_t n = getrandom(ret, length, 0);

        if (n < 0)
                return -errno;
        return (size_t) n == length ? 0 : -EIO;
}

/* GLib keeps the last block, less a byte, and frees it without erasing it. An update of that length
 * overwrites it. */
static void machine_free_checksum(GChecksum *sum) {
        static const guchar nothing[SHA256_BLOCK_LENGTH - 1];

        g_checksum_reset(sum);
        g_checksum_update(sum, nothing, sizeof(nothing));
        g_checksum_free(sum);
}

int machine_sha256(const Secret *s, uint8_t ret[SHA256_LENGTH]) {
        gsize length = SHA256_LENGTH;
        GChecksum *sum;

        sum = g_checksum_new(G_CHECKSUM_SHA256);
        if (!sum)
                return -ENOMEM;

        g_checksum_update(sum, (const guchar *) secret_string(s), (gssize) secret_length(s));
        g_checksum_get_digest(sum, ret, &length);
        machine_free_checksum(sum);
        return 0;
}
