/* SPDX-License-Identifier: MIT */

/* sd-event and GLib in one loop: both are served, neither starves or forgets the other. */

#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "common/util.h"
#include "platform/loop.h"

#undef NDEBUG
#include <assert.h>

/* A loop that forgot somebody waits for ever. */
#define GIVE_UP_S 30

#define EXIT_CODE 42

static sd_event *event;

static void begin(void) {
        assert(sd_event_new(&event) >= 0);
}

static void end(void) {
        event = sd_event_unref(event);
        while (g_main_context_iteration(NULL, FALSE))
                ;
}

static void run(void) {
        int code = -1;

        assert(loop_run(event, &code) == 0);
        assert(code == EXIT_CODE);
        assert(sd_event_get_state(event) == SD_EVENT_FINISHED);
}

static int on_defer_exit(sd_event_source *source, void *userdata) {
        return sd_event_exit(event, EXIT_CODE);
}

static gboolean on_glib_exit(void *userdata) {
        assert(sd_event_exit(event, EXIT_CODE) >= 0);
        return G_SOURCE_REMOVE;
}

static int on_timer_exit(sd_event_source *source, uint64_t usec, void *userdata) {
        return sd_event_exit(event, EXIT_CODE);
}

static void exit_after_ms(uint64_t ms) {
        assert(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, ms * 1000, 1, on_timer_exit,
                                          NULL) >= 0);
}

static void test_exit_from_event(void) {
        begin();
        assert(sd_event_add_defer(event, NULL, on_defer_exit, NULL) >= 0);
        run();
        end();
}

static void test_exit_from_glib(void) {
        begin();
        g_idle_add(on_glib_exit, NULL);
        run();
        end();
}

static void test_exit_before_run(void) {
        begin();
        assert(sd_event_exit(event, EXIT_CODE) >= 0);
        run();
        end();
}

static int on_exit_count(sd_event_source *source, void *userdata) {
        (*(unsigned *) userdata)++;
        return 0;
}

static void test_exit_sources_run(void) {
        unsigned n = 0;

        begin();
        assert(sd_event_add_exit(event, NULL, on_exit_count, &n) >= 0);
        assert(sd_event_add_exit(event, NULL, on_exit_count, &n) >= 0);
        exit_after_ms(1);
        run();
        assert(n == 2);
        end();
}

static void test_two_runs(void) {
        test_exit_from_event();
        test_exit_from_event();
}

static int on_signal_exit(sd_event_source *source, const struct signalfd_siginfo *info,
                          void *userdata) {
        assert(info->ssi_signo == SIGUSR1);
        return sd_event_exit(event, EXIT_CODE);
}

