/* SPDX-License-Identifier: MIT */

/*
 * Preloaded into the daemon: recognises the steps of a refresh by the library calls that the daemon
 * makes for them, logs them, and dies of SIGKILL at the one it was ordered to die at, or stands
 * still there. The daemon has no part in this and is the binary that gets installed.
 *
 * Without CHAOS_LOG in the environment, or with a file there that is not ours, it does nothing.
 */

#include "killer.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Between two looks whether it may go on. */
#define HELD_USEC 1000

/* Of a grant; what else the daemon keeps in the store is no step of its own. */
#define REMOVES "FDSTOREREMOVE=1\nFDNAME=account-"

/* The C library's, for which dlsym() itself cannot be asked, as we stand in for it. */
static void *next_dlsym(void *library, const char *name) {
        /* The symbol has been in the C library since 2.34. */
        static const char *const versions[] = { "GLIBC_2.34" };
        static __typeof__(&dlsym) next;

        for (size_t i = 0; !next && i < sizeof(versions) / sizeof(versions[0]); i++)
                next = (__typeof__(&dlsym)) dlvsym(RTLD_NEXT, "dlsym", versions[i]);
        return next ? next(library, name) : NULL;
}

/* The next definition of the function we stand in for. */
#define NEXT(function) ((__typeof__(&function)) next_dlsym(RTLD_NEXT, #function))

static KillerLog *killer_log;

/* A call to write to the keyring, whose answer is a step. */
typedef struct Write {
        GAsyncReadyCallback fn;
        void *userdata;
} Write;

__attribute__((constructor)) static void open_log(void) {
        const char *path = getenv("CHAOS_LOG");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *mapped;

        if (fd < 0)
                return;

        mapped = mmap(NULL, sizeof(KillerLog), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void) close(fd);
        if (mapped == MAP_FAILED || ((KillerLog *) mapped)->magic != KILLER_MAGIC)
                return;

        killer_log = mapped;
        killer_log->lives++;
        killer_log->last = STEP_NONE;
        killer_log->held = STEP_NONE;
}

