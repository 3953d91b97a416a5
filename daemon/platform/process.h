/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which process called: whether it is one of the user's own, outside of every sandbox, and by which
 * name the user can allow it if it is in one. Only what the kernel tells counts, or what the maker
 * of the sandbox has written; if something cannot be read, or is odd, the process is not taken for
 * a host program.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the kernel tells of the process at the other end of a connection. */
typedef struct ProcessInfo {
        pid_t pid;    /* 0: unknown */
        bool is_host; /* the user's, and outside of every sandbox; false if anything is unknown */
        char *app;    /* of a sandbox: the name by which it can be allowed; NULL if it has none */
        char *unit;   /* of the service manager, from its cgroup; or NULL */
        char *executable; /* a hint only; or NULL */
} ProcessInfo;

/* What the bus says of a connection. */
typedef struct ProcessClaim {
        pid_t pid;
        uid_t uid;
        int pidfd;              /* -EBADF: the bus gave none */
        int bus_fd;             /* our own connection to the same bus */
        uint64_t heard_at_usec; /* CLOCK_BOOTTIME, when its first call came */
} ProcessClaim;

/*
 * Reads what is known of the process. Waits for nothing, whatever file systems it lives on.
 *
 * Without a pidfd another process may have got the pid. So it has to be one that had started before
 * the first call came, and that has a connection to the bus. One that meets both by chance would be
 * taken for the caller.
 *
 * app is org.example.App for a Flatpak, snap.NAME for a Snap, xdg-dbus-proxy for such a proxy
 * outside of a sandbox, or NAME.service for a service that has a root directory, or a namespace of
 * users or of processes, of its own.
 *
 * Returns 0, or -ENOMEM, in which case *ret is untouched. The caller calls process_info_done().
 */
int process_info_read(const ProcessClaim *claim, ProcessInfo *ret);

void process_info_done(ProcessInfo *p);
