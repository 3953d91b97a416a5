/* SPDX-License-Identifier: MIT */

#include "platform/opener.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "common/address.h"
#include "common/log.h"
#include "platform/portal.h"

/* The file that runs, also where an update has put another in its place. */
#define SELF     "/proc/self/exe"
#define ARGUMENT "--open-page"

#define PID_MAX 16

struct Opener {
        sd_event *event;
        sd_event_source *child; /* the process that asks the portal; it goes with this */
};

static void print_pid(pid_t pid, char text[static PID_MAX]) {
        (void) snprintf(text, PID_MAX, "%i", (int) pid);
}

/* Ends with its parent, which may have ended before it could say so. */
int opener_main(int argc, char *argv[]) {
        char parent[PID_MAX];

        if (argc != 4 || !streq(argv[1], ARGUMENT))
                return -1;
        if (!address_is_of_yandex(argv[2]))
                return EX_USAGE;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        print_pid(getppid(), parent);
        if (!streq(parent, argv[3]))
                return EX_UNAVAILABLE;

        log_open();
        return portal_open(argv[2]) < 0 ? EX_UNAVAILABLE : EX_OK;
}

int opener_new(sd_event *event, Opener **ret) {
        Opener *o;

        o = malloc(sizeof(Opener));
        if (!o)
                return -ENOMEM;

        *o = (Opener){ .event = sd_event_ref(event) };
        *ret = o;
        return 0;
}

Opener *opener_free(Opener *o) {
        if (!o)
                return NULL;

        sd_event_source_unref(o->child);
        sd_event_unref(o->event);
        free(o);
        return NULL;
}

/* With none of our descriptors, and no signal blocked. 0 or a negative errno. */
static int spawn(const char *url, pid_t *ret) {
        char pid[PID_MAX];
        const char *arguments[] = { "yadisk-tokend", ARGUMENT, url, pid, NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none;
        int r;

        print_pid(getpid(), pid);
        sigemptyset(&none);
        (void) posix_spawnattr_init(&attributes);
        (void) posix_spawnattr_setsigmask(&attributes, &none);
        (void) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        (void) posix_spawn_file_actions_init(&actions);
        r = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        if (r == 0)
                r = posix_spawn(ret, SELF, &actions, &attributes, (char *const *) arguments,
                                environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) posix_spawnattr_destroy(&attributes);
        return -r;
}

static int on_end(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Opener *o = userdata;

        o->child = sd_event_source_unref(o->child);
        return 0;
}

static int watch(Opener *o, pid_t pid) {
        int r;

        r = sd_event_add_child(o->event, &o->child, pid, WEXITED, on_end, o);
        return r < 0 ? r : sd_event_source_set_child_process_own(o->child, true);
}

void opener_open(Opener *o, const char *url) {
        pid_t pid;

        if (!address_is_of_yandex(url))
                return;

        o->child = sd_event_source_unref(o->child);
        if (spawn(url, &pid) < 0)
                return;

        if (watch(o, pid) < 0) {
                o->child = sd_event_source_unref(o->child);
                (void) kill(pid, SIGKILL);
                (void) waitpid(pid, NULL, 0);
        }
}
