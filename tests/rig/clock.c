/* SPDX-License-Identifier: MIT */

/*
 * Clocks of its own for the process it is preloaded into: the wall clock, and the clocks that
 * cannot be set, by which a program measures how long it has waited.
 *
 * YADISK_CLOCK_AHEAD says how many seconds the wall clock is ahead of the machine's. If
 * YADISK_CLOCK names a socket, the file of that name with ".ahead" behind it holds two 64-bit
 * numbers instead: the milliseconds that the wall clock is ahead, and those that the other clocks
 * are. They may change at any time, even while the process is stopped. A datagram to the socket
 * then makes timers notice, and is answered by a number in decimal:
 *
 *   set    the wall clock was set
 *   pass   the time has passed
 *   next   nothing has happened; the answer is the milliseconds to the end of the next timer on
 *          the other clocks, or -1 if there is none
 *
 * Timers keep what was asked of them in the terms of these clocks. When the wall clock is set,
 * those with TFD_TIMER_CANCEL_ON_SET end with ECANCELED, as timerfd_create(2) says of the machine's
 * clock.
 *
 * If YADISK_CLOCK_HURRY is set, ppoll() waits for no longer than a moment. When nothing has
 * happened by then, the clocks are put forward to the end of the wait. That is for a program whose
 * wait is in vain.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FDS           4096
#define NSEC_PER_SEC  1000000000L
#define NSEC_PER_MSEC 1000000L
#define MSEC_PER_SEC  1000
#define MOMENT_NSEC   (NSEC_PER_SEC / 4)

/* Milliseconds. */
typedef struct Ahead {
        atomic_llong wall;
        atomic_llong others;
} Ahead;

typedef struct Timer {
        atomic_llong *ahead; /* NULL if the descriptor is no timer of ours */
        bool armed;
        bool cancelled;
        int flags;
        struct itimerspec asked;
} Timer;

static Ahead own;
static Ahead *ahead = &own;
static bool in_a_hurry;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Timer timers[FDS];

#define REAL(function, type) ((type) dlsym(RTLD_NEXT, #function))

typedef int (*ClockGettime)(clockid_t clock, struct timespec *ts);
typedef int (*TimerfdCreate)(int clock, int flags);
typedef int (*TimerfdSettime)(int fd, int flags, const struct itimerspec *new,
                              struct itimerspec *old);
typedef int (*Ppoll)(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
                     const sigset_t *mask);
typedef ssize_t (*Read)(int fd, void *buffer, size_t size);
typedef int (*Close)(int fd);
typedef void (*Wakeup)(void *context);

static ClockGettime real_clock_gettime;
static TimerfdCreate real_timerfd_create;
static TimerfdSettime real_timerfd_settime;
static Ppoll real_ppoll;
static Read real_read;
static Close real_close;

/* Others may ask for the time before our constructor has run. */
static void resolve(void) {
        if (real_close)
                return;

        real_clock_gettime = REAL(clock_gettime, ClockGettime);
        real_timerfd_create = REAL(timerfd_create, TimerfdCreate);
        real_timerfd_settime = REAL(timerfd_settime, TimerfdSettime);
        real_ppoll = REAL(ppoll, Ppoll);
        real_read = REAL(read, Read);
        real_close = REAL(close, Close);
}

/* NULL for those that do not measure time, but the work of a processor. */
static atomic_llong *ahead_of(clockid_t clock) {
        switch (clock) {
        case CLOCK_REALTIME:
        case CLOCK_REALTIME_COARSE:
        case CLOCK_REALTIME_ALARM:
                return &ahead->wall;
        case CLOCK_MONOTONIC:
        case CLOCK_MONOTONIC_RAW:
        case CLOCK_MONOTONIC_COARSE:
        case CLOCK_BOOTTIME:
        case CLOCK_BOOTTIME_ALARM:
                return &ahead->others;
        default:
                return NULL;
        }
}

static void add(struct timespec *ts, long long msec) {
        ts->tv_sec += msec / MSEC_PER_SEC;
        ts->tv_nsec += msec % MSEC_PER_SEC * NSEC_PER_MSEC;
        if (ts->tv_nsec < 0) {
                ts->tv_sec--;
                ts->tv_nsec += NSEC_PER_SEC;
        } else if (ts->tv_nsec >= NSEC_PER_SEC) {
                ts->tv_sec++;
                ts->tv_nsec -= NSEC_PER_SEC;
        }
}

int clock_gettime(clockid_t clock, struct timespec *ts) {
        atomic_llong *msec = ahead_of(clock);
        int r;

        resolve();
        r = real_clock_gettime(clock, ts);
        if (r == 0 && msec)
                add(ts, atomic_load(msec));
        return r;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
        struct timespec ts;

        (void) zone;
        (void) clock_gettime(CLOCK_REALTIME, &ts);
        *tv = (struct timeval){ .tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / 1000 };
        return 0;
}

time_t time(time_t *ret) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        if (ret)
                *ret = ts.tv_sec;
        return ts.tv_sec;
}

static Timer *find(int fd) {
        return fd >= 0 && fd < FDS && timers[fd].ahead ? &timers[fd] : NULL;
}

int timerfd_create(int clock, int flags) {
        int fd;

        resolve();
        fd = real_timerfd_create(clock, flags);
        if (fd >= 0 && fd < FDS) {
                pthread_mutex_lock(&lock);
                timers[fd] = (Timer){ .ahead = ahead_of(clock) };
                pthread_mutex_unlock(&lock);
        }
        return fd;
}

