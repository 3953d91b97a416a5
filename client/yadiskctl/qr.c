/* SPDX-License-Identifier: MIT */

#include "yadiskctl/qr.h"

#include <qrencode.h>

#define BORDER   4U /* ISO/IEC 18004 */
#define ANY_SIZE 0
#define IS_DARK  1 /* the lowest bit of a module of libqrencode */

DEFINE_CLEANUP(QRcode *, QRcode_free)

/* The lowest level of correction, since a screen has no scratches: the picture is smaller by it. */
int qr_make(const char *text, Bitmap *ret) {
        _cleanup_(QRcode_freep) QRcode *code = NULL;
        Bitmap b;
        unsigned n;
        int r;

        errno = 0;
        code = QRcode_encodeString8bit(text, ANY_SIZE, QR_ECLEVEL_L);
        if (!code)
                return errno > 0 ? -errno : -EINVAL;

        n = (unsigned) code->width;
        r = bitmap_init(&b, n + 2 * BORDER, n + 2 * BORDER);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < n * n; i++)
                if (code->data[i] & IS_DARK)
                        bitmap_draw(&b, BORDER + i % n, BORDER + i / n);

        *ret = b;
        return 0;
}
