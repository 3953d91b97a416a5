/* SPDX-License-Identifier: MIT */

#include "shared/new-file.h"

#include <fcntl.h>

int new_file_create(NewFile *f, const char *target, int flags) {
        const char *slash = strrchr(target, '/');
        int directory = slash ? (int) (slash + 1 - target) : 0;
        _cleanup_free_ char *path = NULL;
        int r;

        r = str_replace(&f->target, target);
        if (r >= 0)
                r = str_format(&path, "%.*s.%s.XXXXXX", directory, target, target + directory);
        if (r < 0)
                return r;

        f->fd = mkostemp(path, flags);
        if (f->fd < 0)
                return -errno;
        f->path = TAKE_PTR(path);
        return 0;
}

int new_file_write(NewFile *f, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(f->fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return !f->is_hint && fsync(f->fd) < 0 ? -errno : 0;
}

/* The new name is in the directory. Not every file system can say when that is on the disk, and
 * there is no way back, so a failure is not reported. */
static void new_file_sync_name(NewFile *f) {
        _cleanup_fd_ int directory = -EBADF;
        char *slash = strrchr(f->target, '/');

        if (slash)
                slash[slash == f->target] = '\0';
        directory = open(slash ? f->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory >= 0)
                (void) fsync(directory);
}

int new_file_publish(NewFile *f) {
        if (rename(f->path, f->target) < 0)
                return -errno;

        free(f->path);
        f->path = NULL;
        if (!f->is_hint)
                new_file_sync_name(f);
        return 0;
}

void new_file_done(NewFile *f) {
        if (f->path)
                (void) unlink(f->path);
        free(f->path);
        free(f->target);
        f->fd = fd_close(f->fd);
        f->path = f->target = NULL;
}
