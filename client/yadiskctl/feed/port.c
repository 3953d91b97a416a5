/* SPDX-License-Identifier: MIT */

#include "yadiskctl/feed/port.h"

#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#define ATTEMPTS_MAX 50

/* Of /proc/net/tcp: a socket that listens (TCP_LISTEN). */
#define STATE_LISTEN 0x0aU

static int port_try(uint16_t port) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons(port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        _cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        return bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
}

int port_choose(uint16_t *ret) {
        int r = -EADDRINUSE;

        for (int i = 0; i < ATTEMPTS_MAX && r == -EADDRINUSE; i++) {
                uint16_t random, port;

                if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                        return -errno;
                port = (uint16_t) (PORT_FIRST + random % (PORT_LAST - PORT_FIRST + 1));
                r = port_try(port);
                if (r >= 0)
                        *ret = port;
        }
        return r;
}

static bool port_find_owner_in(const char *table, uint16_t port, uid_t *ret) {
        char line[512];
        bool found = false;
        FILE *f;

        f = fopen(table, "re");
        while (f && !found && fgets(line, sizeof(line), f)) {
                unsigned here, state, uid;

                /* sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid */
                found = sscanf(line, "%*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u",
                               &here, &state, &uid) == 3 &&
                        here == port && state == STATE_LISTEN;
                if (found)
                        *ret = (uid_t) uid;
        }
        if (f)
                (void) fclose(f);
        return found;
}

/* Who listens on all addresses of IPv6 has the port of IPv4, too. */
bool port_find_owner(uint16_t port, uid_t *ret) {
        return port_find_owner_in("/proc/net/tcp", port, ret) ||
               port_find_owner_in("/proc/net/tcp6", port, ret);
}
