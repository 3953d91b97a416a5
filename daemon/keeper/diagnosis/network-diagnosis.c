/* SPDX-License-Identifier: MIT */

#include "keeper/diagnosis/network-diagnosis.h"

#include "common/condition.h"
#include "platform/clock.h"

/* What became of one host. */
typedef struct ReachabilityProbe {
        NetworkDiagnosis *diagnosis;
        OauthCall *call;
        bool reached;
        bool untrusted;
        const char *reason; /* NULL: all is well */
        int64_t server_time;
        int64_t local_time;
} ReachabilityProbe;

struct NetworkDiagnosis {
        NetworkDiagnosisFn fn;
        void *userdata;
        World *world;
        ReachabilityProbe probes[_OAUTH_HOST_MAX];
        unsigned n_awaited;
};

/* The first host that has something to tell is listened to, so that the same trouble gets the same words,
 * whichever answer comes first. */
static void look_at(NetworkFindings *f, const ReachabilityProbe *p, const char *host) {
        f->reachable = f->reachable && p->reached;
        f->trusted = f->trusted && !p->untrusted;
        if (p->reason && str_is_empty(f->reason)) {
                f->reason = p->reason;
                f->host = host;
        }
        if (p->server_time > 0 && f->server_time == 0) {
                f->server_time = p->server_time;
                f->local_time = p->local_time;
        }
}

static void finish(NetworkDiagnosis *d) {
        NetworkFindings f = {
                .reachable = true,
                .trusted = true,
                .reason = "",
                .host = "",
                .local_time = clock_now(),
        };

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++)
                look_at(&f, &d->probes[host], oauth_host_url(d->world->oauth, host));

        /* The one that tokens come from. */
        world_reached(d->world, d->probes[OAUTH_HOST_OAUTH].reached);
        d->fn(0, &f, d->userdata);
}

static void on_answer(const OauthAnswer *answer, void *userdata) {
        ReachabilityProbe *p = userdata;
        NetworkDiagnosis *d = p->diagnosis;

        p->call = oauth_call_free(p->call);
        if (answer->r < 0)
                return d->fn(answer->r, NULL, d->userdata);

        p->reached = answer->r != CONDITION_OFFLINE;
        p->untrusted = answer->untrusted;
        p->reason = answer->reason;
        p->server_time = answer->date;
        p->local_time = clock_now();
        if (--d->n_awaited == 0)
                finish(d);
}

int network_diagnosis_start(World *w, NetworkDiagnosisFn fn, void *userdata,
                            NetworkDiagnosis **ret) {
        _cleanup_(network_diagnosis_freep) NetworkDiagnosis *d = NULL;
        int r;

        d = malloc(sizeof(NetworkDiagnosis));
        if (!d)
                return -ENOMEM;

        *d = (NetworkDiagnosis){
                .fn = fn,
                .userdata = userdata,
                .world = w,
        };

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++) {
                ReachabilityProbe *probe = &d->probes[host];

                probe->diagnosis = d;
                r = oauth_reach(w->oauth, host, on_answer, probe, &probe->call);
                if (r < 0)
                        return r;
                d->n_awaited++;
        }

        *ret = TAKE_PTR(d);
        return 0;
}

NetworkDiagnosis *network_diagnosis_free(NetworkDiagnosis *d) {
        if (!d)
                return NULL;

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++)
                oauth_call_free(d->probes[host].call);
        free(d);
        return NULL;
}
