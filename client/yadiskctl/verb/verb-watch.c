/* SPDX-License-Identifier: MIT */

/*
 * yadiskctl watch: prints one line for each change, until it is ended.
 *
 * A signal of the daemon only makes us read another snapshot. What is told is the difference
 * between two snapshots, so no line depends on the order of signals, or on all of them arriving.
 * The first snapshot starts the daemon, as any verb does. Later it is not started again: if it has
 * gone, we wait until it comes back.
 */

#include <signal.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include "common/i18n.h"
#include "common/names.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/verb/changes.h"
#include "yadiskctl/verb/report.h"

#define DBUS_LOCAL "org.freedesktop.DBus.Local"

typedef struct Watch {
        bool json;
        sd_bus *bus;
        sd_event *event;
        char *owner;    /* the daemon's unique name; NULL while there is none */
        bool begun;     /* there is a snapshot */
        Snapshot known; /* the last one */

        /* While a snapshot is read, which takes two calls, one after the other. */
        sd_bus_slot *look;
        sd_bus_message *objects, *ask_manager;
        bool again; /* something has happened meanwhile */
} Watch;

static void watch_end_look(Watch *w) {
        w->look = sd_bus_slot_unref(w->look);
        w->ask_manager = sd_bus_message_unref(w->ask_manager);
        w->objects = sd_bus_message_unref(w->objects);
        w->again = false;
}

static void watch_done(Watch *w) {
        watch_end_look(w);
        snapshot_done(&w->known);
        free(w->owner);
        sd_event_unref(w->event);
        sd_bus_flush_close_unref(w->bus);
}

/* Each line is written out at once, so that its reader can act on it. */
static void watch_on_change(const Change *change, void *userdata) {
        Watch *w = userdata;
        ExitStatus s;

        s = w->json ? change_print_json(change) : change_say(change);
        if (s == EXIT_STATUS_OK)
                s = output_flush();
        if (s != EXIT_STATUS_OK)
                (void) sd_event_exit(w->event, s);
}

static int watch_look(Watch *w);

/* If the daemon has gone, we learn it from its name. If it did not answer in time, we ask again,
 * which may take as long once more. */
static int watch_look_failed(Watch *w, const sd_bus_error *error) {
        bool silent = sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY);
        bool again = w->again || silent;

        watch_end_look(w);
        if (!w->begun)
                return sd_event_exit(w->event, bus_explain(w->bus, error));
        return again && w->owner && sd_bus_is_open(w->bus) > 0 ? watch_look(w) : 0;
}

static int watch_on_manager(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        _cleanup_(snapshot_done) Snapshot before = {};
        Watch *w = userdata;
        bool again = w->again;
        int r;

        w->look = sd_bus_slot_unref(w->look);
        if (sd_bus_message_is_method_error(m, NULL))
                return watch_look_failed(w, sd_bus_message_get_error(m));

        before = w->known;
        w->known = (Snapshot){};
        r = snapshot_parse(w->objects, m, &w->known);
        if (r < 0)
                return sd_event_exit(w->event, bus_explain_answer(r));

        watch_end_look(w);
        snapshot_remember(&w->known, &before);
        if (w->begun)
                changes_between(&before, &w->known, watch_on_change, w);
        else {
                w->begun = true;
                changes_at_first(&w->known, watch_on_change, w);
                if (w->known.n_accounts == 0)
                        remark("%s", _(condition_sentence(report_no_account(&w->known))));
        }
        return again ? watch_look(w) : 0;
}

static int watch_on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;
        int r;

        w->look = sd_bus_slot_unref(w->look);
        if (sd_bus_message_is_method_error(m, NULL))
                return watch_look_failed(w, sd_bus_message_get_error(m));

        w->objects = sd_bus_message_ref(m);
        r = str_replace(&w->owner, sd_bus_message_get_sender(m));
        if (r >= 0)
                r = sd_bus_call_async(w->bus, &w->look, w->ask_manager, watch_on_manager, w, 0);
        return r < 0 ? sd_event_exit(w->event, fail_errno(r, "make a call")) : 0;
}

