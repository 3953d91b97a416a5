/* SPDX-License-Identifier: MIT */

/* Which addresses the desktop is asked to open. Here is a bus that accepts, and says no more. */

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"
#include "platform/opener.h"

static char directory[] = "/tmp/test-opener-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int bus = -EBADF;
static sd_event *event;

static void listen_as_bus(void) {
        char value[128];

        check(mkdtemp(directory));
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/bus", directory);
        (void) snprintf(value, sizeof(value), "unix:path=%s", address.sun_path);
        check_int(setenv("DBUS_SESSION_BUS_ADDRESS", value, 1), 0);

        bus = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        check(bus >= 0);
        check_int(bind(bus, (struct sockaddr *) &address, sizeof(address)), 0);
        check_int(listen(bus, 16), 0);
        check_int(sd_event_new(&event), 0);
}

static void hang_up(void) {
        event = sd_event_unref(event);
        bus = fd_close(bus);
        check_int(unlink(address.sun_path), 0);
        check_int(rmdir(directory), 0);
}

static bool asks_for(const char *url) {
        _cleanup_(opener_freep) Opener *o = NULL;
        _cleanup_fd_ int connection = -EBADF;

        check_int(opener_new(event, &o), 0);
        opener_open(o, url);
        connection = accept(bus, NULL, NULL);
        return connection >= 0;
}

int main(void) {
        listen_as_bus();
        check(asks_for("https://ya.ru/device"));
        check(asks_for("https://oauth.yandex.com/authorize?response_type=code"));
        check(asks_for("https://localhost:4430/device"));

        check(!asks_for("http://ya.ru/device"));
        check(!asks_for("https://ya.ru.example.org/device"));
        check(!asks_for("https://ya.ru@example.org/device"));
        check(!asks_for("https://ya.ru\\@example.org/device"));
        check(!asks_for("file:///etc/passwd"));
        check(!asks_for("javascript:alert(1)"));
        check(!asks_for("-version"));
        check(!asks_for(""));
        hang_up();
        return EXIT_SUCCESS;
}
