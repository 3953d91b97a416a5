/* SPDX-License-Identifier: MIT */

#include "common/harden.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>

#define PERTURB_BYTE 0x55

/* glibc has a cache in each thread (malloc/malloc.c, tcache): blocks of up to 1032 bytes, in steps
 * of 16, and at most seven of each size. free() puts a block there before it would overwrite it. */
#define CACHED_BYTES_MAX 1032
#define CACHED_STEP      16
#define CACHED_OF_A_SIZE 7

/* Libraries copy the secrets that pass through them, so malloc() overwrites whatever is freed.
 * M_PERTURB does not reach the small blocks that glibc caches for each thread; the unit turns that
 * cache off. */
void harden_heap(void) {
        (void) mallopt(M_PERTURB, PERTURB_BYTE);
}

/* malloc() returns the cached blocks first, so we get these. */
static void heap_scrub_size(size_t size) {
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
                heap_scrub_size(size);
}

void memory_hide(void) {
#ifndef __SANITIZE_ADDRESS__
        (void) prctl(PR_SET_DUMPABLE, 0);
#endif
}

void memory_show(void) {
        (void) prctl(PR_SET_DUMPABLE, 1);
}

bool memory_is_hidden(void) {
        return prctl(PR_GET_DUMPABLE) == 0;
}

int block_signals(void) {
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        (void) signal(SIGPIPE, SIG_IGN);
        return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}
