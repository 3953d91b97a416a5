/* SPDX-License-Identifier: MIT */

#include "keeper/wait.h"

struct Wait {
        TAILQ_ENTRY(Wait) entry;
        WaitList *list; /* NULL once answered */
        bool lenient;
        WaitFn fn;
        void *userdata;
};

int wait_new(WaitList *list, bool lenient, WaitFn fn, void *userdata, Wait **ret) {
        Wait *w;

        w = malloc(sizeof(Wait));
        if (!w)
                return -ENOMEM;

        *w = (Wait){
                .list = list,
                .lenient = lenient,
                .fn = fn,
                .userdata = userdata,
        };
        TAILQ_INSERT_TAIL(list, w, entry);
        *ret = w;
        return 0;
}

static void leave(Wait *w) {
        if (w->list)
                TAILQ_REMOVE(w->list, w, entry);
        w->list = NULL;
}

Wait *wait_free(Wait *w) {
        if (!w)
                return NULL;

        leave(w);
        free(w);
        return NULL;
}

void wait_list_answer(WaitList *list, int r, Grant *grant, Grant *lenient_grant) {
        _cleanup_(grant_unrefp) Grant *ours = grant_ref(grant), *lenient = grant_ref(lenient_grant);
        WaitList answered = TAILQ_HEAD_INITIALIZER(answered);
        Wait *w;

        /* A callback may free other waiters, the list, or join it anew: the line is moved aside, and
         * taken from its head, one at a time. The account that owns the grant may go, too. */
        TAILQ_CONCAT(&answered, list, entry);
        TAILQ_FOREACH(w, &answered, entry)
                w->list = &answered;

        while ((w = TAILQ_FIRST(&answered))) {
                leave(w);
                if (r != 0 && w->lenient && lenient)
                        w->fn(0, lenient, w->userdata);
                else
                        w->fn(r, ours, w->userdata);
        }
}
