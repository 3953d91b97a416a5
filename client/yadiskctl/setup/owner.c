/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/owner.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>

#include "common/i18n.h"
#include "common/names.h"
#include "shared/session-bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/sign-in/dialog.h"
#include "yadiskctl/terminal/duration.h"

#define TRANSIENT_PREFIX "dbus-:"
#define TRANSIENT_MIDDLE "-" TOKENS_BUS_NAME "@"
#define UNIT_SUFFIX      ".service"

#define TIMEOUT_USEC (5 * USEC_PER_SEC)

#define FILE_MAX_BYTES 4096

typedef struct Owner {
        uint32_t pid; /* 0: not known */
        int pidfd;    /* -EBADF if the bus gave none; borrowed from the message */
        char *unit;   /* NULL: not known */
        char *program;
} Owner;

static void owner_done(Owner *o) {
        free(o->unit);
        free(o->program);
}

/* The unified hierarchy, or systemd's own among the old ones. */
static bool owner_is_line_of_systemd(const char *line) {
        return strncmp(line, "0::", 3) == 0 || strstr(line, ":name=systemd:");
}

char *owner_find_unit(const char *cgroups) {
        _cleanup_free_ char *copy = strdup(cgroups);
        char *rest = copy, *line;

        while (rest && (line = strsep(&rest, "\n"))) {
                const char *slash = strrchr(line, '/');

                if (slash && slash[1] && owner_is_line_of_systemd(line))
                        return strdup(slash + 1);
        }
        return NULL;
}

bool owner_is_expected_unit(const char *unit) {
        return streq(unit, UNIT_NAME) ||
               (str_has_prefix(unit, TRANSIENT_PREFIX) && strstr(unit, TRANSIENT_MIDDLE) &&
                str_has_suffix(unit, UNIT_SUFFIX));
}

static int owner_on_credential(sd_bus_message *m, void *userdata) {
        Owner *o = userdata;
        const char *key;
        int r;

        r = sd_bus_message_read(m, "s", &key);
        if (r >= 0 && streq(key, "ProcessID"))
                return sd_bus_message_read(m, "v", "u", &o->pid);
        if (r >= 0 && streq(key, "ProcessFD"))
                return sd_bus_message_read(m, "v", "h", &o->pidfd);
        return r < 0 ? r : sd_bus_message_skip(m, "v");
}

/* Reads a small file of /proc. The caller frees. */
static char *owner_read_file(uint32_t pid, const char *name) {
        _cleanup_free_ char *path = NULL, *text = calloc(1, FILE_MAX_BYTES);
        _cleanup_fd_ int fd = -EBADF;

        if (!text || str_format(&path, "/proc/%u/%s", pid, name) < 0)
                return NULL;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, text, FILE_MAX_BYTES - 1) <= 0)
                return NULL;
        return TAKE_PTR(text);
}

/* A program that hides its memory hides its file as well, but not the name it goes by. */
static char *owner_find_program(uint32_t pid) {
        _cleanup_free_ char *path = NULL, *name = owner_read_file(pid, "comm");
        char file[PATH_MAX];
        ssize_t n = -1;

        if (str_format(&path, "/proc/%u/exe", pid) >= 0)
                n = readlink(path, file, sizeof(file) - 1);
        if (n > 0) {
                file[n] = '\0';
                return strdup(file);
        }
        if (name)
                name[strcspn(name, "\n")] = '\0';
        return TAKE_PTR(name);
}

static bool owner_has_ended(const Owner *o) {
        struct pollfd waiting = { .fd = o->pidfd, .events = POLLIN };

        return o->pidfd >= 0 && poll(&waiting, 1, 0) > 0;
}

/* Returns 0 if the name has no owner, 1 if the owner is described, or a negative errno. */
static int owner_find(sd_bus *bus, Owner *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *credentials = NULL;
        _cleanup_free_ char *cgroups = NULL;
        int r;

        if (sd_bus_get_name_creds(bus, TOKENS_BUS_NAME, 0, NULL) < 0)
                return 0;

        r = session_bus_ask(bus, TIMEOUT_USEC, &credentials, DBUS_NAME, DBUS_PATH, DBUS_NAME,
                            "GetConnectionCredentials", "s", TOKENS_BUS_NAME);
        if (r >= 0)
                r = dict_for_each(credentials, owner_on_credential, ret);
        if (r < 0 || ret->pid == 0)
                return MIN_OF(r, 0) ?: 1;

        cgroups = owner_read_file(ret->pid, "cgroup");
        ret->program = owner_find_program(ret->pid);
        if (cgroups && !owner_has_ended(ret)) /* or it would be that of another process */
                ret->unit = owner_find_unit(cgroups);
        return 1;
}

/* In a container the numbers of processes are others, and what we would look at is another
 * process. */
static bool owner_can_be_seen(sd_bus *bus) {
        const char *name;

        return sd_bus_get_name_creds(bus, SYSTEMD_NAME, 0, NULL) >= 0 &&
               sd_bus_get_unique_name(bus, &name) >= 0 &&
               session_bus_find_pid(bus, name) == (uint32_t) getpid();
}

static void owner_warn(const Owner *o) {
        remark("yadisk-tokend is not run by yadisk-tokend.service, but is process %u (%s) in %s; "
               "if you did not start it so yourself, another program may have taken its name to "
               "get at secrets: end that, and run \"systemctl --user restart "
               "yadisk-tokend.service\".",
               o->pid, o->program ?: "?", o->unit ?: "?");
}

ExitStatus owner_check(sd_bus *bus, bool can_ask) {
        _cleanup_(owner_done) Owner owner = { .pidfd = -EBADF };

        if (!owner_can_be_seen(bus) || owner_find(bus, &owner) <= 0 ||
            (owner.unit && owner_is_expected_unit(owner.unit)))
                return EXIT_STATUS_OK;

        owner_warn(&owner);
        if (!can_ask || user_agrees(_("Hand the secret over all the same? [y/N]")))
                return EXIT_STATUS_OK;
        return fail(EXIT_STATUS_DENIED, "Nothing was handed over; run the command again when "
                                        "yadisk-tokend.service has the name.");
}
