/* SPDX-License-Identifier: MIT */

#include "model/secret-memory.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

#include "common/util.h"

/* A page that short secrets share is divided into blocks. A bit for each tells whether it is
 * taken. */
#define BLOCK_SIZE  64U
#define BLOCKS      64U
#define SHARED_SIZE (BLOCK_SIZE * BLOCKS)

/* Longer secrets would leave too little to the others. */
#define BLOCKS_MAX (BLOCKS / 2)

typedef struct Shared {
        char *bytes;
        size_t mapped;
        uint64_t taken;
        struct Shared *next;
} Shared;

static Shared *first_shared;

static int memory_map(size_t size, int fd, char **ret_bytes, size_t *ret_mapped) {
        int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
        size_t page = (size_t) sysconf(_SC_PAGESIZE);
        size_t mapped = (size + page - 1) / page * page;
        void *bytes;

        if (fd >= 0 && ftruncate(fd, (off_t) mapped) < 0)
                return -errno;

        bytes = mmap(NULL, mapped, PROT_READ | PROT_WRITE, flags, fd, 0);
        if (bytes == MAP_FAILED)
                return -ENOMEM;

        (void) mlock(bytes, mapped);
        (void) madvise(bytes, mapped, MADV_DONTDUMP);
        (void) madvise(bytes, mapped, MADV_WIPEONFORK);

        *ret_bytes = bytes;
        *ret_mapped = mapped;
        return 0;
}

static int shared_new(Shared **ret) {
        _cleanup_free_ Shared *s = calloc(1, sizeof(Shared));
        int r;

        if (!s)
                return -ENOMEM;

        r = memory_map(SHARED_SIZE, -1, &s->bytes, &s->mapped);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

static uint64_t blocks_at(size_t i, size_t n) {
        return ((UINT64_C(1) << n) - 1) << i;
}

/* Takes n blocks in a row. Returns NULL if there are none. */
static char *shared_take(Shared *s, size_t n) {
        for (size_t i = 0; i + n <= BLOCKS && s->taken != UINT64_MAX; i++)
                if (!(s->taken & blocks_at(i, n))) {
                        s->taken |= blocks_at(i, n);
                        return s->bytes + i * BLOCK_SIZE;
                }
        return NULL;
}

/* A page with room goes to the front of the list, where the next search begins. */
static void shared_insert(Shared *s) {
        s->next = first_shared;
        first_shared = s;
}

static int memory_share(size_t n, char **ret_bytes) {
        Shared *s;
        int r;

        for (Shared **at = &first_shared; (s = *at); at = &s->next)
                if ((*ret_bytes = shared_take(s, n))) {
                        *at = s->next;
                        shared_insert(s);
                        return 0;
                }

        r = shared_new(&s);
        if (r < 0)
                return r;

        shared_insert(s);
        *ret_bytes = shared_take(s, n);
        return 0;
}

/* A page whose blocks are all free is given back. */
static void memory_leave(char *bytes, size_t n) {
        Shared **at = &first_shared, *s;

        while (*at && (bytes < (*at)->bytes || bytes >= (*at)->bytes + SHARED_SIZE))
                at = &(*at)->next;
        s = *at;
        assert(s);

        s->taken &= ~blocks_at((size_t) (bytes - s->bytes) / BLOCK_SIZE, n);
        if (s->taken != 0)
                return;

        *at = s->next;
        (void) munmap(s->bytes, s->mapped);
        free(s);
}

int secret_memory_map(size_t size, int fd, char **ret_bytes, size_t *ret_mapped) {
        size_t n = (size + BLOCK_SIZE - 1) / BLOCK_SIZE;
        int r;

        if (fd >= 0 || n > BLOCKS_MAX)
                return memory_map(size, fd, ret_bytes, ret_mapped);

        r = memory_share(n, ret_bytes);
        if (r < 0)
                return r;

        *ret_mapped = n * BLOCK_SIZE;
        return 0;
}

/* What is mapped by itself is whole pages, and no page is as small as what is shared. */
void secret_memory_unmap(char *bytes, size_t mapped) {
        if (mapped <= BLOCKS_MAX * BLOCK_SIZE)
                memory_leave(bytes, mapped / BLOCK_SIZE);
        else
                (void) munmap(bytes, mapped);
}
