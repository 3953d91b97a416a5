/* SPDX-License-Identifier: MIT */

/*
 * sd_notify(3) waits while the queue of the manager is full. That is no danger to the loop: the
 * manager of a booted system has room for 513 messages (net.unix.max_dgram_qlen, which systemd
 * raises), and a renewal sends four. Nor would a queue of our own help, since the watchdog of
 * sd-event waits in the same way.
 */

#include "platform/fdstore.h"

#include <stdio.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>

#include "common/strv.h"

#define MESSAGE_MAX 512

static int fdstore_hand_over(const char *name, int fd) {
        char message[MESSAGE_MAX];
        int r;

        (void) snprintf(message, sizeof(message), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
        r = sd_pid_notify_with_fds(0, false, message, &fd, 1);
        return MIN_OF(r, 0);
}

int fdstore_put(const char *name, const Secret *document) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = secret_to_memfd(document, "yadisk-grant", &fd);
        return r < 0 ? r : fdstore_hand_over(name, fd);
}

int fdstore_lend(const char *name, size_t capacity, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = memfd_create("yadisk-answer", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = secret_new_shared(fd, capacity, &s);
        if (r == 0)
                r = fdstore_hand_over(name, fd);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int fdstore_remove(const char *name) {
        return MIN_OF(sd_notifyf(false, "FDSTOREREMOVE=1\nFDNAME=%s", name), 0);
}

int fdstore_take(void (*fn)(const char *name, Secret *document, void *userdata), void *userdata) {
        _cleanup_(strv_freep) char **names = NULL;
        int n;

        n = sd_listen_fds_with_names(true, &names);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                _cleanup_(secret_unrefp) Secret *document = NULL;
                _cleanup_fd_ int fd = SD_LISTEN_FDS_START + i;

                if (secret_from_memfd(fd, &document) == 0)
                        fn(names[i], document, userdata);
        }
        return 0;
}
