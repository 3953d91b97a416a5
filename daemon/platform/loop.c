/* SPDX-License-Identifier: MIT */

/*
 * GLib's default context is a guest in the sd-event. It is prepared whenever the sd-event is, which
 * takes no call of the kernel, and looked at only when one of its descriptors is ready or its time
 * has come. So our own sources, above all the bus, pay nothing for it.
 */

#include "platform/loop.h"

#include <fcntl.h>
#include <glib.h>

#include "common/util.h"

/* Of GLib's own timeouts, which are in milliseconds. */
#define ACCURACY_USEC 1000

typedef struct Watch {
        GPollFD polled;
        sd_event_source *source;
} Watch;

typedef struct Guest {
        GMainContext *context;
        sd_event *event;
        sd_event_source *timer; /* always on; prepares the context */
        int priority;           /* of what is to be dispatched */
        GPollFD *fds;
        size_t n_fds, n_fds_allocated;
        Watch *watches;
        size_t n_watches;
        int error;
} Guest;

static int guest_look(Guest *g) {
        (void) g_poll(g->fds, (unsigned) g->n_fds, 0);
        if (g_main_context_check(g->context, g->priority, g->fds, (int) g->n_fds))
                g_main_context_dispatch(g->context);
        return 0;
}

static int guest_on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return guest_look(userdata);
}

static int guest_on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        return guest_look(userdata);
}

static int guest_query(Guest *g, int *ret_timeout_ms) {
        for (;;) {
                int n = g_main_context_query(g->context, g->priority, ret_timeout_ms, g->fds,
                                             (int) g->n_fds_allocated);
                GPollFD *grown;

                g->n_fds = (size_t) n;
                if (g->n_fds <= g->n_fds_allocated)
                        return 0;

                grown = reallocarray(g->fds, g->n_fds, sizeof(GPollFD));
                if (!grown)
                        return -ENOMEM;

                g->fds = grown;
                g->n_fds_allocated = g->n_fds;
        }
}

static void guest_drop_watches(Guest *g) {
        while (g->n_watches > 0)
                sd_event_source_disable_unref(g->watches[--g->n_watches].source);
        free(g->watches);
        g->watches = NULL;
}

static bool guest_watches_all(const Guest *g) {
        if (g->n_watches != g->n_fds)
                return false;

        for (size_t i = 0; i < g->n_fds; i++)
                if (g->watches[i].polled.fd != g->fds[i].fd ||
                    g->watches[i].polled.events != g->fds[i].events)
                        return false;
        return true;
}

/* GLib may close the descriptor before this is known here, so the sd-event has one of its own. The
 * events of poll(2) are those of epoll(7). */
static int guest_add_watch(Guest *g, const GPollFD *polled) {
        _cleanup_fd_ int fd = fcntl(polled->fd, F_DUPFD_CLOEXEC, 0);
        sd_event_source *source;
        int r;

        if (fd < 0)
                return -errno;

        r = sd_event_add_io(g->event, &source, fd, polled->events, guest_on_ready, g);
        if (r < 0)
                return r;

        g->watches[g->n_watches++] = (Watch){ .polled = *polled, .source = source };
        r = sd_event_source_set_io_fd_own(source, true);
        if (r < 0)
                return r;

        TAKE_FD(fd);
        return sd_event_source_set_description(source, "glib");
}

static int guest_watch(Guest *g) {
        int r = 0;

        if (guest_watches_all(g))
                return 0;

        guest_drop_watches(g);
        g->watches = calloc(g->n_fds, sizeof(Watch));
        if (!g->watches)
                return -ENOMEM;

        for (size_t i = 0; r >= 0 && i < g->n_fds; i++)
                r = guest_add_watch(g, &g->fds[i]);
        return r;
}

/* A time that has come is left as it is: set again, it would come after all else that is ready, in
 * each turn. */
static int guest_set_timer(Guest *g, int timeout_ms) {
        if (sd_event_source_get_pending(g->timer) > 0)
                return 0;
        if (timeout_ms < 0)
                return sd_event_source_set_time(g->timer, UINT64_MAX);
        return sd_event_source_set_time_relative(g->timer, (uint64_t) timeout_ms * 1000);
}

/* An error would only turn the source off, so it ends the loop. */
static int guest_on_prepare(sd_event_source *source, void *userdata) {
        Guest *g = userdata;
        int timeout_ms, r;

        (void) g_main_context_prepare(g->context, &g->priority);
        r = guest_query(g, &timeout_ms);
        if (r >= 0)
                r = guest_watch(g);
        if (r >= 0)
                r = guest_set_timer(g, timeout_ms);
        if (r < 0) {
                g->error = r;
                (void) sd_event_exit(g->event, r);
        }
        return 0;
}

static void guest_done(Guest *g) {
        guest_drop_watches(g);
        sd_event_source_disable_unref(g->timer);
        free(g->fds);
}

static int guest_begin(Guest *g) {
        int r;

        r = sd_event_add_time(g->event, &g->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC,
                              guest_on_time, g);
        if (r >= 0)
                r = sd_event_source_set_enabled(g->timer, SD_EVENT_ON);
        if (r >= 0)
                r = sd_event_source_set_prepare(g->timer, guest_on_prepare);
        return r < 0 ? r : sd_event_source_set_description(g->timer, "glib-timer");
}

int loop_run(sd_event *event, int *ret_code) {
        Guest guest = {
                .context = g_main_context_default(),
                .event = event,
        };
        int r;

        /* Without an owner it would not be woken by what other threads add to it. */
        if (!g_main_context_acquire(guest.context))
                return -EBUSY;

        r = guest_begin(&guest);
        if (r >= 0)
                r = sd_event_loop(event);
        if (sd_event_get_state(event) == SD_EVENT_FINISHED)
                r = guest.error ?: sd_event_get_exit_code(event, ret_code);
        guest_done(&guest);
        g_main_context_release(guest.context);
        return r;
}
