/* SPDX-License-Identifier: MIT */

#include "platform/network.h"

#include <gio/gio.h>

struct Network {
        GNetworkMonitor *monitor;
        gulong handler;
        NetworkFn fn;
        void *userdata;
};

static void on_changed(GNetworkMonitor *monitor, gboolean available, void *userdata) {
        Network *n = userdata;

        n->fn(available, n->userdata);
}

int network_new(NetworkFn fn, void *userdata, Network **ret) {
        Network *n = g_new(Network, 1);

        *n = (Network){
                .monitor = g_object_ref(g_network_monitor_get_default()),
                .fn = fn,
                .userdata = userdata,
        };
        n->handler = g_signal_connect(n->monitor, "network-changed", G_CALLBACK(on_changed), n);
        *ret = n;
        return 0;
}

Network *network_free(Network *n) {
        if (!n)
                return NULL;

        g_signal_handler_disconnect(n->monitor, n->handler);
        g_object_unref(n->monitor);
        g_free(n);
        return NULL;
}

bool network_is_available(const Network *n) {
        return g_network_monitor_get_network_available(n->monitor);
}
