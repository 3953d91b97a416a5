/* SPDX-License-Identifier: MIT */

#include "traffic.h"

#include <assert.h>

struct Traffic {
        int64_t start;
        int64_t duration;
        uint16_t *seconds;
};

Traffic *traffic_new(int64_t start, int64_t duration) {
        _cleanup_(traffic_freep) Traffic *t = malloc(sizeof(Traffic));

        if (!t)
                return NULL;

        *t = (Traffic){
                .start = start,
                .duration = duration,
                .seconds = calloc((size_t) duration, sizeof(uint16_t)),
        };
        return t->seconds ? TAKE_PTR(t) : NULL;
}

Traffic *traffic_free(Traffic *t) {
        if (!t)
                return NULL;

        free(t->seconds);
        free(t);
        return NULL;
}

void traffic_add(Traffic *t, int64_t at) {
        int64_t i = at - t->start;

        if (i < 0 || i >= t->duration)
                return;

        if (t->seconds[i] == UINT16_MAX)
                abort(); /* a table made of this would be a lie */
        t->seconds[i]++;
}

int64_t traffic_count(const Traffic *t, int64_t from, int64_t length) {
        int64_t n = 0;

        assert(from >= t->start && from + length <= t->start + t->duration);

        for (int64_t i = from - t->start; i < from - t->start + length; i++)
                n += t->seconds[i];
        return n;
}

int64_t traffic_peak(const Traffic *t, int64_t from, int64_t length, int64_t bin) {
        int64_t peak = 0;

        for (int64_t at = from; at < from + length; at += bin) {
                int64_t n = traffic_count(t, at, bin);

                peak = MAX_OF(peak, n);
        }
        return peak;
}
