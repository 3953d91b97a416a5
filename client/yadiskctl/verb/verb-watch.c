/* SPDX-License-Identifier: MIT */

/*
 * yadiskctl watch: one line for each change, until somebody ends it.
 *
 * A signal of the daemon only says that it is worth looking again: what is told is the difference
 * between two looks, so no line depends on the order in which signals come or on their being complete.
 * The daemon is started by the first look, as by any verb, and never again: one that has gone is waited
 * for.
 */

#include <signal.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include "common/i18n.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/verb/changes.h"
#include "yadiskctl/verb/report.h"
#include "yadiskctl/verb/verbs.h"
#include "yadiskctl/verb/watch-line.h"

#define DBUS_NAME  "org.freedesktop.DBus"
#define DBUS_LOCAL "org.freedesktop.DBus.Local"

typedef struct Watch {
        bool json;
        sd_bus *bus;
        sd_event *event;
        char *owner;    /* the daemon's unique name; NULL while there is none */
        bool begun;     /* the first look has been had */
        Snapshot known; /* the last look */

        /* A look under way: two calls, one after the other. */
        sd_bus_slot *look;
        sd_bus_message *objects, *ask_manager;
        bool again; /* something happened meanwhile */
} Watch;

static void look_done(Watch *w) {
        w->look = sd_bus_slot_unref(w->look);
        w->ask_manager = sd_bus_message_unref(w->ask_manager);
        w->objects = sd_bus_message_unref(w->objects);
        w->again = false;
}

static void watch_done(Watch *w) {
        look_done(w);
        snapshot_done(&w->known);
        free(w->owner);
        sd_event_unref(w->event);
        sd_bus_flush_close_unref(w->bus);
}

/* Each line is written out at once: whoever reads it acts on it. */
static void on_change(const Change *change, void *userdata) {
        Watch *w = userdata;
        ExitStatus s;

        s = w->json ? watch_line_json(change) : watch_line_say(change);
        if (s == EXIT_STATUS_OK)
                s = output_flush();
        if (s != EXIT_STATUS_OK)
                (void) sd_event_exit(w->event, s);
}

static void tell_of_daemon(Watch *w, ChangeKind kind) {
        const Change change = { .kind = kind };

        on_change(&change, w);
}

static int end_with(Watch *w, ExitStatus s) {
        return sd_event_exit(w->event, s);
}

static int look(Watch *w);

/* A daemon that has gone is told of by its name. One that gave no answer in time is asked again, which
 * takes as long once more. */
static int look_failed(Watch *w, const sd_bus_error *error) {
        bool silent = sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY);
        bool again = w->again || silent;

        look_done(w);
        if (!w->begun)
                return end_with(w, bus_explain(w->bus, error));
        return again && w->owner && sd_bus_is_open(w->bus) > 0 ? look(w) : 0;
}

static void tell_first_look(Watch *w) {
        w->begun = true;
        changes_at_first(&w->known, on_change, w);
        if (w->known.n_accounts == 0)
                remark("%s", _(condition_sentence(report_nobody(&w->known))));
}

static int on_manager(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        _cleanup_(snapshot_done) Snapshot before = {};
        Watch *w = userdata;
        bool again = w->again;
        int r;

        w->look = sd_bus_slot_unref(w->look);
        if (sd_bus_message_is_method_error(m, NULL))
                return look_failed(w, sd_bus_message_get_error(m));

        before = w->known;
        w->known = (Snapshot){};
        r = snapshot_parse(w->objects, m, &w->known);
        if (r < 0)
                return end_with(w, bus_explain_answer(r));

        look_done(w);
        snapshot_remember(&w->known, &before);
        if (w->begun)
                changes_between(&before, &w->known, on_change, w);
        else
                tell_first_look(w);
        return again ? look(w) : 0;
}

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;
        int r;

        w->look = sd_bus_slot_unref(w->look);
        if (sd_bus_message_is_method_error(m, NULL))
                return look_failed(w, sd_bus_message_get_error(m));

        w->objects = sd_bus_message_ref(m);
        r = str_replace(&w->owner, sd_bus_message_get_sender(m));
        if (r >= 0)
                r = sd_bus_call_async(w->bus, &w->look, w->ask_manager, on_manager, w, 0);
        return r < 0 ? end_with(w, fail_errno(r, "make a call")) : 0;
}

static int look(Watch *w) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *ask_objects = NULL;
        int r;

        if (w->look) {
                w->again = true;
                return 0;
        }

        r = snapshot_new_calls(w->bus, !w->begun, &ask_objects, &w->ask_manager);
        if (r >= 0)
                r = sd_bus_call_async(w->bus, &w->look, ask_objects, on_objects, w, 0);
        return r < 0 ? end_with(w, fail_errno(r, "make a call")) : 0;
}

