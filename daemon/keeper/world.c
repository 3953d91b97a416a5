/* SPDX-License-Identifier: MIT */

#include "keeper/world.h"

#include <assert.h>

void world_reached(World *w, bool reached) {
        if (w->online == reached)
                return;

        w->online = reached;
        w->on_online_changed(w->userdata);
}

World *world_hold(World *w) {
        w->n_holds++;
        return w;
}

World *world_release(World *held) {
        if (!held)
                return NULL;

        assert(held->n_holds > 0);
        held->n_holds--;
        return NULL;
}
