/* SPDX-License-Identifier: MIT */

/*
 * The sd-event as a GSource. GLib prepares a source, but does not check it if a source of higher
 * priority is ready. The sd-event is still armed then. To prepare it again, as the sample in
 * sd_event_get_fd(3) does, is an error; to leave it as it is would miss the timers and defer
 * sources that the callback of that other source has just set, since those take effect in
 * sd_event_prepare() only. So sd_event_wait() brings it back to its initial state first.
 */

#include "platform/loop.h"

#include <glib.h>

#include "common/util.h"

typedef struct EventSource {
        GSource source;
        GPollFD pollfd;
        sd_event *event;
        int error;
} EventSource;

/* An error of the sd-event ends the loop: the dispatch that this asks for removes the source. */
static gboolean event_fail(EventSource *s, int r) {
        s->error = r;
        return TRUE;
}

static gboolean event_check(GSource *source) {
        EventSource *s = (EventSource *) source;
        int r;

        switch (sd_event_get_state(s->event)) {
        case SD_EVENT_ARMED:
                r = sd_event_wait(s->event, 0);
                return r < 0 ? event_fail(s, r) : r > 0;
        case SD_EVENT_PENDING:
                return TRUE;
        default:
                return FALSE;
        }
}

static gboolean event_prepare(GSource *source, int *ret_timeout) {
        EventSource *s = (EventSource *) source;
        int r;

        *ret_timeout = -1;
        if (event_check(source))
                return TRUE;
        if (sd_event_get_state(s->event) != SD_EVENT_INITIAL)
                return FALSE;

        r = sd_event_prepare(s->event);
        return r < 0 ? event_fail(s, r) : r > 0;
}

static gboolean event_dispatch(GSource *source, GSourceFunc fn, void *userdata) {
        EventSource *s = (EventSource *) source;
        int r;

        if (s->error < 0)
                return G_SOURCE_REMOVE;

        r = sd_event_dispatch(s->event);
        if (r < 0)
                s->error = r;
        return r < 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static GSourceFuncs event_functions = {
        .prepare = event_prepare,
        .check = event_check,
        .dispatch = event_dispatch,
};

int loop_run(sd_event *event, int *ret_code) {
        EventSource *s;
        int r;

        s = (EventSource *) g_source_new(&event_functions, sizeof(EventSource));
        g_source_set_static_name(&s->source, "sd-event");
        s->event = sd_event_ref(event);
        s->error = 0;
        s->pollfd = (GPollFD){
                .fd = sd_event_get_fd(event),
                .events = G_IO_IN | G_IO_HUP | G_IO_ERR,
        };
        g_source_add_poll(&s->source, &s->pollfd);
        /* Else GLib takes the descriptor out of its list during each dispatch, and wakes itself up
         * twice by that. An sd-event that runs is neither prepared nor checked, so nothing is
         * entered twice. */
        g_source_set_can_recurse(&s->source, TRUE);
        g_source_attach(&s->source, NULL);

        while (s->error == 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
                g_main_context_iteration(NULL, TRUE);

        r = s->error < 0 ? s->error : sd_event_get_exit_code(event, ret_code);
        g_source_destroy(&s->source);
        sd_event_unref(s->event);
        g_source_unref(&s->source);
        return r;
}
