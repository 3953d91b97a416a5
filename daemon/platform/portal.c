/* SPDX-License-Identifier: MIT */

#include "platform/portal.h"

#include <systemd/sd-bus.h>

#include "common/log.h"
#include "common/util.h"

#define SERVICE   "org.freedesktop.portal.Desktop"
#define PATH      "/org/freedesktop/portal/desktop"
#define INTERFACE "org.freedesktop.portal.OpenURI"

#define NO_WINDOW ""

/* It may be slow while the desktop comes up; where it ends the bus says so. */
#define PATIENCE UINT64_MAX

#define BUS "org.freedesktop.DBus"
#define BUS_RULE                                                                                   \
        "type='signal',sender='" BUS "',interface='" BUS "',"                                      \
        "member='NameOwnerChanged',arg0='" SERVICE "'"
#define ITS_RULE                                                                                   \
        "type='signal',sender='" SERVICE "',interface='org.freedesktop.portal.Request',"           \
        "member='Response'"

static int finish(sd_bus_message *m) {
        return sd_event_exit(sd_bus_get_event(sd_bus_message_get_bus(m)), 0);
}

/* It was not there at all, or was, and is no longer. */
static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;

        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;

        return str_is_empty(before) ? 0 : finish(m);
}

static int on_response(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return finish(m);
}

/* That it was accepted; the rest comes with the response. */
static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        if (!sd_bus_message_is_method_error(m, NULL))
                return 0;

        log_debug("The portal opens no page: %s.", sd_bus_message_get_error(m)->name);
        return finish(m);
}

static int ask(sd_bus *bus, const char *url) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_add_match_async(bus, NULL, BUS_RULE, on_owner_changed, NULL, NULL);
        if (r >= 0)
                r = sd_bus_add_match_async(bus, NULL, ITS_RULE, on_response, NULL, NULL);
        if (r >= 0)
                r = sd_bus_message_new_method_call(bus, &m, SERVICE, PATH, INTERFACE, "OpenURI");
        if (r >= 0)
                r = sd_bus_message_append(m, "ssa{sv}", NO_WINDOW, url, 0);
        return r < 0 ? r : sd_bus_call_async(bus, NULL, m, on_answer, NULL, PATIENCE);
}

int portal_open(const char *url) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = sd_event_new(&event);
        if (r >= 0)
                r = sd_bus_open_user_with_description(&bus, "portal");
        if (r >= 0)
                r = sd_bus_set_exit_on_disconnect(bus, true);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = ask(bus, url);
        return r < 0 ? r : sd_event_loop(event);
}
