/* SPDX-License-Identifier: MIT */
#pragma once

/* A bus with one connection, whose other end answers for the bus and for all who are on it. */

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>

#include "check.h"

static char directory[] = "/tmp/test-bus-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener = -EBADF;
static sd_event *event;
static sd_bus *other_end;

static inline void listen_as_bus(void) {
        char value[128];

        check(mkdtemp(directory));
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/bus", directory);
        (void) snprintf(value, sizeof(value), "unix:path=%s", address.sun_path);
        check_int(setenv("DBUS_SESSION_BUS_ADDRESS", value, 1), 0);

        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        check(listener >= 0);
        check_int(bind(listener, (struct sockaddr *) &address, sizeof(address)), 0);
        check_int(listen(listener, 16), 0);
        check_int(sd_event_new(&event), 0);
}

static inline void hang_up(void) {
        event = sd_event_unref(event);
        listener = fd_close(listener);
        check_int(unlink(address.sun_path), 0);
        check_int(rmdir(directory), 0);
}

/* on_call gets every message but Hello. */
static inline void accept_connection(sd_bus_message_handler_t on_call) {
        sd_id128_t id =
                SD_ID128_MAKE(00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 0a, 0b, 0c, 0d, 0e, 0f);
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        check(fd >= 0);
        check_int(sd_bus_new(&other_end), 0);
        check_int(sd_bus_set_fd(other_end, fd, fd), 0);
        check_int(sd_bus_set_server(other_end, true, id), 0);
        check(sd_bus_add_filter(other_end, NULL, on_call, NULL) >= 0);
        check(sd_bus_start(other_end) >= 0);
        check(sd_bus_attach_event(other_end, event, SD_EVENT_PRIORITY_NORMAL) >= 0);
}

static inline bool connection_waits(void) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        (void) fd_close(fd);
        return fd >= 0;
}

static inline void leave(void) {
        other_end = sd_bus_close_unref(other_end);
}

/* Both ends are in this process, so nothing is under way when nothing is to be done. */
static inline void run_until_quiet(void) {
        while (sd_event_run(event, 0) > 0)
                ;
}

static inline bool is_hello(sd_bus_message *m) {
        return sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "Hello") > 0;
}
