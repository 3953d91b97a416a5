/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <malloc.h>
#include <sys/epoll.h>

#include "yandex/http-private.h"

/* The default of 250 ms is too coarse for a connection. */
#define TIMER_ACCURACY_USEC 1000U

#define RUNNING_MAX 8U

static bool http_loop_is_over(const HttpLoop *l) {
        return sd_event_get_state(l->event) == SD_EVENT_FINISHED;
}

/* Completions are collected after each step, but from the loop, where a callback may do
 * anything. */
static void http_loop_step(HttpLoop *l, curl_socket_t fd, int action) {
        int running;

        if (http_loop_is_over(l))
                return;

        (void) sym_curl_multi_socket_action(l->multi, fd, action, &running);
        (void) sd_event_source_set_enabled(l->drain, SD_EVENT_ONESHOT);
}

static uint64_t http_loop_now(const HttpLoop *l) {
        uint64_t now = 0;

        (void) sd_event_now(l->event, CLOCK_BOOTTIME, &now);
        return now;
}

/* Whether a transfer may begin. If so, the caller has to begin it. */
static bool http_loop_claim_turn(HttpLoop *l, bool due) {
        if (l->n_running >= RUNNING_MAX || !budget_take(&l->budget, http_loop_now(l), due))
                return false;

        l->n_running++;
        return true;
}

static CURL *http_loop_take_waiting(HttpLoop *l, size_t i) {
        CURL *easy = l->waiting[i];

        l->n_waiting--;
        if (i < l->n_waiting_due)
                l->n_waiting_due--;
        memmove(&l->waiting[i], &l->waiting[i + 1], (l->n_waiting - i) * sizeof(CURL *));
        return easy;
}

static int http_loop_add_waiting(HttpLoop *l, CURL *easy, bool due) {
        size_t i = due ? l->n_waiting_due : l->n_waiting;
        CURL **waiting = reallocarray(l->waiting, l->n_waiting + 1, sizeof(CURL *));

        if (!waiting)
                return -ENOMEM;

        l->waiting = waiting;
        memmove(&waiting[i + 1], &waiting[i], (l->n_waiting - i) * sizeof(CURL *));
        waiting[i] = easy;
        l->n_waiting++;
        if (due)
                l->n_waiting_due++;
        return 0;
}

static int http_loop_make_multi(HttpLoop *l);

static CURLMcode http_loop_begin(HttpLoop *l, CURL *easy) {
        if (!l->multi && http_loop_make_multi(l) < 0)
                return CURLM_OUT_OF_MEMORY;
        return sym_curl_multi_add_handle(l->multi, easy);
}

/* The turns come by time only if something waits and nothing else has to end first. */
static void http_loop_await_turn(HttpLoop *l) {
        if (l->n_waiting == 0 || l->n_running >= RUNNING_MAX) {
                (void) sd_event_source_set_enabled(l->turn, SD_EVENT_OFF);
                return;
        }

        (void) sd_event_source_set_time(l->turn, budget_next(&l->budget, l->n_waiting_due > 0));
        (void) sd_event_source_set_enabled(l->turn, SD_EVENT_ONESHOT);
}

/* A transfer that cannot begin is reported as done. */
static void http_loop_start_waiting(HttpLoop *l) {
        while (l->n_waiting > 0 && http_loop_claim_turn(l, l->n_waiting_due > 0)) {
                CURL *easy = http_loop_take_waiting(l, 0);

                if (http_loop_begin(l, easy) != CURLM_OK)
                        http_call_on_done(easy, CURLE_OUT_OF_MEMORY);
        }
        http_loop_await_turn(l);
}

static int http_loop_on_drain(sd_event_source *source, void *userdata) {
        HttpLoop *l = userdata;
        const CURLMsg *message;
        int left;

        /* Removing a transfer takes its message off the queue, so the call may remove any. */
        while ((message = sym_curl_multi_info_read(l->multi, &left)))
                if (message->msg == CURLMSG_DONE)
                        http_call_on_done(message->easy_handle, message->data.result);

        http_loop_start_waiting(l);
        return 0;
}

/* Idle work. libcurl keeps the last answer in a buffer of the multi handle (8.23 does). malloc() by
 * itself does not give back free memory that lies between blocks in use. */
static int http_loop_on_tidy(sd_event_source *source, void *userdata) {
        HttpLoop *l = userdata;

        if (l->n_running > 0)
                return 0;
        if (l->multi)
                (void) sym_curl_multi_cleanup(TAKE_PTR(l->multi));
        (void) malloc_trim(0);
        return 0;
}

static int http_loop_on_turn(sd_event_source *source, uint64_t usec, void *userdata) {
        http_loop_start_waiting(userdata);
        return 0;
}

static int http_loop_on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        http_loop_step(userdata, CURL_SOCKET_TIMEOUT, 0);
        return 0;
}

static int http_loop_on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        int in = revents & EPOLLIN ? CURL_CSELECT_IN : 0;
        int out = revents & EPOLLOUT ? CURL_CSELECT_OUT : 0;
        int error = revents & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0;

        http_loop_step(userdata, fd, in | out | error);
        return 0;
}