static void test_signal(void) {
        sigset_t mask;

        sigemptyset(&mask);
        sigaddset(&mask, SIGUSR1);
        assert(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
        begin();
        assert(sd_event_add_signal(event, NULL, SIGUSR1, on_signal_exit, NULL) >= 0);
        assert(raise(SIGUSR1) == 0);
        run();
        end();
}

/* Everybody at once: counts what was served until all have had enough. */

#define ENOUGH 200

typedef enum Kind {
        TIMER,
        IO,
        DEFER,
        IDLE,
        TIMEOUT,
        URGENT,
        _KIND_MAX
} Kind;

static unsigned served[_KIND_MAX];
static int ends[2];

static bool all_served(void) {
        for (Kind k = 0; k < _KIND_MAX; k++)
                if (served[k] < ENOUGH)
                        return false;
        return true;
}

static void serve(Kind k) {
        served[k]++;
        if (all_served() && event && sd_event_get_state(event) != SD_EVENT_FINISHED)
                assert(sd_event_exit(event, EXIT_CODE) >= 0);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        serve(TIMER);
        assert(sd_event_source_set_time_relative(source, 50) >= 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        char byte;

        assert(read(fd, &byte, 1) == 1);
        serve(IO);
        return 0;
}

static int on_defer(sd_event_source *source, void *userdata) {
        serve(DEFER);
        return 0;
}

/* Each turn of GLib's gives sd-event something to do. */
static gboolean on_idle(void *userdata) {
        assert(write(ends[1], "x", 1) == 1);
        serve(IDLE);
        return G_SOURCE_CONTINUE;
}

static gboolean on_timeout(void *userdata) {
        sd_event_source *defer = userdata;

        assert(sd_event_source_set_enabled(defer, SD_EVENT_ONESHOT) >= 0);
        serve(TIMEOUT);
        return G_SOURCE_CONTINUE;
}

/* Ready so often, and so early, that the sd-event is seldom checked after it was prepared. */
static gboolean on_urgent(void *userdata) {
        serve(URGENT);
        return served[URGENT] % 3 != 0;
}

static gboolean on_urgent_again(void *userdata) {
        g_idle_add_full(G_PRIORITY_HIGH, on_urgent, NULL, NULL);
        return G_SOURCE_CONTINUE;
}

static void test_all_are_served(void) {
        sd_event_source *defer = NULL;
        unsigned sources[3];

        begin();
        memset(served, 0, sizeof(served));
        assert(pipe(ends) == 0);
        assert(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, 0, 1, on_timer, NULL) >= 0);
        assert(sd_event_add_io(event, NULL, ends[0], EPOLLIN, on_io, NULL) >= 0);
        assert(sd_event_add_defer(event, &defer, on_defer, NULL) >= 0);
        sources[0] = g_idle_add(on_idle, NULL);
        sources[1] = g_timeout_add(1, on_timeout, defer);
        sources[2] = g_timeout_add(1, on_urgent_again, NULL);
        run();

        for (size_t i = 0; i < ELEMENTSOF(sources); i++)
                g_source_remove(sources[i]);
        sd_event_source_unref(defer);
        end();
        (void) close(ends[0]);
        (void) close(ends[1]);
}

/* The race: a GLib source of high priority is ready after the sd-event was prepared, so that GLib
 * does not check the latter; what the callback then sets must be seen although nothing wakes the
 * poll. */

typedef enum Wish {
        WISH_DEFER,
        WISH_TIMER,
        WISH_EXIT,
        _WISH_MAX
} Wish;

static gboolean on_urgent_wish(void *userdata) {
        switch ((Wish) GPOINTER_TO_INT(userdata)) {
        case WISH_DEFER:
                assert(sd_event_add_defer(event, NULL, on_defer_exit, NULL) >= 0);
                break;
        case WISH_TIMER:
                exit_after_ms(1);
                break;
        case WISH_EXIT:
                assert(sd_event_exit(event, EXIT_CODE) >= 0);
                break;
        case _WISH_MAX:
                assert(false);
        }
        return G_SOURCE_REMOVE;
}

static void test_wish_of_urgent_source(void) {
        for (Wish w = 0; w < _WISH_MAX; w++)
                for (unsigned ms = 0; ms < 3; ms++) {
                        begin();
                        g_timeout_add_full(G_PRIORITY_HIGH, ms, on_urgent_wish, GINT_TO_POINTER(w),
                                           NULL);
                        run();
                        end();
                }
}

/* Other threads wake GLib's context at any moment, as GIO's do. */

#define WAKE_UPS 20000

static gboolean on_woken(void *userdata) {
        unsigned *n = userdata;

        if (++*n < WAKE_UPS)
                return G_SOURCE_REMOVE;
        assert(sd_event_add_defer(event, NULL, on_defer_exit, NULL) >= 0);
        return G_SOURCE_REMOVE;
}

static void *wake(void *userdata) {
        for (unsigned i = 0; i < WAKE_UPS; i++)
                g_main_context_invoke_full(NULL, i % 2 ? G_PRIORITY_HIGH : G_PRIORITY_DEFAULT,
                                           on_woken, userdata, NULL);
        return NULL;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        assert(sd_event_source_set_time_relative(source, 20) >= 0);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void test_woken_by_thread(void) {
        unsigned n = 0;
        GThread *thread;

        begin();
        assert(sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC, 0, 1, on_tick, NULL) >= 0);
        g_main_context_acquire(NULL);
        thread = g_thread_new("wake", wake, &n);
        run();
        g_thread_join(thread);
        g_main_context_release(NULL);
        assert(n == WAKE_UPS);
        end();
}

/* What GLib has closed has a number that others may have at once. */

static int reused_fd;

static int on_readable_exit(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        return sd_event_exit(event, EXIT_CODE);
}

static gboolean on_write(void *userdata) {
        assert(write(reused_fd, "x", 1) == 1);
        return G_SOURCE_REMOVE;
}

static gboolean on_glib_readable(int fd, GIOCondition condition, void *userdata) {
        int pair[2];

        (void) close(fd);
        assert(pipe(pair) == 0);
        assert(pair[0] == fd);
        reused_fd = pair[1];
        assert(sd_event_add_io(event, NULL, fd, EPOLLIN, on_readable_exit, NULL) >= 0);
        g_timeout_add(1, on_write, NULL);
        return G_SOURCE_REMOVE;
}

static void test_number_is_reused(void) {
        begin();
        assert(pipe(ends) == 0);
        assert(write(ends[1], "x", 1) == 1);
        g_unix_fd_add(ends[0], G_IO_IN, on_glib_readable, NULL);
        run();
        end();
        (void) close(ends[0]);
        (void) close(ends[1]);
        (void) close(reused_fd);
}

static gboolean on_closed(int fd, GIOCondition condition, void *userdata) {
        return G_SOURCE_CONTINUE;
}

/* As another thread does that takes its source back while we ask for what is to be polled. No other
 * descriptor gets so high a number. */
static void test_descriptor_is_closed_already(void) {
        unsigned source;
        int fd;

        begin();
        fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 500);
        assert(fd >= 0);
        source = g_unix_fd_add(fd, G_IO_IN, on_closed, NULL);
        assert(close(fd) == 0);
        exit_after_ms(1);
        run();
        assert(g_source_remove(source));
        end();
}

