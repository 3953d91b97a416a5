/* SPDX-License-Identifier: MIT */

#include "bus/bus.h"

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "common/log.h"
#include "common/names.h"

/* D-Bus specification, RequestName: its answer if the name is ours. */
#define REQUEST_NAME_REPLY_PRIMARY_OWNER 1

struct Bus {
        sd_event *event;
        BusContext context;
        Keeper *keeper;
        bool is_peer; /* there is no bus daemon in between, so there are no names */
        sd_bus_slot *name;
        KeeperObserver observer;
        bool announcing; /* clients can know of us, so they are told of changes */
        BusReadyFn on_ready;
        void *userdata;
};

static void bus_on_account_added(Account *account, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_object_announce_added(&b->context, account);
}

static void bus_on_account_removed(Account *account, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_object_announce_removed(&b->context, account);
}

static void bus_on_account_changed(Account *account, AccountChange changes, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                account_object_announce_changed(&b->context, account, changes);
}

static void bus_on_changed(KeeperChange changes, void *userdata) {
        Bus *b = userdata;

        if (b->announcing)
                manager_announce(&b->context, changes);
}

static void bus_give_up(Bus *b, const char *why) {
        log_error("%s", why);
        (void) sd_event_exit(b->event, EXIT_STATUS_FAILURE);
}

/* Returns whether the name is ours. If it is not, the loop exits. */
static bool bus_got_name(Bus *b, sd_bus_message *m) {
        uint32_t answer;

        b->name = sd_bus_slot_unref(b->name);
        if (sd_bus_message_is_method_error(m, NULL))
                bus_give_up(b, "The bus refused the name " TOKENS_BUS_NAME
                               "; its policy must allow it.");
        else if (sd_bus_message_read(m, "u", &answer) < 0 ||
                 answer != REQUEST_NAME_REPLY_PRIMARY_OWNER)
                bus_give_up(b, "Another yadisk-tokend already serves this bus; there can be only "
                               "one.");
        else
                return true;
        return false;
}

static int bus_on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        if (bus_got_name(b, m))
                b->on_ready(b->userdata);
        return 0;
}

static int bus_on_call(Sender *s, sd_bus_message *m, sd_bus_error *error, void *userdata) {
        return access_check_call(s, m, error);
}

static void bus_on_sender_left(Sender *s, void *userdata) {
        Bus *b = userdata;

        operations_forget_sender(&b->context, s);
        requests_forget_sender(&b->context, s);
}

static void bus_on_stopped(void *userdata) {
        Bus *b = userdata;

        (void) sd_event_exit(b->event, EXIT_STATUS_FAILURE);
}

/* An answer of Yandex that is under way must still reach the keyring, or at least the descriptor
 * store, so the keeper is stopped first. */
static void bus_on_failed(int r, void *userdata) {
        Bus *b = userdata;

        log_event(LOG_ERR, &(LogContext){ .condition = r }, "The session bus failed; stopping.");
        sd_bus_close(b->context.connection); /* so that no client waits for an answer */
        keeper_stop(b->keeper, bus_on_stopped, b);
}

static const SendersEvents senders_events = {
        .on_call = bus_on_call,
        .on_left = bus_on_sender_left,
        .on_failed = bus_on_failed,
};

static void bus_on_loaded(void *userdata) {
        Bus *b = userdata;
        int r;

        b->announcing = true;
        if (b->is_peer)
                r = senders_start(b->context.senders, b->event);
        else
                r = sd_bus_request_name_async(b->context.connection, &b->name, TOKENS_BUS_NAME, 0,
                                              bus_on_name, b);
        if (r < 0)
                bus_give_up(b, "The bus cannot be served.");
}

static int bus_on_lock(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        if (bus_got_name(b, m))
                keeper_start(b->keeper, &b->observer);
        return 0;
}

/* Takes the connection, even on failure. */
static int bus_make(sd_bus *connection, const Config *config, Keeper *keeper, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = malloc(sizeof(Bus));
        if (!b) {
                sd_bus_unref(connection);
                return -ENOMEM;
        }

        *b = (Bus) {
                .event = sd_event_ref(keeper_world(keeper)->event),
                .context = {
                        .connection = connection,
                        .world = keeper_world(keeper),
                        .config = config,
                        .operations = LIST_HEAD_INITIALIZER(),
                        .requests = LIST_HEAD_INITIALIZER(),
                },
                .keeper = keeper,
                .observer = {
                        .on_loaded = bus_on_loaded,
                        .on_account_added = bus_on_account_added,
                        .on_account_changed = bus_on_account_changed,
                        .on_account_removed = bus_on_account_removed,
                        .on_changed = bus_on_changed,
                        .userdata = b,
                },
        };

        r = bus_error_register();
        if (r >= 0)
                r = sd_bus_add_object_manager(connection, NULL, TOKENS_PATH);
        if (r >= 0)
                r = manager_register(&b->context);
        if (r >= 0)
                r = account_objects_register(&b->context);
        if (r >= 0)
                r = requests_register(&b->context);
        if (r >= 0)
                r = callers_new(&b->context.callers);
        if (r >= 0)
                r = senders_new(connection, &senders_events, b, &b->context.senders);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

/* The session ends, or its bus has died. */
static int bus_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bus *b = userdata;

        log_error("The session bus is gone; stopping.");
        keeper_stop(b->keeper, bus_on_stopped, b);
        return 0;
}

int bus_new(const Config *config, Keeper *keeper, BusReadyFn on_ready, void *userdata, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        sd_bus *connection;
        int r;

        r = sd_bus_open_user_with_description(&connection, "tokens");
        if (r < 0)
                return r;

        r = bus_make(connection, config, keeper, &b);
        if (r < 0)
                return r;

        b->on_ready = on_ready;
        b->userdata = userdata;
        r = sd_bus_match_signal_async(connection, NULL, "org.freedesktop.DBus.Local",
                                      "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                      "Disconnected", bus_on_disconnected, NULL, b);
        if (r >= 0)
                r = senders_start(b->context.senders, b->event);
        if (r >= 0)
                r = sd_bus_request_name_async(connection, &b->name, TOKENS_LOCK_NAME, 0,
                                              bus_on_lock, b);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(b);
        return 0;
}

int bus_new_on(sd_bus *connection, const Config *config, Keeper *keeper, Bus **ret) {
        Bus *b;
        int r;

        r = bus_make(sd_bus_ref(connection), config, keeper, &b);
        if (r < 0)
                return r;

        b->is_peer = true;
        keeper_start(keeper, &b->observer);
        *ret = b;
        return 0;
}

Bus *bus_free(Bus *b) {
        if (!b)
                return NULL;

        requests_end(&b->context);
        operations_end(&b->context);
        senders_free(b->context.senders);
        callers_free(b->context.callers);
        keeper_unobserve(b->keeper);
        sd_bus_slot_unref(b->name);
        sd_bus_flush_close_unref(b->context.connection);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
