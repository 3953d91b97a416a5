/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/qr.h"

#include <ctype.h>
#include <qrencode.h>

#define ANY_SIZE       0
#define CASE_SENSITIVE 1
#define IS_DARK        1 /* the lowest bit of a module of libqrencode */

DEFINE_CLEANUP(QRcode *, QRcode_free)

/* Where the path begins: behind "https://host:port". Of what is no such address nothing is in front of it. */
static size_t find_path(const char *address) {
        static const char scheme[] = "https://";
        size_t host;

        if (strncmp(address, scheme, strlen(scheme)) != 0)
                return 0;

        host = strcspn(address + strlen(scheme), "/?#");
        if (memchr(address + strlen(scheme), '@', host)) /* a user's name is not to be changed */
                return 0;
        return strlen(scheme) + host;
}

/* The lowest level of correction, since a screen has no scratches: the picture is smaller by it. */
static int encode(const char *address, QRcode **ret) {
        _cleanup_free_ char *text = strdup(address);
        size_t path = find_path(address);
        QRcode *code;

        if (!text)
                return -ENOMEM;
        for (size_t i = 0; i < path; i++)
                text[i] = (char) toupper((unsigned char) text[i]);

        errno = 0;
        code = QRcode_encodeString(text, ANY_SIZE, QR_ECLEVEL_L, QR_MODE_8, CASE_SENSITIVE);
        if (!code)
                return errno > 0 ? -errno : -EINVAL;

        *ret = code;
        return 0;
}

int qr_make(const char *address, Bitmap *ret) {
        _cleanup_(QRcode_freep) QRcode *code = NULL;
        Bitmap b;
        unsigned n;
        int r;

        r = encode(address, &code);
        if (r < 0)
                return r;

        n = (unsigned) code->width;
        r = bitmap_init(&b, n, n);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < n * n; i++)
                if (code->data[i] & IS_DARK)
                        bitmap_draw(&b, i % n, i / n);

        *ret = b;
        return 0;
}
