/* SPDX-License-Identifier: MIT */

/*
 * While GIO makes its monitor it waits for an answer of NetworkManager, so that happens in a thread
 * of GIO's pool. Until the monitor is there the network counts as available.
 */

#include "platform/network.h"

#include <gio/gio.h>

struct Network {
        GCancellable *making;
        GNetworkMonitor *monitor;
        gulong handler;
        NetworkFn fn;
        void *userdata;
};

static void network_on_changed(GNetworkMonitor *monitor, gboolean available, void *userdata) {
        Network *n = userdata;

        n->fn(available, n->userdata);
}

/* Runs in the thread. */
static void network_make_monitor(GTask *task, void *source, void *data, GCancellable *cancellable) {
        g_task_return_pointer(task, g_object_ref(g_network_monitor_get_default()), g_object_unref);
}

static void network_on_made(GObject *source, GAsyncResult *result, void *userdata) {
        Network *n = userdata;
        GNetworkMonitor *monitor;

        /* NULL if it was cancelled, and then n has been freed. */
        monitor = g_task_propagate_pointer(G_TASK(result), NULL);
        if (!monitor)
                return;

        n->monitor = monitor;
        n->handler =
                g_signal_connect(monitor, "network-changed", G_CALLBACK(network_on_changed), n);
        if (!network_is_available(n))
                n->fn(false, n->userdata);
}

int network_new(NetworkFn fn, void *userdata, Network **ret) {
        Network *n = g_new(Network, 1);
        g_autoptr(GTask) task = NULL;

        *n = (Network){
                .making = g_cancellable_new(),
                .fn = fn,
                .userdata = userdata,
        };
        task = g_task_new(NULL, n->making, network_on_made, n);
        g_task_run_in_thread(task, network_make_monitor);
        *ret = n;
        return 0;
}

Network *network_free(Network *n) {
        if (!n)
                return NULL;

        g_cancellable_cancel(n->making);
        g_object_unref(n->making);
        if (n->monitor)
                g_signal_handler_disconnect(n->monitor, n->handler);
        g_clear_object(&n->monitor);
        g_free(n);
        return NULL;
}

bool network_is_available(const Network *n) {
        return !n->monitor || g_network_monitor_get_network_available(n->monitor);
}
