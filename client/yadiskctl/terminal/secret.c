/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/secret.h"

#include <fcntl.h>

#include "common/utf8.h"
#include "common/util.h"

#define WHITE_SPACE " \t\r\v\f"

static bool secret_is_white(char c) {
        return c && strchr(WHITE_SPACE, c);
}

int secret_parse(const char *data, size_t size, char **ret) {
        const char *end = memchr(data, '\n', size) ?: data + size;
        char *copy;

        if ((size_t) (end - data) > SECRET_MAX_BYTES)
                return -EMSGSIZE;

        while (data < end && secret_is_white(*data))
                data++;
        while (data < end && secret_is_white(end[-1]))
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

/* Reads up to the first end of line, or until the buffer is full. */
static ssize_t secret_fill(int fd, char *buffer, size_t size) {
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
        char buffer[SECRET_MAX_BYTES + 1]; /* one byte more shows that it is too long */
        ssize_t n;
        int r;

        n = secret_fill(fd, buffer, sizeof(buffer));
        r = n < 0 ? (int) n : secret_parse(buffer, (size_t) n, ret);
        explicit_bzero(buffer, sizeof(buffer));
        return r;
}

/* Spaces of all widths, and of none: zero-width space and joiners, word joiner, BOM. */
static bool secret_is_wide_white(uint32_t c) {
        return c == 0xa0 || (c >= 0x2000 && c <= 0x200d) || c == 0x202f || c == 0x2060 ||
               c == 0x3000 || c == 0xfeff;
}

/* Trims s in place and erases the rest. */
static void secret_trim(char *s) {
        char *begin = NULL, *end = s;

        for (char *p = s; *p;) {
                uint32_t c = 0;
                size_t length = utf8_decode(p, &c) ?: 1;

                if (!secret_is_white(*p) && !secret_is_wide_white(c)) {
                        begin = begin ?: p;
                        end = p + length;
                }
                p += length;
        }

        if (begin)
                memmove(s, begin, (size_t) (end - begin));
        end = begin ? s + (end - begin) : s;
        explicit_bzero(end, strlen(end));
}

static int secret_parse_line(const char *data, size_t size, char **ret) {
        const char *end = memchr(data, '\n', size) ?: data + size;
        size_t length = (size_t) (end - data);
        char *copy;

        if (length > SECRET_MAX_BYTES)
                return -EMSGSIZE;
        if (memchr(data, '\0', length))
                return -EBADMSG;

        copy = strndup(data, length);
        if (!copy)
                return -ENOMEM;

        secret_trim(copy);
        *ret = copy;
        return 0;
}

int secret_read_line(int fd, char **ret) {
        char buffer[SECRET_MAX_BYTES + 1]; /* one byte more shows that it is too long */
        ssize_t n;
        int r;

        n = secret_fill(fd, buffer, sizeof(buffer));
        if (n == 0)
                return -ECANCELED;

        r = n < 0 ? (int) n : secret_parse_line(buffer, (size_t) n, ret);
        explicit_bzero(buffer, sizeof(buffer));
        return r;
}

int secret_read_file(const char *path, char **ret) {
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : secret_read(fd, ret);
}
