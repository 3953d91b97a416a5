/* SPDX-License-Identifier: MIT */

#include "shared/sealed.h"

#include <fcntl.h>
#include <sys/stat.h>

#define NEEDED_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

static int sealed_get_size(int fd, size_t *ret) {
        struct stat st;
        int seals;

        seals = fcntl(fd, F_GET_SEALS);
        if (seals < 0)
                return errno == EINVAL ? -EPERM : -errno; /* EINVAL: not a memfd at all */
        if ((seals & NEEDED_SEALS) != NEEDED_SEALS)
                return -EPERM;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size <= 0 || st.st_size > (off_t) SEALED_MAX_BYTES)
                return -EBADMSG;

        *ret = (size_t) st.st_size;
        return 0;
}

static int sealed_read_content(int fd, char *buffer, size_t size) {
        for (size_t done = 0; done < size;) {
                ssize_t n = pread(fd, buffer + done, size - done, (off_t) done);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 0)
                        return -EBADMSG;
                if (n > 0)
                        done += (size_t) n;
        }
        return 0;
}

static bool sealed_is_printable(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (s[i] <= ' ' || s[i] > '~')
                        return false;
        return true;
}

int sealed_read(int fd, const char *prefix, char **ret) {
        _cleanup_(secret_freep) char *s = NULL;
        size_t before = strlen(prefix), size = 0;
        int r;

        r = sealed_get_size(fd, &size);
        if (r < 0)
                return r;

        s = calloc(1, before + size + 1);
        if (!s)
                return -ENOMEM;
        memcpy(s, prefix, before);

        r = sealed_read_content(fd, s + before, size);
        if (r < 0)
                return r;
        if (!sealed_is_printable(s + before, size)) {
                explicit_bzero(s + before, size); /* secret_free() stops at a NUL */
                return -EBADMSG;
        }

        *ret = TAKE_PTR(s);
        return 0;
}

char *secret_free(char *s) {
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
        return NULL;
}
