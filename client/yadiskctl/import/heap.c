/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/heap.h"

#include <malloc.h>

#include "common/util.h"

#define PERTURB_BYTE 0x55

/* The cache of each thread in glibc (malloc/malloc.c, tcache): blocks of up to 1032 bytes, in steps of 16, and
 * at most seven of each size. free() puts a block there before it comes to overwriting it. */
#define CACHED_BYTES_MAX 1032
#define CACHED_STEP      16
#define CACHED_OF_A_SIZE 7

void heap_perturb(void) {
        (void) mallopt(M_PERTURB, PERTURB_BYTE);
}

/* malloc() hands the cached blocks out first, so these are they. */
static void scrub_size(size_t size) {
        void *blocks[CACHED_OF_A_SIZE];

        for (size_t i = 0; i < CACHED_OF_A_SIZE; i++) {
                blocks[i] = malloc(size);
                if (blocks[i])
                        explicit_bzero(blocks[i], size);
        }
        for (size_t i = 0; i < CACHED_OF_A_SIZE; i++)
                free(blocks[i]);
}

void heap_scrub(void) {
        for (size_t size = CACHED_STEP + sizeof(size_t); size <= CACHED_BYTES_MAX;
             size += CACHED_STEP)
                scrub_size(size);
}
