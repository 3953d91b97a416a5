/* SPDX-License-Identifier: MIT */

#include "bus/creator.h"

#include "common/format.h"

struct Creator {
        CreatorGoneFn fn;
        void *userdata;
        char *name;
        sd_bus_slot *match;
        sd_bus_slot *lookup;
};

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        Creator *c = userdata;

        /* A match on the name of the bus lets everybody's signals through. */
        if (!streq(sd_bus_message_get_sender(m), "org.freedesktop.DBus"))
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) > 0 && str_is_empty(after))
                c->fn(c->userdata);
        return 0;
}

static int on_looked_up(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Creator *c = userdata;
        int has_owner;

        c->lookup = sd_bus_slot_unref(c->lookup);
        if (sd_bus_message_is_method_error(m, NULL))
                return 0;
        if (sd_bus_message_read(m, "b", &has_owner) > 0 && !has_owner)
                c->fn(c->userdata);
        return 0;
}

/* It may have gone before we began to watch: then nothing would tell us. sd_bus_track would, but asks
 * the bus and waits for the answer. */
static int on_watching(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Creator *c = userdata;

        return MIN_OF(sd_bus_call_method_async(sd_bus_message_get_bus(m), &c->lookup,
                                               "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                               "org.freedesktop.DBus", "NameHasOwner", on_looked_up,
                                               c, "s", c->name),
                      0);
}

static int watch(Creator *c, sd_bus *bus) {
        _cleanup_free_ char *rule = NULL;
        int r;

        if (!c->name)
                return 0;

        r = str_format(&rule,
                       "type='signal',sender='org.freedesktop.DBus',"
                       "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
                       c->name);
        if (r < 0)
                return r;

        return MIN_OF(
                sd_bus_add_match_async(bus, &c->match, rule, on_owner_changed, on_watching, c), 0);
}

int creator_new(sd_bus *bus, const char *name, CreatorGoneFn fn, void *userdata, Creator **ret) {
        _cleanup_(creator_freep) Creator *c = NULL;
        int r;

        c = malloc(sizeof(Creator));
        if (!c)
                return -ENOMEM;

        *c = (Creator){ .fn = fn, .userdata = userdata };
        r = str_replace(&c->name, name);
        if (r == 0)
                r = watch(c, bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

Creator *creator_free(Creator *c) {
        if (!c)
                return NULL;

        sd_bus_slot_unref(c->lookup);
        sd_bus_slot_unref(c->match);
        free(c->name);
        free(c);
        return NULL;
}

bool creator_is_sender(const Creator *c, sd_bus_message *m) {
        return !c->name || streq(c->name, sd_bus_message_get_sender(m));
}

const char *creator_name(const Creator *c) {
        return c->name;
}