static int watch_look(Watch *w) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *ask_objects = NULL;
        int r;

        if (w->look) {
                w->again = true;
                return 0;
        }

        r = snapshot_new_calls(w->bus, !w->begun, &ask_objects, &w->ask_manager);
        if (r >= 0)
                r = sd_bus_call_async(w->bus, &w->look, ask_objects, watch_on_objects, w, 0);
        return r < 0 ? sd_event_exit(w->event, fail_errno(r, "make a call")) : 0;
}

/* Any program may send us a signal that looks like one of the daemon. */
static int watch_on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;

        return streq(sd_bus_message_get_sender(m), w->owner) ? watch_look(w) : 0;
}

static int watch_owner_changed(Watch *w, const char *owner) {
        int r;

        if (!w->begun)
                return watch_look(w); /* it was started for us, or has gone: then the look fails */
        if (streq(w->owner, owner) || (!w->owner && !*owner))
                return 0; /* it was known before the signal was read */

        watch_end_look(w); /* it was for the old owner */
        if (w->owner)
                watch_on_change(&(Change){ CHANGE_DAEMON_GONE }, w);
        r = str_replace(&w->owner, *owner ? owner : NULL);
        if (r < 0)
                return sd_event_exit(w->event, fail_errno(r, "watch"));
        if (!w->owner)
                return 0;

        watch_on_change(&(Change){ CHANGE_DAEMON_BACK }, w);
        return watch_look(w);
}

static int watch_on_name_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        const char *name, *before, *after;
        Watch *w = userdata;
        int r;

        if (!streq(sd_bus_message_get_sender(m), DBUS_NAME))
                return 0;

        r = sd_bus_message_read(m, "sss", &name, &before, &after);
        if (r < 0 || !streq(name, TOKENS_BUS_NAME))
                return 0;
        return watch_owner_changed(w, after);
}

static int watch_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Watch *w = userdata;

        if (!streq(sd_bus_message_get_sender(m), DBUS_LOCAL))
                return 0;
        return sd_event_exit(
                w->event,
                fail(EXIT_STATUS_NO_DAEMON,
                     "The session bus has gone; log in again, then start yadiskctl again."));
}

/* Comes before the first look, so that no change is missed. */
static ExitStatus watch_listen(Watch *w) {
        static const struct {
                const char *rule;
                sd_bus_message_handler_t handler;
        } matches[] = {
                { "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME
                  "',member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'",
                  watch_on_name_owner_changed },
                { "type='signal',sender='" TOKENS_BUS_NAME
                  "',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',path_"
                  "namespace='" TOKENS_PATH "'",
                  watch_on_signal },
                { "type='signal',sender='" TOKENS_BUS_NAME
                  "',interface='org.freedesktop.DBus.ObjectManager',path='" TOKENS_PATH "'",
                  watch_on_signal },
                { "type='signal',interface='" DBUS_LOCAL "',member='Disconnected'",
                  watch_on_disconnected },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(matches); i++)
                r = sd_bus_add_match(w->bus, NULL, matches[i].rule, matches[i].handler, w);
        if (r < 0)
                return fail(EXIT_STATUS_NO_DAEMON,
                            "The session bus cannot be listened to (%s); try again.", strerror(-r));
        return EXIT_STATUS_OK;
}

/* EPOLLERR comes unasked when the reader has closed its end. */
static int watch_on_stdout(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Watch *w = userdata;

        return sd_event_exit(w->event, EXIT_STATUS_OK);
}

static ExitStatus watch_prepare_loop(Watch *w) {
        sigset_t ending;
        int r;

        (void) sigemptyset(&ending);
        (void) sigaddset(&ending, SIGINT);
        (void) sigaddset(&ending, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &ending, NULL);
        (void) signal(SIGPIPE, SIG_DFL); /* if the reader has gone, we end without a word */

        r = sd_event_new(&w->event);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_bus_attach_event(w->bus, w->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return fail_errno(r, "watch");

        r = sd_event_add_io(w->event, NULL, STDOUT_FILENO, EPOLLERR, watch_on_stdout, w);
        return r < 0 && r != -EPERM ? fail_errno(r, "watch") : EXIT_STATUS_OK; /* EPERM: a file */
}

static ExitStatus watch_run(Watch *w) {
        int r;

        r = watch_look(w);
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
                s = watch_listen(&w);
        if (s == EXIT_STATUS_OK)
                s = watch_prepare_loop(&w);
        return s == EXIT_STATUS_OK ? watch_run(&w) : s;
}
