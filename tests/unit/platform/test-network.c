/* SPDX-License-Identifier: MIT */

/* Whether the network is there depends on the machine; that nobody is told after the end does
 * not. */

#undef NDEBUG
#include <assert.h>
#include <gio/gio.h>

#include "platform/network.h"

#define SETTLE_MS 200

static unsigned n_told;
static bool last_told;

static void on_network(bool available, void *userdata) {
        assert(userdata == &n_told);
        n_told++;
        last_told = available;
}

static gboolean on_time(void *userdata) {
        *(bool *) userdata = true;
        return G_SOURCE_REMOVE;
}

static void settle(void) {
        bool over = false;

        g_timeout_add(SETTLE_MS, on_time, &over);
        while (!over)
                g_main_context_iteration(NULL, TRUE);
}

static void pretend_change(bool available) {
        g_signal_emit_by_name(g_network_monitor_get_default(), "network-changed", available);
}

static Network *begin(void) {
        Network *n;

        n_told = 0;
        assert(network_new(on_network, &n_told, &n) == 0);
        assert(n_told == 0);
        assert(network_is_available(n)); /* nobody knows better yet */
        return n;
}

static void test_freed_before_it_is_known(void) {
        for (unsigned i = 0; i < 50; i++)
                assert(!network_free(begin()));
        settle();
        pretend_change(true);
        assert(n_told == 0);
}

static void test_changes(void) {
        Network *n = begin();
        unsigned before;

        settle();
        before = n_told; /* once where this machine has no network */
        assert(before <= 1);
        pretend_change(false);
        assert(n_told == before + 1 && !last_told);
        pretend_change(true);
        assert(n_told == before + 2 && last_told);

        n = network_free(n);
        pretend_change(false);
        assert(n_told == before + 2);
}

int main(void) {
        test_freed_before_it_is_known();
        test_changes();
        assert(!network_free(NULL));
        return EXIT_SUCCESS;
}
