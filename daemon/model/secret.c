/* SPDX-License-Identifier: MIT */

#include "model/secret.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/util.h"
#include "model/secret-memory.h"

#define SEALS     (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define MEMFD_MAX (256 * 1024)

struct Secret {
        unsigned n_ref;
        size_t capacity;
        size_t length;
        size_t mapped;
        char *bytes;
};

/* With fd -1 the memory is private. */
static int secret_new_mapped(size_t capacity, int fd, Secret **ret) {
        Secret *s = calloc(1, sizeof(Secret));
        int r;

        if (!s)
                return -ENOMEM;

        r = secret_memory_map(capacity + 1, fd, &s->bytes, &s->mapped);
        if (r < 0) {
                free(s);
                return r;
        }

        s->n_ref = 1;
        s->capacity = capacity;
        *ret = s;
        return 0;
}

int secret_new(size_t capacity, Secret **ret) {
        return secret_new_mapped(capacity, -1, ret);
}

int secret_new_shared(int fd, size_t capacity, Secret **ret) {
        return fd >= 0 ? secret_new_mapped(capacity, fd, ret) : -EBADF;
}

int secret_new_from(const void *data, size_t length, Secret **ret) {
        int r;

        r = secret_new(length, ret);
        if (r < 0)
                return r;

        return secret_append(*ret, data, length);
}

int secret_new_prefixed(const char *prefix, const Secret *s, Secret **ret) {
        int r;

        r = secret_new(strlen(prefix) + secret_length(s), ret);
        if (r < 0)
                return r;

        (void) secret_append_string(*ret, prefix);
        return secret_append(*ret, secret_string(s), secret_length(s));
}

Secret *secret_ref(Secret *s) {
        if (s)
                s->n_ref++;
        return s;
}

Secret *secret_unref(Secret *s) {
        if (!s)
                return NULL;

        assert(s->n_ref > 0);
        if (--s->n_ref > 0)
                return NULL;

        explicit_bzero(s->bytes, s->mapped);
        secret_memory_unmap(s->bytes, s->mapped);
        free(s);
        return NULL;
}

int secret_append(Secret *s, const void *data, size_t length) {
        if (length > s->capacity - s->length)
                return -E2BIG;

        if (length > 0)
                memcpy(s->bytes + s->length, data, length);
        s->length += length;
        return 0;
}

int secret_append_string(Secret *s, const char *text) {
        return secret_append(s, text, strlen(text));
}

void secret_clear(Secret *s) {
        explicit_bzero(s->bytes, s->length);
        s->length = 0;
}

const char *secret_string(const Secret *s) {
        return s ? s->bytes : NULL;
}

size_t secret_length(const Secret *s) {
        return s ? s->length : 0;
}

bool secret_equal(const Secret *a, const Secret *b) {
        unsigned char difference = 0;

        if (!a || !b)
                return a == b;
        if (a->length != b->length)
                return false;

        for (size_t i = 0; i < a->length; i++)
                difference |= (unsigned char) (a->bytes[i] ^ b->bytes[i]);
        return difference == 0;
}

/* Leaves the file's position at its start, where its receiver reads. */
static int secret_write(const Secret *s, int fd) {
        for (size_t at = 0; at < s->length;) {
                ssize_t n = pwrite(fd, s->bytes + at, s->length - at, (off_t) at);

                if (n < 0)
                        return -errno;
                at += (size_t) n;
        }
        return 0;
}

int secret_to_memfd(const Secret *s, const char *name, int *ret_fd) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (fd < 0)
                return -errno;

        r = secret_write(s, fd);
        if (r < 0)
                return r;
        if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
                return -errno;

        *ret_fd = TAKE_FD(fd);
        return 0;
}

int secret_from_memfd(int fd, Secret **ret) {
        struct stat st;
        void *bytes;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size <= 0 || st.st_size > MEMFD_MAX)
                return -EBADMSG;

        bytes = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
                return -errno;

        /* The file of secret_new_shared() ends with empty bytes. */
        r = secret_new_from(bytes, strnlen(bytes, (size_t) st.st_size), ret);
        (void) munmap(bytes, (size_t) st.st_size);
        return r;
}
