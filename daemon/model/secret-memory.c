/* SPDX-License-Identifier: MIT */

#include "model/secret-memory.h"

#include <sys/mman.h>

#include "common/util.h"

int secret_memory_map(size_t size, int fd, char **ret_bytes, size_t *ret_mapped) {
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

void secret_memory_unmap(char *bytes, size_t mapped) {
        (void) munmap(bytes, mapped);
}
