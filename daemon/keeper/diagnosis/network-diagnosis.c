/* SPDX-License-Identifier: MIT */

#include "keeper/diagnosis/network-diagnosis.h"

#include "common/condition.h"
#include "platform/clock.h"

/* What became of one host. */
typedef struct Knock {
        NetworkDiagnosis *diagnosis;
        OauthCall *call;
        bool reached;
        bool untrusted;
        const char *reason; /* NULL: all is well */
        int64_t server_time;
        int64_t local_time;
} Knock;

struct NetworkDiagnosis {
        NetworkDiagnosisFn fn;
        void *userdata;
        Keeper *keeper;
        Knock knocks[_OAUTH_HOST_MAX];
        unsigned n_awaited;
};

/* The first host that has something to tell is listened to, so that the same trouble gets the same words,
 * whichever answer comes first. */
static void look_at(NetworkFindings *f, const Knock *k, const char *host) {
        f->reachable = f->reachable && k->reached;
        f->trusted = f->trusted && !k->untrusted;
        if (k->reason && str_is_empty(f->reason)) {
                f->reason = k->reason;
                f->host = host;
        }
        if (k->server_time > 0 && f->server_time == 0) {
                f->server_time = k->server_time;
                f->local_time = k->local_time;
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
                look_at(&f, &d->knocks[host], oauth_host_url(keeper_oauth(d->keeper), host));

        /* The one that tokens come from. */
        keeper_reached(d->keeper, d->knocks[OAUTH_HOST_OAUTH].reached);
        d->fn(0, &f, d->userdata);
}

static void on_answer(const OauthAnswer *answer, void *userdata) {
        Knock *k = userdata;
        NetworkDiagnosis *d = k->diagnosis;

        k->call = oauth_call_free(k->call);
        if (answer->r < 0)
                return d->fn(answer->r, NULL, d->userdata);

        k->reached = answer->r != CONDITION_OFFLINE;
        k->untrusted = answer->untrusted;
        k->reason = answer->reason;
        k->server_time = answer->date;
        k->local_time = clock_now();
        if (--d->n_awaited == 0)
                finish(d);
}

int network_diagnosis_start(Keeper *k, NetworkDiagnosisFn fn, void *userdata,
                            NetworkDiagnosis **ret) {
        _cleanup_(network_diagnosis_freep) NetworkDiagnosis *d = NULL;
        int r;

        d = malloc(sizeof(NetworkDiagnosis));
        if (!d)
                return -ENOMEM;

        *d = (NetworkDiagnosis){
                .fn = fn,
                .userdata = userdata,
                .keeper = k,
        };

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++) {
                Knock *knock = &d->knocks[host];

                knock->diagnosis = d;
                r = oauth_knock(keeper_oauth(k), host, on_answer, knock, &knock->call);
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
                oauth_call_free(d->knocks[host].call);
        free(d);
        return NULL;
}