/* It ends at once if that time is over. */
static int arm(int fd, const Timer *t, struct itimerspec *old) {
        struct itimerspec its = t->asked;

        add(&its.it_value, -atomic_load(t->ahead));
        if (its.it_value.tv_sec < 0 || t->cancelled)
                its.it_value = (struct timespec){ .tv_nsec = 1 };
        return real_timerfd_settime(fd, t->cancelled ? TFD_TIMER_ABSTIME : t->flags, &its, old);
}

/* Of relative times, which nothing here asks for, the real ones are kept. */
int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
        bool armed = new->it_value.tv_sec != 0 || new->it_value.tv_nsec != 0;
        Timer *t;
        int r;

        resolve();
        pthread_mutex_lock(&lock);
        t = find(fd);
        if (t)
                *t = (Timer){ .ahead = t->ahead, .flags = flags, .asked = *new };
        if (t && armed && (flags & TFD_TIMER_ABSTIME)) {
                t->armed = true;
                r = arm(fd, t, old);
        } else
                r = real_timerfd_settime(fd, flags, new, old);
        pthread_mutex_unlock(&lock);
        return r;
}

ssize_t read(int fd, void *buffer, size_t size) {
        bool cancelled = false;
        ssize_t n;
        Timer *t;

        resolve();
        n = real_read(fd, buffer, size);
        if (n < 0)
                return n;

        pthread_mutex_lock(&lock);
        t = find(fd);
        if (t) {
                cancelled = t->cancelled;
                t->cancelled = t->armed = false;
        }
        pthread_mutex_unlock(&lock);
        if (!cancelled)
                return n;

        errno = ECANCELED;
        return -1;
}

int close(int fd) {
        resolve();
        pthread_mutex_lock(&lock);
        if (fd >= 0 && fd < FDS)
                timers[fd] = (Timer){};
        pthread_mutex_unlock(&lock);
        return real_close(fd);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask) {
        const struct timespec moment = { .tv_nsec = MOMENT_NSEC };
        int r;

        resolve();
        if (!in_a_hurry || !timeout || (timeout->tv_sec == 0 && timeout->tv_nsec <= MOMENT_NSEC))
                return real_ppoll(fds, n, timeout, mask);

        r = real_ppoll(fds, n, &moment, mask);
        if (r == 0) {
                atomic_fetch_add(&own.others, (timeout->tv_sec + 1) * MSEC_PER_SEC);
                atomic_fetch_add(&own.wall, (timeout->tv_sec + 1) * MSEC_PER_SEC);
        }
        return r;
}

static void notice(bool set) {
        Wakeup wakeup = (Wakeup) dlsym(RTLD_DEFAULT, "g_main_context_wakeup");

        pthread_mutex_lock(&lock);
        for (int fd = 0; fd < FDS; fd++) {
                Timer *t = find(fd);

                if (!t || !t->armed)
                        continue;
                t->cancelled = t->cancelled || (set && (t->flags & TFD_TIMER_CANCEL_ON_SET));
                (void) arm(fd, t, NULL);
        }
        pthread_mutex_unlock(&lock);

        /* GLib's timers are a poll() with a timeout. */
        if (wakeup)
                wakeup(NULL);
}

static long long find_next(void) {
        long long next = -1;
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        pthread_mutex_lock(&lock);
        for (int fd = 0; fd < FDS; fd++) {
                Timer *t = find(fd);
                long long left;

                if (!t || !t->armed || t->ahead != &ahead->others)
                        continue;
                left = (t->asked.it_value.tv_sec - now.tv_sec) * MSEC_PER_SEC +
                       (t->asked.it_value.tv_nsec - now.tv_nsec) / NSEC_PER_MSEC;
                if (next < 0 || left < next)
                        next = left < 0 ? 0 : left;
        }
        pthread_mutex_unlock(&lock);
        return next;
}

/* Returns the answer. */
static long long obey(const char *command) {
        if (strcmp(command, "next") == 0)
                return find_next();

        notice(strcmp(command, "set") == 0);
        return 0;
}

static void *serve(void *userdata) {
        int fd = (int) (intptr_t) userdata;
        struct sockaddr_un peer;
        char command[64], answer[64];

        for (;;) {
                socklen_t size = sizeof(peer);
                ssize_t n = recvfrom(fd, command, sizeof(command) - 1, 0, (struct sockaddr *) &peer,
                                     &size);

                if (n < 0)
                        continue;
                command[n] = '\0';
                n = snprintf(answer, sizeof(answer), "%lld", obey(command));
                (void) sendto(fd, answer, (size_t) n, MSG_NOSIGNAL, (struct sockaddr *) &peer,
                              size);
        }
        return NULL;
}
static void map(const char *path) {
        char name[4096];
        int fd;

        (void) snprintf(name, sizeof(name), "%s.ahead", path);
        fd = open(name, O_RDONLY | O_CLOEXEC);
        ahead = mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);
        if (ahead == MAP_FAILED)
                abort();
        (void) real_close(fd);
}

static void listen_at(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sigset_t all, before;
        pthread_t thread;

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        (void) unlink(path);
        if (bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                abort();

        /* Signals are the program's. */
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        if (pthread_create(&thread, NULL, serve, (void *) (intptr_t) fd) != 0)
                abort();
        pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor)) static void begin(void) {
        const char *first = getenv("YADISK_CLOCK_AHEAD"), *path = getenv("YADISK_CLOCK");

        resolve();
        in_a_hurry = getenv("YADISK_CLOCK_HURRY") != NULL;
        if (first)
                atomic_store(&own.wall, atoll(first) * MSEC_PER_SEC);
        if (path) {
                map(path);
                listen_at(path);
        }
}
