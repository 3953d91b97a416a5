/* SPDX-License-Identifier: MIT */

#include "model/grant.h"

#include <assert.h>

GrantTimes grant_times(int64_t now, int64_t expires_in) {
        return (GrantTimes){
                .obtained_at = now,
                .expires_at = expires_in > 0 ? now + MIN_OF(expires_in, GRANT_LIFE_MAX)
                                             : GRANT_END_UNKNOWN,
        };
}

int grant_new(Secret *access_token, Secret *refresh_token, GrantTimes times, uint32_t generation,
              Grant **ret) {
        Grant *g;

        assert(access_token || refresh_token);

        g = malloc(sizeof(Grant));
        if (!g)
                return -ENOMEM;

        if (!access_token)
                times.expires_at = GRANT_END_PAST;

        *g = (Grant){
                .n_ref = 1,
                .access_token = secret_ref(access_token),
                .refresh_token = secret_ref(refresh_token),
                .times = times,
                .generation = generation,
        };
        *ret = g;
        return 0;
}

Grant *grant_ref(Grant *g) {
        if (g)
                g->n_ref++;
        return g;
}

Grant *grant_unref(Grant *g) {
        if (!g)
                return NULL;

        assert(g->n_ref > 0);
        if (--g->n_ref > 0)
                return NULL;

        secret_unref(g->refresh_token);
        secret_unref(g->access_token);
        free(g);
        return NULL;
}

int64_t grant_remaining(const Grant *g, int64_t now) {
        if (g->times.expires_at == GRANT_END_UNKNOWN)
                return INT64_MAX;

        return g->times.expires_at > now ? g->times.expires_at - now : 0;
}