/* What is ready in each turn does not keep GLib's times from coming. */

static int on_always_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        return 0;
}

static void test_time_comes_though_others_are_busy(void) {
        begin();
        assert(pipe(ends) == 0);
        assert(write(ends[1], "x", 1) == 1);
        assert(sd_event_add_io(event, NULL, ends[0], EPOLLIN, on_always_readable, NULL) >= 0);
        g_timeout_add(1, on_glib_exit, NULL);
        run();
        end();
        (void) close(ends[0]);
        (void) close(ends[1]);
}

static int on_failure(sd_event_source *source, void *userdata) {
        return -EIO;
}

/* A source that fails ends the loop where it was told to, with its error as the code. */
static void test_exit_on_failure(void) {
        sd_event_source *source = NULL;
        int code = 0;

        begin();
        assert(sd_event_add_defer(event, &source, on_failure, NULL) >= 0);
        assert(sd_event_source_set_exit_on_failure(source, true) >= 0);
        assert(loop_run(event, &code) == 0);
        assert(code == -EIO);
        sd_event_source_unref(source);
        end();
}

int main(void) {
        (void) alarm(GIVE_UP_S);
        test_exit_from_event();
        test_exit_from_glib();
        test_exit_before_run();
        test_exit_sources_run();
        test_two_runs();
        test_signal();
        test_all_are_served();
        test_wish_of_urgent_source();
        test_woken_by_thread();
        test_number_is_reused();
        test_descriptor_is_closed_already();
        test_time_comes_though_others_are_busy();
        test_exit_on_failure();
        return EXIT_SUCCESS;
}
