/* SPDX-License-Identifier: MIT */

#include "fake-opener.h"

#include <stdio.h>

struct Opener {
        char unused;
};

static char latest[1024];
static unsigned n_opened;

void fake_opener_reset(void) {
        latest[0] = '\0';
        n_opened = 0;
}

unsigned fake_opener_count(void) {
        return n_opened;
}

const char *fake_opener_latest(void) {
        return latest;
}

int opener_new(sd_event *event, Opener **ret) {
        *ret = calloc(1, sizeof(Opener));
        return *ret ? 0 : -ENOMEM;
}

Opener *opener_free(Opener *o) {
        free(o);
        return NULL;
}

void opener_open(Opener *o, const char *url) {
        (void) snprintf(latest, sizeof(latest), "%s", url);
        n_opened++;
}