/* Anybody may send us a signal that looks like the daemon's. */
static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;

        return streq(sd_bus_message_get_sender(m), w->owner) ? look(w) : 0;
}

static int owner_changed(Watch *w, const char *owner) {
        int r;

        if (!w->begun)
                return look(w); /* it was started for us, or goes: then the look fails */
        if (streq(w->owner, owner) || (!w->owner && !*owner))
                return 0; /* it was known before the signal was read */

        look_done(w); /* of the one that was there */
        if (w->owner)
                tell_of_daemon(w, CHANGE_DAEMON_GONE);
        r = str_replace(&w->owner, *owner ? owner : NULL);
        if (r < 0)
                return end_with(w, fail_errno(r, "watch"));
        if (!w->owner)
                return 0;

        tell_of_daemon(w, CHANGE_DAEMON_BACK);
        return look(w);
}

static int on_name_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        const char *name, *before, *after;
        Watch *w = userdata;
        int r;

        if (!streq(sd_bus_message_get_sender(m), DBUS_NAME))
                return 0;

        r = sd_bus_message_read(m, "sss", &name, &before, &after);
        if (r < 0 || !streq(name, TOKENS_BUS_NAME))
                return 0;
        return owner_changed(w, after);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;

        if (!streq(sd_bus_message_get_sender(m), DBUS_LOCAL))
                return 0;
        return end_with(w, fail(EXIT_STATUS_NO_DAEMON,
                                "The session bus has gone; start yadiskctl again in a session of "
                                "the user."));
}

static int listen_to(Watch *w, const char *rule, sd_bus_message_handler_t handler) {
        return sd_bus_add_match(w->bus, NULL, rule, handler, w);
}

/* Before the first look, so that nothing is missed between. */
static ExitStatus listen_to_all(Watch *w) {
        int r;

        r = listen_to(w,
                      "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME
                      "',member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'",
                      on_name_owner_changed);
        if (r >= 0)
                r = listen_to(w,
                              "type='signal',sender='" TOKENS_BUS_NAME
                              "',interface='org.freedesktop.DBus.Properties',"
                              "member='PropertiesChanged',path_namespace='" TOKENS_PATH "'",
                              on_signal);
        if (r >= 0)
                r = listen_to(w,
                              "type='signal',sender='" TOKENS_BUS_NAME
                              "',interface='org.freedesktop.DBus.ObjectManager',path='" TOKENS_PATH
                              "'",
                              on_signal);
        if (r >= 0)
                r = listen_to(w, "type='signal',interface='" DBUS_LOCAL "',member='Disconnected'",
                              on_disconnected);
        if (r < 0)
                return fail(EXIT_STATUS_NO_DAEMON,
                            "The session bus cannot be listened to (%s); try again.", strerror(-r));
        return EXIT_STATUS_OK;
}

/* Nothing is asked of it: that nobody reads any more is told unasked. */
static int on_stdout(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Watch *w = userdata;

        return end_with(w, EXIT_STATUS_OK);
}

static ExitStatus prepare_loop(Watch *w) {
        sigset_t ending;
        int r;

        (void) sigemptyset(&ending);
        (void) sigaddset(&ending, SIGINT);
        (void) sigaddset(&ending, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &ending, NULL);
        (void) signal(SIGPIPE, SIG_DFL); /* a reader that has gone ends it without a word */

        r = sd_event_new(&w->event);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_bus_attach_event(w->bus, w->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return fail_errno(r, "watch");

        r = sd_event_add_io(w->event, NULL, STDOUT_FILENO, EPOLLERR, on_stdout, w);
        return r < 0 && r != -EPERM ? fail_errno(r, "watch") : EXIT_STATUS_OK; /* EPERM: a file */
}

static ExitStatus go_on(Watch *w) {
        int r;

        r = look(w);
        if (r >= 0)
                r = sd_event_loop(w->event);
        return r < 0 ? fail_errno(r, "watch") : (ExitStatus) r;
}

ExitStatus verb_watch(const Command *c) {
        _cleanup_(watch_done) Watch w = { .json = c->json };
        ExitStatus s;

        s = bus_open(&w.bus);
        if (s == EXIT_STATUS_OK)
                s = bus_start_daemon(w.bus);
        if (s == EXIT_STATUS_OK)
                s = listen_to_all(&w);
        if (s == EXIT_STATUS_OK)
                s = prepare_loop(&w);
        return s == EXIT_STATUS_OK ? go_on(&w) : s;
}
