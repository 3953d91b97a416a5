/* SPDX-License-Identifier: MIT */

#include "bus/bus.h"

#include "bus/account.h"
#include "bus/error.h"
#include "bus/manager.h"
#include "bus/request.h"
#include "common/condition.h"
#include "common/log.h"
#include "common/names.h"

/* D-Bus specification, RequestName: what it answers where the name is ours. */
#define REQUEST_NAME_REPLY_PRIMARY_OWNER 1

struct Bus {
        sd_event *event;
        sd_bus *connection;
        Keeper *keeper;
        Operations *operations;
        Requests *requests;
        bool is_peer; /* no bus in between, and so no names */
        sd_bus_slot *name;
        KeeperObserver observer;
        bool announcing; /* whether anybody can listen yet */
        BusReadyFn on_ready;
        void *userdata;
};

static void on_account_added(Account *account, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_announce_added(b, account);
}

static void on_account_removed(Account *account, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_announce_removed(b, account);
}

static void on_account_changed(Account *account, AccountChange changes, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_announce_changed(b, account, changes);
}

static void on_changed(KeeperChange changes, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                manager_announce(b, changes);
}

static int give_up(Bus *b, const char *why) {
        log_error("%s", why);
        return sd_event_exit(b->event, EXIT_STATUS_FAILURE);
}

/* Whether the name is ours; else there is nothing left for us to do here. */
static bool got_name(Bus *b, sd_bus_message *m) {
        uint32_t answer;

        b->name = sd_bus_slot_unref(b->name);
        if (sd_bus_message_is_method_error(m, NULL))
                (void) give_up(b, "The bus refused the name " TOKENS_BUS_NAME
                                  "; its policy must allow it.");
        else if (sd_bus_message_read(m, "u", &answer) < 0 ||
                 answer != REQUEST_NAME_REPLY_PRIMARY_OWNER)
                (void) give_up(b,
                               "Another yadisk-tokend already serves this bus; there can be only "
                               "one.");
        else
                return true;
        return false;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        if (got_name(b, m))
                b->on_ready(b->userdata);
        return 0;
}

static void on_loaded(void *userdata) {
        Bus *b = userdata;
        int r;

        b->announcing = true;
        if (b->is_peer)
                r = sd_bus_attach_event(b->connection, b->event, SD_EVENT_PRIORITY_NORMAL);
        else
                r = sd_bus_request_name_async(b->connection, &b->name, TOKENS_BUS_NAME, 0, on_name,
                                              b);
        if (r < 0)
                (void) give_up(b, "The bus cannot be served.");
        else if (b->is_peer)
                b->on_ready(b->userdata);
}

static int on_lock(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        if (got_name(b, m))
                keeper_start(b->keeper, &b->observer);
        return 0;
}

static int register_objects(Bus *b) {
        int r;

        r = sd_bus_add_object_manager(b->connection, NULL, TOKENS_PATH);
        if (r >= 0)
                r = manager_register(b);
        if (r >= 0)
                r = accounts_register(b);
        if (r >= 0)
                r = requests_new(b, &b->requests);
        return MIN_OF(r, 0);
}

/* Takes the connection, also on failure. */
static int make(sd_bus *connection, Keeper *keeper, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = malloc(sizeof(Bus));
        if (!b) {
                sd_bus_unref(connection);
                return -ENOMEM;
        }

        *b = (Bus) {
                .event = sd_event_ref(keeper_world(keeper)->event),
                .connection = connection,
                .keeper = keeper,
                .observer = {
                        .on_loaded = on_loaded,
                        .on_account_added = on_account_added,
                        .on_account_changed = on_account_changed,
                        .on_account_removed = on_account_removed,
                        .on_changed = on_changed,
                        .userdata = b,
                },
        };

        r = bus_error_register();
        if (r == 0)
                r = operations_new(&b->operations);
        if (r == 0)
                r = register_objects(b);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

static void on_stopped(void *userdata) {
        Bus *b = userdata;

        (void) sd_event_exit(b->event, EXIT_STATUS_FAILURE);
}

/* The session ends, or its bus died. An answer that is under way must still reach the keyring, or at least
 * the descriptor store. */
static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        log_error("The session bus is gone; stopping.");
        keeper_stop(b->keeper, on_stopped, b);
        return 0;
}

static int watch_connection(Bus *b) {
        return sd_bus_match_signal_async(
                b->connection, NULL, "org.freedesktop.DBus.Local", "/org/freedesktop/DBus/Local",
                "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL, b);
}

int bus_new(sd_event *event, Keeper *keeper, BusReadyFn on_ready, void *userdata, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        sd_bus *connection;
        int r;

        r = sd_bus_open_user_with_description(&connection, "tokens");
        if (r < 0)
                return r;

        r = make(connection, keeper, &b);
        if (r < 0)
                return r;

        b->on_ready = on_ready;
        b->userdata = userdata;
        r = watch_connection(b);
        if (r >= 0)
                r = sd_bus_attach_event(b->connection, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_request_name_async(b->connection, &b->name, TOKENS_LOCK_NAME, 0, on_lock,
                                              b);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

static void nothing(void *userdata) {
}

int bus_new_on(sd_bus *connection, Keeper *keeper, Bus **ret) {
        Bus *b;
        int r;

        r = make(sd_bus_ref(connection), keeper, &b);
        if (r < 0)
                return r;

        b->is_peer = true;
        b->on_ready = nothing;
        keeper_start(keeper, &b->observer);
        *ret = b;
        return 0;
}

Bus *bus_free(Bus *b) {
        if (!b)
                return NULL;

        requests_free(b->requests);
        operations_free(b->operations);
        keeper_unobserve(b->keeper);
        sd_bus_slot_unref(b->name);
        sd_bus_flush_close_unref(b->connection);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}

sd_bus *bus_connection(const Bus *b) {
        return b->connection;
}

World *bus_world(const Bus *b) {
        return keeper_world(b->keeper);
}

Operations *bus_operations(const Bus *b) {
        return b->operations;
}

Requests *bus_requests(const Bus *b) {
        return b->requests;
}
