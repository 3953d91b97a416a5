/* SPDX-License-Identifier: MIT */

#include "platform/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/util.h"

#define SEALS       (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define CONTENT_MAX (256 * 1024)

static int write_all(int fd, const char *bytes, size_t length) {
        while (length > 0) {
                ssize_t n = write(fd, bytes, length);

                if (n < 0)
                        return -errno;
                bytes += n;
                length -= (size_t) n;
        }
        return 0;
}

int memfd_from_secret(const char *name, const Secret *s, int *ret_fd) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (fd < 0)
                return -errno;

        r = write_all(fd, secret_string(s), secret_length(s));
        if (r < 0)
                return r;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
                return -errno;

        *ret_fd = TAKE_FD(fd);
        return 0;
}

int memfd_to_secret(int fd, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        struct stat st;
        void *bytes;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size <= 0 || st.st_size > CONTENT_MAX)
                return -EBADMSG;

        bytes = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
                return -errno;

        /* Of one that was lent the rest is empty. */
        r = secret_new_from(bytes, strnlen(bytes, (size_t) st.st_size), &s);
        (void) munmap(bytes, (size_t) st.st_size);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}
