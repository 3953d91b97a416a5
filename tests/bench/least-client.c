/* SPDX-License-Identifier: MIT */

/* The smallest program with sd-bus that prints a token: what yadiskctl is measured beside. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "common/names.h"

int main(void) {
        sd_bus_message *reply = NULL;
        const char *token;
        sd_bus *bus;
        int r;

        r = sd_bus_open_user(&bus);
        if (r >= 0)
                r = sd_bus_call_method(bus, TOKENS_BUS_NAME, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                                       "GetToken", NULL, &reply, "sa{sv}", "", 0);
        if (r >= 0)
                r = sd_bus_message_read(reply, "s", &token);
        if (r < 0)
                errx(EXIT_FAILURE, "no token: %s", strerror(-r));
        puts(token);
        return EXIT_SUCCESS;
}
