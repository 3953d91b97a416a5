/* SPDX-License-Identifier: MIT */

/* The loop, the test's own connection, and the frame of a case. */

#include <stdio.h>

#include "rig-private.h"

/* What GIO still has to complete after the end. */
#define DRAIN_MS 100

/* How long turn_times() waits if there is no event. */
#define TICK_MS 20

/* Ends a case that does not end. */
#define CASE_MAX_S 100

static GDBusConnection *bus; /* not the one that the vault uses */

void rig_failed(const char *file, int line, const char *what) {
        fprintf(stderr, "%s:%i: failed: %s\n", file, line, what);
        abandon_service();
        exit(EXIT_FAILURE);
}

/* The loop */

static gboolean on_give_up(void *userdata) {
        rig_failed(__FILE__, __LINE__, userdata);
}

void await(Predicate p, const char *what) {
        unsigned timer = g_timeout_add(GIVE_UP_MS, on_give_up, (void *) what);

        while (!p())
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(timer);
}

void turn(void) {
        while (g_main_context_iteration(NULL, FALSE))
                ;
}

static gboolean on_time(void *userdata) {
        *(bool *) userdata = true;
        return G_SOURCE_REMOVE;
}

static gboolean on_tick(void *userdata) {
        return G_SOURCE_CONTINUE;
}

void turn_times(unsigned n) {
        unsigned tick = g_timeout_add(TICK_MS, on_tick, NULL);

        while (n-- > 0 && !call_has_ended())
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(tick);
}

void turn_for_ms(unsigned ms) {
        bool over = false;

        g_timeout_add(ms, on_time, &over);
        while (!over)
                g_main_context_iteration(NULL, TRUE);
}

/* The keyring's times are whole seconds. */
void await_next_second(void) {
        turn_for_ms(1000 - (unsigned) (g_get_real_time() / 1000 % 1000));
}

void settle(void) {
        turn_for_ms(DRAIN_MS);
}

unsigned milliseconds(void) {
        static gint64 epoch;
        gint64 now = g_get_monotonic_time() / 1000;

        if (epoch == 0)
                epoch = now;
        return (unsigned) (now - epoch);
}

/* The test's own calls */

GVariant *ask(const char *name, const char *path, const char *interface, const char *method,
              GVariant *arguments) {
        g_autoptr(GError) error = NULL;
        GVariant *reply;

        reply = g_dbus_connection_call_sync(bus, name, path, interface, method, arguments, NULL,
                                            G_DBUS_CALL_FLAGS_NO_AUTO_START, GIVE_UP_MS, NULL,
                                            &error);
        if (!reply)
                rig_failed(__FILE__, __LINE__, error->message);
        return reply;
}

GVariant *ask_bus(const char *method, GVariant *arguments) {
        return ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
                   arguments);
}

/* Start and end */

GDBusConnection *rig_bus(void) {
        return bus;
}

static void on_owner_changed(GDBusConnection *c, const char *sender, const char *path,
                             const char *interface, const char *signal, GVariant *arguments,
                             void *userdata) {
        /* Only wakes the loop. */
}

static void start(void) {
        g_autoptr(GError) error = NULL;

        bus = g_dbus_connection_new_for_address_sync(
                g_getenv("DBUS_SESSION_BUS_ADDRESS"),
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, &error);
        if (!bus)
                rig_failed(__FILE__, __LINE__, error->message);

        g_dbus_connection_signal_subscribe(bus, "org.freedesktop.DBus", "org.freedesktop.DBus",
                                           "NameOwnerChanged", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                           on_owner_changed, NULL, NULL);
        begin_prompter();
}

/* A name may go while we ask. */
static bool is_ours(const char *name) {
        g_autoptr(GVariant) reply = NULL;
        guint32 pid = 0;

        reply = g_dbus_connection_call_sync(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                            "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                            g_variant_new("(s)", name), NULL,
                                            G_DBUS_CALL_FLAGS_NONE, GIVE_UP_MS, NULL, NULL);
        if (reply)
                g_variant_get(reply, "(u)", &pid);
        return (pid_t) pid == getpid();
}

/* GIO shares one connection, which lives as long as an object of libsecret or of ours uses it. A
 * leak checker does not see an object that is left over there, since GIO still points to it. */
static bool only_the_rig_is_connected(void) {
        g_autoptr(GVariant) reply = ask_bus("ListNames", NULL);
        g_autofree const char **names = NULL;
        unsigned n = 0;

        g_variant_get(reply, "(^a&s)", &names);
        for (const char **name = names; *name; name++)
                if (**name == ':' && is_ours(*name))
                        n++;
        return n == 1;
}

static void finish(void) {
        end_vault();
        AWAIT(only_the_rig_is_connected);
        settle();
        end_service();
        g_dbus_connection_close_sync(bus, NULL, NULL);
        g_clear_object(&bus);
        turn();
}

int run_case(int argc, char *argv[], const Case *cases, size_t n_cases) {
        for (size_t i = 0; argc == 2 && i < n_cases; i++)
                if (streq(cases[i].name, argv[1])) {
                        (void) alarm(CASE_MAX_S);
                        (void) milliseconds();
                        start();
                        cases[i].run();
                        finish();
                        return EXIT_SUCCESS;
                }

        fprintf(stderr, "usage: %s CASE\n", argv[0]);
        return EXIT_FAILURE;
}
