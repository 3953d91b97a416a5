/* SPDX-License-Identifier: MIT */

#include "yadiskctl/secret.h"

#include <fcntl.h>

#define WHITE_SPACE " \t\r\v\f"

char *secret_free(char *s) {
        if (s)
                explicit_bzero(s, strlen(s));
        free(s);
        return NULL;
}

static bool is_white(char c) {
        return c && strchr(WHITE_SPACE, c);
}

int secret_parse(const char *data, size_t size, char **ret) {
        const char *end = memchr(data, '\n', size) ?: data + size;
        char *copy;

        if ((size_t) (end - data) > SECRET_MAX_BYTES)
                return -EMSGSIZE;

        while (data < end && is_white(*data))
                data++;
        while (data < end && is_white(end[-1]))
                end--;
        if (data == end)
                return -ENODATA;

        for (const char *c = data; c < end; c++)
                if (*c <= ' ' || *c > '~')
                        return -EBADMSG;

        copy = strndup(data, (size_t) (end - data));
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

/* Reads up to the first end of line, or until there are too many bytes for there to be one. */
static ssize_t read_line(int fd, char *buffer, size_t size) {
        size_t n = 0;

        while (n < size && !memchr(buffer, '\n', n)) {
                ssize_t k = read(fd, buffer + n, size - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }
        return (ssize_t) n;
}

int secret_read(int fd, char **ret) {
        char buffer[SECRET_MAX_BYTES + 1]; /* enough to tell that it is too long */
        ssize_t n;
        int r;

        n = read_line(fd, buffer, sizeof(buffer));
        r = n < 0 ? (int) n : secret_parse(buffer, (size_t) n, ret);
        explicit_bzero(buffer, sizeof(buffer));
        return r;
}

int secret_read_file(const char *path, char **ret) {
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : secret_read(fd, ret);
}
