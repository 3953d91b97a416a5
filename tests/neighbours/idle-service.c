/* SPDX-License-Identifier: MIT */

/*
 * A service that does nothing: it has the objects, methods and properties of the daemon, as many
 * and as long, and answers each call at once with what stands here. It shows what sd-bus and the
 * bus themselves cost, under a flood and in tools/bench. GetTokenFD makes a memory file for each
 * call: an empty one, or with "--sealed" one like the daemon's. Until SIGTERM; writes "ready" when
 * it has the name. Whatever libraries are named are loaded first, so that its memory is that of a
 * program with the daemon's libraries.
 */

#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "common/names.h"

#define ACCOUNT_PATH TOKENS_PATH "/account/0123456789abcdef0123456789abcdef"
#define TOKEN        "y0_AgAAAABdyA-_Dw4AADLWwAAAAADcZ5sPuQ0XyKDwR2ex-_OUtLKyUP6hkQ"
#define SCOPES       3, "cloud_api:disk.read", "cloud_api:disk.write", "login:info"

static bool sealed;

static int reply_end(sd_bus_message *reply, int r) {
        if (r >= 0)
                r = sd_bus_message_append(reply, "tua{sv}", UINT64_C(1800000000), 1, 4, "account",
                                          "o", ACCOUNT_PATH, "token_type", "s", "OAuth",
                                          "next_refresh_at", "t", UINT64_C(1790000000), "scopes",
                                          "as", SCOPES);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_get_token(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = reply_end(reply, sd_bus_message_append(reply, "s", TOKEN));
        sd_bus_message_unref(reply);
        return r;
}

/* As secret_to_memfd() does. */
static int seal_token(int fd) {
        if (pwrite(fd, TOKEN, strlen(TOKEN), 0) < 0)
                return -1;
        return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

static int method_get_token_fd(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        int r, fd = memfd_create("token", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        sd_bus_message *reply = NULL;

        if (fd < 0 || (sealed && seal_token(fd) < 0))
                err(EXIT_FAILURE, "no memory file");

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = reply_end(reply, sd_bus_message_append(reply, "h", fd));
        sd_bus_message_unref(reply);
        close(fd);
        return r;
}

static int method_sign_in(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, "o", TOKENS_PATH "/request/1");
}

static int method_nothing(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, "a{sv}", 0);
}

static int property_get(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        if (strcmp(property, "Scopes") == 0)
                return sd_bus_message_append(reply, "as", SCOPES);
        if (strcmp(property, "LastError") == 0)
                return sd_bus_message_append(reply, "(ss)", "", "");
        if (strcmp(property, "Refreshing") == 0 || strcmp(property, "Saved") == 0 ||
            strcmp(property, "Online") == 0)
                return sd_bus_message_append(reply, "b", 1);
        if (strcmp(property, "Generation") == 0 || strcmp(property, "ApiVersion") == 0)
                return sd_bus_message_append(reply, "u", 1);
        if (strcmp(property, "DefaultAccount") == 0)
                return sd_bus_message_append(reply, "o", ACCOUNT_PATH);
        if (strlen(property) > 2 && strcmp(property + strlen(property) - 2, "At") == 0)
                return sd_bus_message_append(reply, "t", UINT64_C(1790000000));
        return sd_bus_message_append(reply, "s", "0123456789abcdef0123456789abcdef");
}

#define METHOD(name, signature, result, function)                                                  \
        SD_BUS_METHOD(name, signature, result, function, SD_BUS_VTABLE_UNPRIVILEGED)
#define PROPERTY(name, signature)                                                                  \
        SD_BUS_PROPERTY(name, signature, property_get, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("ApiVersion", "u"),
        PROPERTY("Version", "s"),
        PROPERTY("DiskURL", "s"),
        PROPERTY("CAFile", "s"),
        PROPERTY("KeyringState", "s"),
        PROPERTY("Online", "b"),
        PROPERTY("DefaultAccount", "o"),
        METHOD("GetToken", "sa{sv}", "stua{sv}", method_get_token),
        METHOD("GetTokenFD", "sa{sv}", "htua{sv}", method_get_token_fd),
        METHOD("SignIn", "a{sv}", "o", method_sign_in),
        METHOD("FindAccount", "s", "o", method_sign_in),
        METHOD("ListApplications", "", "as", method_nothing),
        METHOD("AddApplication", "ss", "", method_nothing),
        METHOD("RemoveApplication", "s", "", method_nothing),
        METHOD("CheckApplication", "sa{sv}", "a{sv}", method_nothing),
        METHOD("SetDefaultAccount", "o", "", method_nothing),
        METHOD("OpenKeyring", "a{sv}", "", method_nothing),
        METHOD("Diagnose", "a{sv}", "a{sv}", method_nothing),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable account_vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("Id", "s"),
        PROPERTY("Label", "s"),
        PROPERTY("Login", "s"),
        PROPERTY("ClientId", "s"),
        PROPERTY("Scopes", "as"),
        PROPERTY("State", "s"),
        PROPERTY("Refreshing", "b"),
        PROPERTY("Saved", "b"),
        PROPERTY("Generation", "u"),
        PROPERTY("ObtainedAt", "t"),
        PROPERTY("ExpiresAt", "t"),
        PROPERTY("NextRefreshAt", "t"),
        PROPERTY("LastRefreshAt", "t"),
        PROPERTY("LastError", "(ss)"),
        METHOD("SignOut", "a{sv}", "a{sv}", method_nothing),
        METHOD("Diagnose", "a{sv}", "a{sv}", method_nothing),
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

        sealed = argc > 1 && strcmp(argv[1], "--sealed") == 0;
        argv += sealed;
        if (argc < 2 || !argv[1])
                errx(EXIT_FAILURE, "usage: idle-service [--sealed] NAME [LIBRARY...]");
        for (char **library = argv + 2; *library; library++)
                if (!dlopen(*library, RTLD_NOW | RTLD_GLOBAL))
                        errx(EXIT_FAILURE, "%s", dlerror());

        r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus, NULL, TOKENS_PATH);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                                             manager_vtable, NULL);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, ACCOUNT_PATH, TOKENS_ACCOUNT_INTERFACE,
                                             account_vtable, NULL);
        if (r >= 0)
                r = sd_bus_request_name(bus, argv[1], 0);
        if (r >= 0)
                r = serve(bus);
        errx(EXIT_FAILURE, "the bus: %s", strerror(-r));
}