/* CURL_POLL_INOUT is both. */
static uint32_t http_loop_epoll_events(int what) {
        return (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
}

/* If a source cannot be made, the transfer ends at its deadline. To report the failure here would
 * end the multi handle, and with it every transfer to come. */
static int http_loop_on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata,
                               void *socket_data) {
        sd_event_source *source = socket_data;
        HttpLoop *l = userdata;

        if (what == CURL_POLL_REMOVE) {
                (void) sd_event_source_disable_unref(source);
                (void) sym_curl_multi_assign(l->multi, fd, NULL);
                return 0;
        }

        if (http_loop_is_over(l))
                return 0;
        if (source) {
                (void) sd_event_source_set_io_events(source, http_loop_epoll_events(what));
                return 0;
        }

        if (sd_event_add_io(l->event, &source, fd, http_loop_epoll_events(what), http_loop_on_io,
                            l) < 0)
                return 0;
        (void) sd_event_source_set_description(source, "http-socket");
        (void) sym_curl_multi_assign(l->multi, fd, source);
        return 0;
}

static int http_loop_on_curl_timer(CURLM *multi, long timeout_ms, void *userdata) {
        HttpLoop *l = userdata;

        if (http_loop_is_over(l))
                return 0;
        if (timeout_ms < 0) {
                (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
                return 0;
        }

        (void) sd_event_source_set_time_relative(l->timer, (uint64_t) timeout_ms * 1000U);
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
        return 0;
}

static int http_loop_make_sources(HttpLoop *l) {
        int r;

        r = sd_event_add_time(l->event, &l->timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC,
                              http_loop_on_timer, l);
        if (r >= 0)
                r = sd_event_add_time(l->event, &l->turn, CLOCK_BOOTTIME, 0, 0, http_loop_on_turn,
                                      l);
        if (r >= 0)
                r = sd_event_add_defer(l->event, &l->drain, http_loop_on_drain, l);
        if (r >= 0)
                r = sd_event_add_defer(l->event, &l->tidy, http_loop_on_tidy, l);
        if (r < 0)
                return r;

        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(l->turn, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(l->drain, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(l->tidy, SD_EVENT_OFF);
        (void) sd_event_source_set_priority(l->tidy, SD_EVENT_PRIORITY_IDLE);
        (void) sd_event_source_set_description(l->timer, "http-timer");
        (void) sd_event_source_set_description(l->turn, "http-turn");
        (void) sd_event_source_set_description(l->drain, "http-drain");
        (void) sd_event_source_set_description(l->tidy, "http-tidy");
        return 0;
}

static int http_loop_make_multi(HttpLoop *l) {
        CURLM *multi = sym_curl_multi_init();

        if (!multi)
                return -ENOMEM;

        if (sym_curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, http_loop_on_socket) !=
                    CURLM_OK ||
            sym_curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, l) != CURLM_OK ||
            sym_curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, http_loop_on_curl_timer) !=
                    CURLM_OK ||
            sym_curl_multi_setopt(multi, CURLMOPT_TIMERDATA, l) != CURLM_OK) {
                (void) sym_curl_multi_cleanup(multi);
                return -EIO;
        }

#if LIBCURL_VERSION_NUM >= 0x081400
        /* Since this version the resolver's threads belong to the multi handle, whose end would
         * wait for them: see CURLOPT_QUICK_EXIT in http.c. */
        (void) sym_curl_multi_setopt(multi, CURLMOPT_QUICK_EXIT, 1L);
#endif
        l->multi = multi;
        return 0;
}

int http_loop_init(HttpLoop *l, sd_event *event) {
        *l = (HttpLoop){
                .event = sd_event_ref(event),
                .budget = budget_new(BUDGET_INTERVAL_USEC),
        };
        return http_loop_make_sources(l);
}

int http_loop_add(HttpLoop *l, CURL *easy, bool due) {
        size_t n_before = due ? l->n_waiting_due : l->n_waiting;
        int r;

        if (n_before > 0 || !http_loop_claim_turn(l, due)) {
                r = http_loop_add_waiting(l, easy, due);
                http_loop_await_turn(l);
                return r;
        }
        if (http_loop_begin(l, easy) == CURLM_OK)
                return 0;

        l->n_running--;
        return -ENOMEM;
}

bool http_loop_is_over_budget(const HttpLoop *l) {
        /* After a cancelled transfer others wait for the loop alone. */
        return l->n_waiting > 0 && l->n_running < RUNNING_MAX &&
               budget_next(&l->budget, false) > http_loop_now(l);
}

void http_loop_remove(HttpLoop *l, CURL *easy) {
        for (size_t i = 0; i < l->n_waiting; i++)
                if (l->waiting[i] == easy) {
                        (void) http_loop_take_waiting(l, i);
                        http_loop_await_turn(l);
                        return;
                }

        (void) sym_curl_multi_remove_handle(l->multi, easy);
        assert(l->n_running > 0);
        l->n_running--;
        (void) sd_event_source_set_enabled(l->n_waiting > 0 ? l->drain : l->tidy, SD_EVENT_ONESHOT);
}

void http_loop_set_budget(HttpLoop *l, uint64_t interval_usec) {
        l->budget = budget_new(interval_usec);
        http_loop_await_turn(l);
}

void http_loop_done(HttpLoop *l) {
        if (l->multi)
                (void) sym_curl_multi_cleanup(l->multi);
        (void) sd_event_source_disable_unref(l->tidy);
        (void) sd_event_source_disable_unref(l->drain);
        (void) sd_event_source_disable_unref(l->turn);
        (void) sd_event_source_disable_unref(l->timer);
        free(l->waiting);
        (void) sd_event_unref(l->event);
}
