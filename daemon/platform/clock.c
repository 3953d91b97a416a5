/* SPDX-License-Identifier: MIT */

#include "platform/clock.h"

#include <assert.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#define USEC_PER_SEC  UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)
#define NSEC_PER_MSEC 1000000

/* An alarm may be so late, so that the machine can wake up once for several. */
#define ACCURACY_USEC (100 * USEC_PER_MSEC)

/* Later than any clock shows; its microseconds still fit. */
#define AT_MAX (INT64_C(1) << 43)

struct Alarm {
        AlarmFn fn;
        void *userdata;
        sd_event *event;
        const char *description;
        sd_event_source *source; /* NULL if the alarm was never set, or was turned off */
};

struct ClockWatch {
        void (*fn)(void *userdata);
        void *userdata;
        int fd;
        sd_event_source *source;
};

/* Not time(2), which may lag a tick behind the clock that timers go by. */
int64_t clock_now(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        return (int64_t) ts.tv_sec;
}

int64_t clock_monotonic_ms(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / NSEC_PER_MSEC;
}

static int alarm_on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        Alarm *a = userdata;

        a->fn(a->userdata);
        return 0;
}

int alarm_new(sd_event *event, const char *description, AlarmFn fn, void *userdata, Alarm **ret) {
        Alarm *a;

        a = malloc(sizeof(Alarm));
        if (!a)
                return -ENOMEM;

        *a = (Alarm){
                .fn = fn,
                .userdata = userdata,
                .event = sd_event_ref(event),
                .description = description,
        };
        *ret = a;
        return 0;
}

Alarm *alarm_free(Alarm *a) {
        if (!a)
                return NULL;

        alarm_off(a);
        sd_event_unref(a->event);
        free(a);
        return NULL;
}

/* A new source each time: the clock of a source cannot be changed. */
static int alarm_arm(Alarm *a, clockid_t clock, uint64_t usec) {
        int r;

        alarm_off(a);
        r = sd_event_add_time(a->event, &a->source, clock, usec, ACCURACY_USEC, alarm_on_time, a);
        return r < 0 ? r : MIN_OF(sd_event_source_set_description(a->source, a->description), 0);
}

int alarm_set_at(Alarm *a, int64_t at) {
        uint64_t seconds = (uint64_t) MIN_OF(MAX_OF(at, 0), AT_MAX);

        return alarm_arm(a, CLOCK_REALTIME, seconds * USEC_PER_SEC);
}

int alarm_set_after(Alarm *a, uint64_t delay_ms) {
        uint64_t now = (uint64_t) clock_monotonic_ms();

        return alarm_arm(a, CLOCK_MONOTONIC, (now + delay_ms) * USEC_PER_MSEC);
}

void alarm_off(Alarm *a) {
        a->source = sd_event_source_disable_unref(a->source);
}

/* The kernel cancels this timer whenever the wall clock jumps, also at a resume (timerfd_create(2),
 * TFD_TIMER_CANCEL_ON_SET). It is set so far ahead that it never fires. */
static int clock_watch_arm(int fd) {
        struct itimerspec never = {
                .it_value.tv_sec = (time_t) (INT64_MAX / (INT64_C(1000) * NSEC_PER_MSEC)),
        };

        if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0)
                return -errno;
        return 0;
}

static int clock_watch_on_set(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        ClockWatch *w = userdata;
        uint64_t expirations;
        int r;

        if (read(fd, &expirations, sizeof(expirations)) < 0 && errno == EAGAIN)
                return 0;

        r = clock_watch_arm(fd);
        if (r < 0)
                return r;

        w->fn(w->userdata);
        return 0;
}

int clock_watch_new(sd_event *event, void (*fn)(void *userdata), void *userdata, ClockWatch **ret) {
        _cleanup_(clock_watch_freep) ClockWatch *w = NULL;
        int r;

        w = malloc(sizeof(ClockWatch));
        if (!w)
                return -ENOMEM;

        *w = (ClockWatch){
                .fn = fn,
                .userdata = userdata,
                .fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC),
        };
        if (w->fd < 0)
                return -errno;

        r = clock_watch_arm(w->fd);
        if (r == 0)
                r = sd_event_add_io(event, &w->source, w->fd, EPOLLIN, clock_watch_on_set, w);
        if (r < 0)
                return r;

        (void) sd_event_source_set_description(w->source, "clock-watch");
        *ret = TAKE_PTR(w);
        return 0;
}

ClockWatch *clock_watch_free(ClockWatch *w) {
        if (!w)
                return NULL;

        sd_event_source_disable_unref(w->source);
        (void) fd_close(w->fd);
        free(w);
        return NULL;
}
