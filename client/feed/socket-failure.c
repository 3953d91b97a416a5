/* SPDX-License-Identifier: MIT */

#include "feed/socket-failure.h"

#include <arpa/inet.h>
#include <systemd/sd-bus.h>

#include "common/condition.h"
#include "common/log.h"
#include "common/names.h"
#include "feed/socket-owner.h"
#include "shared/session-bus.h"

#define SOCKET_UNIT "yadisk-token-feed.socket"
#define RESTART     "\"systemctl --user restart " SOCKET_UNIT "\""

/* What the unit listens at. Returns -EADDRNOTAVAIL if that is nothing like "127.0.0.1:23456". */
static int socket_failure_read_address(struct sockaddr_in *ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *path = NULL, *host = NULL;
        const char *type, *address, *colon;
        int r;

        r = sd_bus_path_encode(SYSTEMD_PATH "/unit", SOCKET_UNIT, &path);
        if (r >= 0)
                r = session_bus_open("yadisk-token-feed", &bus);
        if (r >= 0)
                r = sd_bus_get_property(bus, SYSTEMD_NAME, path, SYSTEMD_NAME ".Socket", "Listen",
                                        NULL, &m, "a(ss)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ss)");
        if (r >= 0)
                r = sd_bus_message_read(m, "(ss)", &type, &address);
        if (r < 0)
                return r;

        colon = r > 0 ? strrchr(address, ':') : NULL;
        host = colon ? strndup(address, (size_t) (colon - address)) : NULL;
        *ret = (struct sockaddr_in){ .sin_family = AF_INET };
        if (!host || inet_pton(AF_INET, host, &ret->sin_addr) != 1)
                return -EADDRNOTAVAIL;
        ret->sin_port = htons((uint16_t) strtoul(colon + 1, NULL, 10));
        return 0;
}

static void socket_failure_name_owner(const SocketOwner *o, unsigned port) {
        _cleanup_free_ char *executable = NULL;
        pid_t pid = 0;

        if (o->uid == geteuid() && socket_owner_find_process(o, &pid, &executable))
                log_error("The port %u of 127.0.0.1 is taken by the process %i (%s); end it and "
                          "run " RESTART
                          ", or remove the feeds and add them again, which takes another "
                          "port.",
                          port, (int) pid, executable ?: "unknown");
        else
                log_error("The port %u of 127.0.0.1 is taken by a program of the user %u; have it "
                          "ended and run " RESTART
                          ", or remove the feeds and add them again, which "
                          "takes another port.",
                          port, (unsigned) o->uid);
}

int socket_failure_explain(void) {
        struct sockaddr_in address;
        SocketOwner owner;
        int r;

        r = socket_failure_read_address(&address);
        if (r < 0) {
                log_event(LOG_ERR, &(LogContext){ .condition = r },
                          "Which port " SOCKET_UNIT " wants cannot be found out.");
                return EXIT_STATUS_FAILURE;
        }

        r = socket_owner_find_listener(&address, &owner);
        if (r >= 0)
                socket_failure_name_owner(&owner, ntohs(address.sin_port));
        else
                log_error("The port %u of 127.0.0.1 is free, but " SOCKET_UNIT " failed; look at "
                          "\"journalctl --user -u yadisk-token-feed\", then run " RESTART ".",
                          (unsigned) ntohs(address.sin_port));
        return EXIT_STATUS_OK;
}
