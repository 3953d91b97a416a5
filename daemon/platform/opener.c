/* SPDX-License-Identifier: MIT */

#include "platform/opener.h"

#include <systemd/sd-bus.h>

#include "common/address.h"

#define PORTAL    "org.freedesktop.portal.Desktop"
#define PATH      "/org/freedesktop/portal/desktop"
#define INTERFACE "org.freedesktop.portal.OpenURI"

#define NO_WINDOW ""

struct Opener {
        sd_event *event;
        sd_bus *bus; /* NULL until first needed; the portal gives up where we leave the bus */
};

int opener_new(sd_event *event, Opener **ret) {
        Opener *o;

        o = malloc(sizeof(Opener));
        if (!o)
                return -ENOMEM;

        *o = (Opener){ .event = sd_event_ref(event) };
        *ret = o;
        return 0;
}

Opener *opener_free(Opener *o) {
        if (!o)
                return NULL;

        sd_bus_close_unref(o->bus);
        sd_event_unref(o->event);
        free(o);
        return NULL;
}

static int connect_bus(Opener *o) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (o->bus)
                return 0;

        r = sd_bus_open_user_with_description(&bus, "portal");
        if (r >= 0)
                r = sd_bus_attach_event(bus, o->event, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;

        o->bus = TAKE_PTR(bus);
        return 0;
}

void opener_open(Opener *o, const char *url) {
        if (!address_is_of_yandex(url) || connect_bus(o) < 0)
                return;

        (void) sd_bus_call_method_async(o->bus, NULL, PORTAL, PATH, INTERFACE, "OpenURI", NULL,
                                        NULL, "ssa{sv}", NO_WINDOW, url, 0);
}
