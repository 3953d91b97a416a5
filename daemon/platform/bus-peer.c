/* SPDX-License-Identifier: MIT */

/* sd_bus_track(3) does the same, but asks the bus and waits for the answer. */

#include "platform/bus-peer.h"

#include "common/names.h"

struct BusPeer {
        BusPeerFn fn;
        void *userdata;
        char *name;
        sd_bus_slot *match;
        sd_bus_slot *lookup;
};

static int bus_peer_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        BusPeer *p = userdata;

        /* A match on the name of the bus lets signals of every sender through. */
        if (!streq(sd_bus_message_get_sender(m), DBUS_NAME) ||
            sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;

        p->lookup = sd_bus_slot_unref(p->lookup);
        p->fn(str_is_empty(after) ? NULL : after, p->userdata);
        return 0;
}

static int bus_peer_on_looked_up(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *e = sd_bus_message_get_error(m);
        BusPeer *p = userdata;
        const char *owner;

        p->lookup = sd_bus_slot_unref(p->lookup);
        if (sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                p->fn(NULL, p->userdata);
        else if (!e && sd_bus_message_read(m, "s", &owner) > 0)
                p->fn(owner, p->userdata);
        return 0;
}

/* The owner may have come or gone before the match was there; then no signal tells of it. */
static int bus_peer_on_watching(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        BusPeer *p = userdata;
        int r;

        r = sd_bus_call_method_async(sd_bus_message_get_bus(m), &p->lookup, DBUS_NAME, DBUS_PATH,
                                     DBUS_NAME, "GetNameOwner", bus_peer_on_looked_up, p, "s",
                                     p->name);
        return MIN_OF(r, 0);
}

int bus_peer_new(sd_bus *bus, const char *name, BusPeerFn fn, void *userdata, BusPeer **ret) {
        _cleanup_(bus_peer_freep) BusPeer *p = NULL;
        _cleanup_free_ char *rule = NULL;
        int r;

        p = malloc(sizeof(BusPeer));
        if (!p)
                return -ENOMEM;

        *p = (BusPeer){ .fn = fn, .userdata = userdata };
        r = str_replace(&p->name, name);
        if (r == 0)
                r = str_format(&rule,
                               "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME "',"
                               "member='NameOwnerChanged',arg0='%s'",
                               name);
        if (r == 0)
                r = sd_bus_add_match_async(bus, &p->match, rule, bus_peer_on_owner_changed,
                                           bus_peer_on_watching, p);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

BusPeer *bus_peer_free(BusPeer *p) {
        if (!p)
                return NULL;

        sd_bus_slot_unref(p->lookup);
        sd_bus_slot_unref(p->match);
        free(p->name);
        free(p);
        return NULL;
}
