/* SPDX-License-Identifier: MIT */

#include "platform/opener.h"

#include <systemd/sd-bus.h>

#include "common/address.h"
#include "common/log.h"
#include "common/names.h"
#include "platform/machine.h"

/* What opens a page on every desktop, and what yadiskctl takes as well. The manager looks for it in
 * its own $PATH, and gives it the $DISPLAY or $WAYLAND_DISPLAY that the desktop has told it. */
#define PROGRAM "xdg-open"

struct Opener {
        sd_event *event;
        sd_bus *bus; /* NULL until first needed */
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

static int opener_connect(Opener *o) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (o->bus)
                return 0;

        r = sd_bus_open_user_with_description(&bus, "opener");
        if (r >= 0)
                r = sd_bus_attach_event(bus, o->event, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;

        o->bus = TAKE_PTR(bus);
        return 0;
}

static int opener_on_started(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *e = sd_bus_message_get_error(m);

        if (e)
                log_debug("The page is not opened: %s.", e->name);
        return 0;
}

/* The browser stays when what started it has ended: that is ExitType. */
static int opener_append_unit(sd_bus_message *m, const char *name, const char *url) {
        /* clang-format off */
        return sd_bus_message_append(m, "ssa(sv)a(sa(sv))", name, "fail", 5,
                                     "Description", "s", "A page of Yandex for a sign-in",
                                     "Slice", "s", "app.slice",
                                     "ExitType", "s", "cgroup",
                                     "CollectMode", "s", "inactive-or-failed",
                                     "ExecStart", "a(sasb)", 1, PROGRAM, 2, PROGRAM, url, false,
                                     0);
        /* clang-format on */
}

static int opener_start_unit(Opener *o, const char *url) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *id = NULL, *name = NULL;
        int r;

        r = machine_random_id(&id);
        if (r == 0)
                r = str_format(&name, "app-yadisk_tokend-xdg\\x2dopen@%s.service", id);
        if (r == 0)
                r = opener_connect(o);
        if (r >= 0)
                r = sd_bus_message_new_method_call(o->bus, &m, SYSTEMD_NAME, SYSTEMD_PATH,
                                                   SYSTEMD_MANAGER, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = opener_append_unit(m, name, url);
        return r < 0 ? r : sd_bus_call_async(o->bus, NULL, m, opener_on_started, NULL, 0);
}

void opener_open(Opener *o, const char *url) {
        if (address_may_be_opened(url) && opener_start_unit(o, url) < 0)
                log_debug("The service manager cannot be asked to open a page.");
}
