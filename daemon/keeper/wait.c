/* SPDX-License-Identifier: MIT */

#include "keeper/wait.h"

struct Wait {
        TAILQ_ENTRY(Wait) entry;
        WaitList *list; /* NULL once answered */
        Grant *grant;
        WaitFn fn;
        void *userdata;
};

int wait_new(WaitList *list, WaitFn fn, void *userdata, Wait **ret) {
        Wait *w;

        w = malloc(sizeof(Wait));
        if (!w)
                return -ENOMEM;

        *w = (Wait){
                .list = list,
                .fn = fn,
                .userdata = userdata,
        };
        TAILQ_INSERT_TAIL(list, w, entry);
        *ret = w;
        return 0;
}

static void wait_leave(Wait *w) {
        if (w->list)
                TAILQ_REMOVE(w->list, w, entry);
        w->list = NULL;
}

Wait *wait_free(Wait *w) {
        if (!w)
                return NULL;

        wait_leave(w);
        grant_unref(w->grant);
        free(w);
        return NULL;
}

Grant *wait_grant(const Wait *w) {
        return w->grant;
}

void wait_list_move(WaitList *from, WaitList *to) {
        Wait *w;

        TAILQ_FOREACH(w, from, entry)
                w->list = to;
        TAILQ_CONCAT(to, from, entry);
}

/* A callback may free other waiters or the list, or join the list again. So the waiters are moved
 * aside first, and taken from the head one at a time. */
static void wait_list_run(WaitList *list, int r, Grant *grant) {
        _cleanup_(grant_unrefp) Grant *held = grant_ref(grant);
        WaitList answered = TAILQ_HEAD_INITIALIZER(answered);
        Wait *w;

        wait_list_move(list, &answered);
        while ((w = TAILQ_FIRST(&answered))) {
                wait_leave(w);
                w->grant = grant_ref(held);
                w->fn(r, w->userdata);
        }
}

void wait_list_answer(WaitList *list, int r) {
        wait_list_run(list, r, NULL);
}

void wait_list_serve(WaitList *list, Grant *grant) {
        wait_list_run(list, 0, grant);
}
