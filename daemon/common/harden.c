/* SPDX-License-Identifier: MIT */

#include "common/harden.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>

#define PERTURB_BYTE 0x55

/* Libraries copy the secrets that pass through them, so malloc() overwrites whatever is freed.
 * M_PERTURB does not reach the small blocks that glibc caches for each thread; the unit turns that
 * cache off. */
void harden_heap(void) {
        (void) mallopt(M_PERTURB, PERTURB_BYTE);
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
