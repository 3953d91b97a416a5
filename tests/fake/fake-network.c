/* SPDX-License-Identifier: MIT */

#include "fake-network.h"

struct Network {
        NetworkFn fn;
        void *userdata;
};

static Network *monitor;
static bool is_available = true;

void fake_network_reset(bool available) {
        is_available = available;
}

void fake_network_set(bool available) {
        is_available = available;
        if (monitor)
                monitor->fn(available, monitor->userdata);
}

int network_new(NetworkFn fn, void *userdata, Network **ret) {
        Network *n = calloc(1, sizeof(Network));

        if (!n)
                return -ENOMEM;

        *n = (Network){ .fn = fn, .userdata = userdata };
        *ret = monitor = n;
        return 0;
}

Network *network_free(Network *n) {
        monitor = NULL;
        free(n);
        return NULL;
}

bool network_is_available(const Network *n) {
        return is_available;
}