static int64_t now_ns(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static bool is_ordered(Step step) {
        return killer_log->die_at == step && --killer_log->occurrence == 0;
}

static void stand_still(Step step) {
        volatile uint32_t *held = &killer_log->held;

        *held = step;
        while (*held != STEP_NONE)
                (void) usleep(HELD_USEC);
}

static void reach(Step step) {
        if (!killer_log)
                return;

        killer_log->last = step;
        killer_log->n[step]++;
        killer_log->at_ns[step] = now_ns();
        if (!is_ordered(step))
                return;

        killer_log->die_at = STEP_NONE;
        if (killer_log->hold) {
                stand_still(step);
                return;
        }

        killer_log->suicides++;
        (void) kill(getpid(), SIGKILL);
        (void) pause();
}

/* A step counts only where those before it were taken: libraries make the same calls for reasons of
 * their own, and a sign-in is no refresh. */
static void reach_from(Step step, Step first, Step last) {
        if (killer_log && killer_log->last >= first && killer_log->last <= last)
                reach(step);
}

static bool is_token_transfer(CURL *easy) {
        const char *url = NULL;
        size_t length;

        if (curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || !url)
                return false;

        length = strlen(url);
        return length >= strlen("/token") && strcmp(url + length - strlen("/token"), "/token") == 0;
}

static CURLMcode add_handle(CURLM *multi, CURL *easy) {
        CURLMcode code = curl_multi_add_handle(multi, easy);

        if (is_token_transfer(easy))
                reach(STEP_REQUESTED);
        return code;
}

/* Of OpenSSL, as libcurl calls it: the handshake, too, is over only when this returns bytes. */
EXPORT int SSL_read(void *ssl, void *bytes, int size);
EXPORT int SSL_read(void *ssl, void *bytes, int size) {
        int n = NEXT(SSL_read)(ssl, bytes, size);

        if (n > 0)
                reach_from(STEP_READING, STEP_REQUESTED, STEP_REQUESTED);
        return n;
}

static CURLMsg *info_read(CURLM *multi, int *left) {
        CURLMsg *message = curl_multi_info_read(multi, left);
        long status = 0;

        if (!killer_log || !message || message->msg != CURLMSG_DONE ||
            !is_token_transfer(message->easy_handle))
                return message;

        (void) curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        if (message->data.result == CURLE_OK && status == 200) {
                killer_log->received++;
                reach(STEP_RECEIVED);
        } else
                killer_log->last = STEP_NONE;
        return message;
}

/* The daemon looks up libcurl's functions by name. */
EXPORT void *dlsym(void *library, const char *name) {
        if (strcmp(name, "curl_multi_add_handle") == 0)
                return (void *) add_handle;
        if (strcmp(name, "curl_multi_info_read") == 0)
                return (void *) info_read;
        return next_dlsym(library, name);
}

EXPORT int memfd_create(const char *name, unsigned flags) {
        reach_from(STEP_MEMFD, STEP_RECEIVED, STEP_RECEIVED);
        return NEXT(memfd_create)(name, flags);
}

EXPORT int sd_pid_notify_with_fds(pid_t pid, int unset, const char *state, const int *fds,
                                  unsigned n_fds) {
        int r;

        reach_from(STEP_STORE_BEFORE, STEP_RECEIVED, STEP_MEMFD);
        r = NEXT(sd_pid_notify_with_fds)(pid, unset, state, fds, n_fds);
        reach_from(STEP_STORE_AFTER, STEP_STORE_BEFORE, STEP_STORE_BEFORE);
        return r;
}

static void on_written(GObject *source, GAsyncResult *result, void *userdata) {
        Write w = *(Write *) userdata;

        g_free(userdata);
        reach_from(STEP_KEYRING_ANSWERED, STEP_KEYRING_BEFORE, STEP_KEYRING_AFTER);
        w.fn(source, result, w.userdata);
}

EXPORT void g_dbus_connection_call(GDBusConnection *bus, const char *name, const char *path,
                                   const char *interface, const char *method, GVariant *arguments,
                                   const GVariantType *reply, GDBusCallFlags flags, int timeout,
                                   GCancellable *cancellable, GAsyncReadyCallback fn,
                                   void *userdata) {
        bool writes = strcmp(method, "SetSecret") == 0 || strcmp(method, "CreateItem") == 0;

        if (writes) {
                Write *w = g_new(Write, 1);

                *w = (Write){ .fn = fn, .userdata = userdata };
                fn = on_written;
                userdata = w;
                reach_from(STEP_KEYRING_BEFORE, STEP_STORE_AFTER, STEP_KEYRING_ANSWERED);
        }

        NEXT(g_dbus_connection_call)
        (bus, name, path, interface, method, arguments, reply, flags, timeout, cancellable, fn,
         userdata);
        if (writes)
                reach_from(STEP_KEYRING_AFTER, STEP_KEYRING_BEFORE, STEP_KEYRING_BEFORE);
}

EXPORT int sd_notify(int unset, const char *state) {
        bool removes = strncmp(state, REMOVES, strlen(REMOVES)) == 0;
        int r;

        if (removes)
                reach_from(STEP_REMOVE_BEFORE, STEP_STORE_AFTER, STEP_KEYRING_ANSWERED);
        r = NEXT(sd_notify)(unset, state);
        if (removes)
                reach_from(STEP_REMOVE_AFTER, STEP_REMOVE_BEFORE, STEP_REMOVE_BEFORE);
        return r;
}

EXPORT int sd_notifyf(int unset, const char *format, ...) {
        char *state = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&state, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;

        r = sd_notify(unset, state);
        free(state);
        return r;
}

static bool is_reply(sd_bus_message *m) {
        uint8_t type = 0;

        return sd_bus_message_get_type(m, &type) >= 0 && type == SD_BUS_MESSAGE_METHOD_RETURN;
}

EXPORT int sd_bus_send(sd_bus *bus, sd_bus_message *m, uint64_t *ret_cookie) {
        bool replies = is_reply(m);
        int r;

        if (replies)
                reach_from(STEP_REPLY_BEFORE, STEP_STORE_AFTER, STEP_REMOVE_AFTER);
        r = NEXT(sd_bus_send)(bus, m, ret_cookie);
        if (replies)
                reach_from(STEP_REPLY_AFTER, STEP_REPLY_BEFORE, STEP_REPLY_BEFORE);
        return r;
}
