/* SPDX-License-Identifier: MIT */

#include "api/input.h"

#define CHUNK ((size_t) 16384)

int input_read(FILE *f, size_t max, char **ret, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0, n;

        do {
                char *larger = realloc(data, size + CHUNK + 1);

                if (!larger)
                        return -ENOMEM;
                data = larger;
                errno = 0;
                n = fread(data + size, 1, CHUNK, f);
                size += n;
                if (size > max)
                        return -EFBIG;
        } while (n == CHUNK);
        if (ferror(f))
                return errno > 0 ? -errno : -EIO;

        data[size] = '\0';
        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}

int input_read_file(const char *path, size_t max, char **ret, size_t *ret_size) {
        FILE *f = fopen(path, "re");
        int r;

        if (!f)
                return -errno;

        r = input_read(f, max, ret, ret_size);
        (void) fclose(f);
        return r;
}
