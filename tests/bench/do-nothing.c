/* SPDX-License-Identifier: MIT */

/*
 * A service that does nothing, in whose place the daemon is measured: it answers GetToken and
 * GetTokenFD with constants of the daemon's signatures, as long as the daemon's, and the latter
 * with an empty memory file that is made for the call. Until SIGTERM; writes "ready" when it has
 * the name that is its first argument. Whatever libraries are named behind it are loaded first, so
 * that its memory is that of a program with the daemon's libraries.
 */

#include <dlfcn.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "common/names.h"

#define ACCOUNT_PATH TOKENS_PATH "/account/0123456789abcdef0123456789abcdef"
#define TOKEN        "y0_AgAAAABdyA-_Dw4AADLWwAAAAADcZ5sPuQ0XyKDwR2ex-_OUtLKyUP6hk"

static int append_rest(sd_bus_message *reply) {
        return sd_bus_message_append(reply, "tua{sv}", UINT64_C(1800000000), 1, 4, "account", "o",
                                     ACCOUNT_PATH, "token_type", "s", "OAuth", "next_refresh_at",
                                     "t", UINT64_C(1790000000), "scopes", "as", 3,
                                     "cloud_api:disk.read", "cloud_api:disk.write", "login:info");
}

static int method_get_token(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", TOKEN);
        if (r >= 0)
                r = append_rest(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static int method_get_token_fd(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        int r, fd = memfd_create("token", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        sd_bus_message *reply = NULL;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "h", fd);
        if (r >= 0)
                r = append_rest(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        close(fd);
        return r;
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("GetToken", "sa{sv}", "stua{sv}", method_get_token,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetTokenFD", "sa{sv}", "htua{sv}", method_get_token_fd,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* Returns a negative errno when the bus is gone. */
static int serve(sd_bus *bus) {
        int r;

        puts("ready");
        (void) fflush(stdout);
        do {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        } while (r >= 0);
        return r;
}

int main(int argc, char *argv[]) {
        sd_bus *bus;
        int r;

        if (argc < 2)
                errx(EXIT_FAILURE, "usage: do-nothing NAME [LIBRARY...]");
        for (char **library = argv + 2; *library; library++)
                if (!dlopen(*library, RTLD_NOW | RTLD_GLOBAL))
                        errx(EXIT_FAILURE, "%s", dlerror());

        r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                                             vtable, NULL);
        if (r >= 0)
                r = sd_bus_request_name(bus, argv[1], 0);
        if (r >= 0)
                r = serve(bus);
        errx(EXIT_FAILURE, "the bus: %s", strerror(-r));
}
