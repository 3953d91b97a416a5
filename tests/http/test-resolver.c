/* SPDX-License-Identifier: MIT */

/*
 * A name server that does not answer, as on a network that has just come up: getaddrinfo() is ours
 * here, and sits in libcurl's resolver thread until it is let go. Were ending a transfer to wait
 * for that thread, these tests would hang.
 */

#include <netdb.h>
#include <pthread.h>

#include "http-rig.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned n_inside, n_ended;
static bool let_go;

/* Takes the place of the C library's. */
__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **ret) {
        pthread_mutex_lock(&mutex);
        n_inside++;
        pthread_cond_broadcast(&changed);
        while (!let_go)
                pthread_cond_wait(&changed, &mutex);
        n_ended++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
        return EAI_NONAME;
}

static unsigned get(const unsigned *n) {
        unsigned value;

        pthread_mutex_lock(&mutex);
        value = *n;
        pthread_mutex_unlock(&mutex);
        return value;
}

static void start_resolving(Rig *rig, Asked *a, unsigned n) {
        check_int(start(rig, a, "https://name.test", "/", "a=b", NULL), 0);
        while (get(&n_inside) < n)
                check(sd_event_run(rig->event, 1000) >= 0);
        check_int(get(&n_ended), 0);
}

int main(void) {
        Asked dropped = {}, late = {};
        Rig rig = {};

        check_int(sd_event_new(&rig.event), 0);
        check_int(http_new(rig.event, NULL, &rig.http), 0);

        start_resolving(&rig, &dropped, 1);
        asked_done(&dropped);
        check_int(dropped.n_answers, 0);

        http_set_limits(rig.http, (HttpLimits){ .connect_ms = 60000, .total_ms = 50 });
        start_resolving(&rig, &late, 2);
        run_until_answered(&rig, &late);
        check_int(late.answer.r, CONDITION_OFFLINE);
        check(!late.answer.lost);
        asked_done(&late);
        rig_done(&rig);

        /* The threads end by themselves. */
        pthread_mutex_lock(&mutex);
        check_int(n_ended, 0);
        let_go = true;
        pthread_cond_broadcast(&changed);
        while (n_ended < 2)
                pthread_cond_wait(&changed, &mutex);
        pthread_mutex_unlock(&mutex);
        return 0;
}
