/* SPDX-License-Identifier: MIT */

#include "yadiskctl/feed/endpoint.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "common/deadlines.h"
#include "common/i18n.h"
#include "common/names.h"
#include "feed/feed.h"
#include "feed/socket-owner.h"
#include "shared/directories.h"
#include "shared/new-file.h"
#include "shared/session-bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/terminal/duration.h"

#define SOCKET_UNIT  "yadisk-token-feed.socket"
#define SERVICE_UNIT "yadisk-token-feed.service"
#define DROP_IN      SOCKET_UNIT ".d/port.conf"

#define ANSWER_USEC (DEADLINE_CLIENT_MS * UINT64_C(1000))

/* The first folder in which systemd looks for units is that of "systemctl --user set-property".
 * Without this suffix it is the user's own. */
#define CONTROL_SUFFIX ".control"

/* Where a port is looked for: above what services have by custom, and below the ports that the
 * kernel gives to those who ask for any. */
#define PORT_FIRST        20000U
#define PORT_LAST         32767U
#define PORT_ATTEMPTS_MAX 50

/* The socket unit. The names are those of org.freedesktop.systemd1(5). */
typedef struct Endpoint {
        const char *load_state, *active_state, *file_state;
        uint16_t port; /* 0: none is chosen */
        sd_bus_message *message;
} Endpoint;

static const DictField endpoint_fields[] = {
        { "LoadState", "s", offsetof(Endpoint, load_state) },
        { "ActiveState", "s", offsetof(Endpoint, active_state) },
        { "UnitFileState", "s", offsetof(Endpoint, file_state) },
        {},
};

static void endpoint_done(Endpoint *e) {
        sd_bus_message_unref(e->message);
}

/* Reads the port of "127.0.0.1:25000". */
static int endpoint_read_listen(sd_bus_message *m, uint16_t *ret) {
        const char *type, *address, *colon;
        int r;

        r = sd_bus_message_enter_container(m, 'v', "a(ss)");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ss)");
        if (r > 0)
                r = sd_bus_message_read(m, "(ss)", &type, &address);
        if (r <= 0)
                return r;

        colon = strrchr(address, ':');
        *ret = colon ? (uint16_t) strtoul(colon + 1, NULL, 10) : 0;
        return 0;
}

static int endpoint_load_from(sd_bus *bus, const char *path, Endpoint *e) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *listen = NULL;
        int r;

        r = session_bus_ask(bus, ANSWER_USEC, &e->message, SYSTEMD_NAME, path,
                            "org.freedesktop.DBus.Properties", "GetAll", "s", SYSTEMD_NAME ".Unit");
        if (r >= 0)
                r = dict_read(e->message, endpoint_fields, e);
        if (r >= 0)
                r = session_bus_ask(bus, ANSWER_USEC, &listen, SYSTEMD_NAME, path,
                                    "org.freedesktop.DBus.Properties", "Get", "ss",
                                    SYSTEMD_NAME ".Socket", "Listen");
        return r < 0 ? r : endpoint_read_listen(listen, &e->port);
}

/* Reads the state of the unit anew. */
static int endpoint_load(sd_bus *bus, Endpoint *e) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *loaded = NULL;
        const char *path;
        int r;

        endpoint_done(e);
        *e = (Endpoint){ .load_state = "", .active_state = "", .file_state = "" };
        r = session_bus_ask(bus, ANSWER_USEC, &loaded, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                            "LoadUnit", "s", SOCKET_UNIT);
        if (r >= 0)
                r = sd_bus_message_read(loaded, "o", &path);
        return r < 0 ? r : endpoint_load_from(bus, path, e);
}

static int endpoint_reload(sd_bus *bus) {
        return session_bus_ask(bus, ANSWER_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                               "Reload", "");
}

typedef struct Job {
        const char *path;
        bool is_done;
} Job;

static int job_on_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        Job *job = userdata;
        const char *path;

        if (sd_bus_message_read(m, "uoss", NULL, &path, NULL, NULL) >= 0)
                job->is_done = job->is_done || streq(path, job->path);
        return 0;
}

/* Waits until systemd has finished the job, even if the job failed. */
static int job_await(sd_bus *bus, const Job *job) {
        uint64_t end = monotonic_usec() + ANSWER_USEC;
        int r = 0;

        while (r >= 0 && !job->is_done) {
                uint64_t now = monotonic_usec();

                if (now >= end)
                        return -ETIMEDOUT;
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, end - now);
        }
        return MIN_OF(r, 0);
}

/* method: "StartUnit" or "StopUnit". */
static int endpoint_run_job(sd_bus *bus, const char *method, const char *unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        Job job = {};
        int r;

        r = sd_bus_match_signal(bus, &slot, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                                "JobRemoved", job_on_removed, &job);
        (void) session_bus_ask(bus, ANSWER_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                               "Subscribe", ""); /* fails the second time */
        if (r >= 0)
                r = session_bus_ask(bus, ANSWER_USEC, &reply, SYSTEMD_NAME, SYSTEMD_PATH,
                                    SYSTEMD_MANAGER, method, "ss", unit, "replace");
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job.path);
        return r < 0 ? r : job_await(bus, &job);
}

static void endpoint_judge_absent(Problem *p) {
        p->status = EXIT_STATUS_NO_DAEMON;
        problem_set(p, "No systemd runs the services of this session, so there is no endpoint from "
                       "which programs could get tokens.");
        problem_advise(p, "Run them with \"yadiskctl exec\" instead.");
}

static void endpoint_judge_unit(const Endpoint *e, Problem *p) {
        p->status = EXIT_STATUS_NO_DAEMON;
        if (streq(e->load_state, "not-found")) {
                problem_set(p,
                            "The systemd of this session does not know yadisk-token-feed.socket.");
                problem_advise(p, "Install yadisk-tokend where systemd looks for units, below /usr "
                                  "or /usr/local, and run \"systemctl --user daemon-reload\".");
        } else if (streq(e->load_state, "masked")) {
                problem_set(p, "yadisk-token-feed.socket is masked, so that it cannot be started.");
                problem_advise(p, "Run \"systemctl --user unmask yadisk-token-feed.socket\".");
        } else {
                problem_set(p, "yadisk-token-feed.socket cannot be read as it is.");
                problem_advise(
                        p, "Run \"systemctl --user status yadisk-token-feed.socket\" to see why.");
        }
}

static struct sockaddr_in endpoint_address(uint16_t port) {
        return (struct sockaddr_in){
                .sin_family = AF_INET,
                .sin_port = htons(port),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
}

/* Describes that the socket does not listen. */
static void endpoint_judge_start(uint16_t port, Problem *p) {
        const struct sockaddr_in address = endpoint_address(port);
        const struct passwd *user;
        SocketOwner owner;

        p->status = EXIT_STATUS_FAILURE;
        if (socket_owner_find_listener(&address, &owner) < 0) {
                problem_set(p, "yadisk-token-feed.socket could not be started.");
                problem_advise(
                        p, "Run \"systemctl --user status yadisk-token-feed.socket\" to see why.");
                return;
        }

        user = getpwuid(owner.uid);
        problem_set(p,
                    "Port %u of this machine belongs to a program of the user %s (uid %u), so "
                    "that no program can be fed there.",
                    port, user ? user->pw_name : "?", (unsigned) owner.uid);
        problem_advise(
                p,
                "End that program, and run \"systemctl --user restart yadisk-token-feed.socket\"; "
                "or remove all feeds with \"yadiskctl feed remove\" and add them "
                "anew, so that another port is chosen.");
}

static void endpoint_judge_error(int r, Problem *p) {
        p->status = EXIT_STATUS_FAILURE;
        problem_set(p, "The systemd of this session does not do what is asked of it (%s).",
                    p->english ? strerrordesc_np(-r) : strerror(-r));
        problem_advise(p, "Run \"systemctl --user status yadisk-token-feed.socket\" to see why.");
}

/* Loads the unit. Without a port it is "bad-setting". */
static bool endpoint_look(sd_bus *bus, Endpoint *e, Problem *p) {
        if (endpoint_load(bus, e) < 0) {
                endpoint_judge_absent(p);
                return false;
        }
        if (!streq(e->load_state, "loaded") && !streq(e->load_state, "bad-setting")) {
                endpoint_judge_unit(e, p);
                return false;
        }
        return true;
}

static bool endpoint_start(sd_bus *bus, Endpoint *e, Problem *p) {
        uint16_t port = e->port;
        int r = 0;

        if (streq(e->active_state, "active"))
                return true;

        r = endpoint_run_job(bus, "StartUnit", SOCKET_UNIT);
        if (r >= 0)
                r = endpoint_load(bus, e);
        if (r < 0)
                endpoint_judge_error(r, p);
        else if (!streq(e->active_state, "active"))
                endpoint_judge_start(port, p);
        return r >= 0 && streq(e->active_state, "active");
}

/* Temporary feeds need it, too, as long as they are there. */
static bool endpoint_is_needed(void) {
        Feed **feeds;
        size_t n;

        if (feeds_read(&feeds, &n) < 0)
                return true;
        feeds_free(feeds, n);
        return n > 0;
}

static void endpoint_judge_port(Problem *p) {
        p->status = EXIT_STATUS_FAILURE;
        if (endpoint_is_needed()) {
                problem_set(p, "The port of the token endpoint is lost, so no program gets tokens "
                               "from it.");
                problem_advise(p, "Run \"yadiskctl feed add\" again for each remote that "
                                  "\"yadiskctl feed list\" shows.");
        } else {
                problem_set(p, "No program gets tokens from the endpoint yet, so it has no port.");
                problem_advise(p, "Run \"yadiskctl feed add rclone\" first.");
        }
}

bool endpoint_read(sd_bus *bus, uint16_t *ret_port, Problem *p) {
        _cleanup_(endpoint_done) Endpoint e = {};

        if (!endpoint_look(bus, &e, p))
                return false;
        if (e.port == 0) {
                endpoint_judge_port(p);
                return false;
        }
        if (!endpoint_start(bus, &e, p))
                return false;

        *ret_port = e.port;
        return true;
}

/* Finds the folder in which systemd looks for the user's own units, which depends on its own
 * environment. */
static int endpoint_find_folder(sd_bus *bus, char **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *first;
        size_t length;
        int r;

        r = session_bus_ask(bus, ANSWER_USEC, &reply, SYSTEMD_NAME, SYSTEMD_PATH,
                            "org.freedesktop.DBus.Properties", "Get", "ss", SYSTEMD_MANAGER,
                            "UnitPath");
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "s");
        if (r >= 0)
                r = sd_bus_message_read(reply, "s", &first);
        if (r < 0)
                return r;

        length = strlen(first);
        if (length < strlen(CONTROL_SUFFIX) ||
            !streq(first + length - strlen(CONTROL_SUFFIX), CONTROL_SUFFIX))
                return -EBADMSG;
        return str_format(ret, "%.*s", (int) (length - strlen(CONTROL_SUFFIX)), first);
}

static int endpoint_try_port(uint16_t port) {
        const struct sockaddr_in address = endpoint_address(port);
        _cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        return bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
}

/* Finds a free port, a different one each time. */
static int endpoint_find_port(uint16_t *ret) {
        for (int i = 0; i < PORT_ATTEMPTS_MAX; i++) {
                uint16_t random, port;
                int r;

                if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                        return -EIO;
                port = (uint16_t) (PORT_FIRST + random % (PORT_LAST - PORT_FIRST + 1));
                r = endpoint_try_port(port);
                if (r == -EADDRINUSE)
                        continue;
                if (r >= 0)
                        *ret = port;
                return r;
        }
        return -EADDRINUSE;
}

static int endpoint_write_port(const char *path, uint16_t port) {
        _cleanup_(new_file_done) NewFile new = NEW_FILE_NONE;
        _cleanup_free_ char *folder = path_directory(path), *text = NULL;
        int r;

        if (!folder)
                return -ENOMEM;
        r = str_format(&text,
                       "# The port of the token endpoint, which \"yadiskctl feed add\" has chosen. "
                       "Programs have it in their configurations.\n"
                       "[Socket]\n"
                       "ListenStream=127.0.0.1:%u\n",
                       port);
        if (r >= 0)
                r = directory_make(folder);
        if (r >= 0)
                r = new_file_create(&new, path, O_CLOEXEC);
        if (r >= 0)
                r = new_file_write(&new, text, strlen(text));
        return r < 0 ? r : new_file_publish(&new);
}

static int endpoint_find_drop_in(sd_bus *bus, char **ret) {
        _cleanup_free_ char *folder = NULL;
        int r;

        r = endpoint_find_folder(bus, &folder);
        return r < 0 ? r : str_format(ret, "%s/" DROP_IN, folder);
}

/* Has systemd read a new port. */
static bool endpoint_choose(sd_bus *bus, Endpoint *e, Problem *p) {
        _cleanup_free_ char *path = NULL;
        uint16_t port;
        int r;

        r = endpoint_find_drop_in(bus, &path);
        if (r >= 0)
                r = endpoint_find_port(&port);
        if (r < 0) {
                endpoint_judge_error(r, p);
                return false;
        }

        r = endpoint_write_port(path, port);
        if (r < 0) {
                p->status = EXIT_STATUS_FAILURE;
                problem_set(p,
                            "%s, where systemd reads the port of the token endpoint, cannot be "
                            "written (%s).",
                            path, strerror(-r));
                problem_advise(p, "Make that possible, and try again.");
                return false;
        }

        r = endpoint_reload(bus);
        if (r >= 0)
                r = endpoint_load(bus, e);
        if (r < 0)
                endpoint_judge_error(r, p);
        else if (e->port != port || !streq(e->load_state, "loaded"))
                endpoint_judge_unit(e, p);
        return r >= 0 && e->port == port && streq(e->load_state, "loaded");
}

bool endpoint_has_port(sd_bus *bus) {
        _cleanup_(endpoint_done) Endpoint e = {};

        return endpoint_load(bus, &e) >= 0 && e.port != 0;
}

bool endpoint_is_enabled(sd_bus *bus) {
        _cleanup_(endpoint_done) Endpoint e = {};

        return endpoint_load(bus, &e) >= 0 && str_has_prefix(e.file_state, "enabled");
}

static bool endpoint_enable(sd_bus *bus, Problem *p) {
        int r;

        if (endpoint_is_enabled(bus))
                return true;

        r = unit_enable(bus, SOCKET_UNIT);
        if (r < 0)
                endpoint_judge_error(r, p);
        return r >= 0;
}

/* The port stays chosen if that fails, which does no harm. */
static void endpoint_take_down(sd_bus *bus) {
        _cleanup_free_ char *path = NULL;

        (void) session_bus_ask(bus, ANSWER_USEC, NULL, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER,
                               "DisableUnitFiles", "asb", 1, SOCKET_UNIT, false);
        (void) endpoint_run_job(bus, "StopUnit", SOCKET_UNIT);
        (void) endpoint_run_job(bus, "StopUnit", SERVICE_UNIT); /* it has the socket, too */

        if (endpoint_find_drop_in(bus, &path) < 0)
                return;
        (void) unlink(path);
        *strrchr(path, '/') = '\0';
        (void) rmdir(path); /* unless the user has more in it */
        (void) endpoint_reload(bus);
}

/* systemd looks for units when it reads its configuration, and perhaps not again. */
bool endpoint_check(sd_bus *bus, Problem *p) {
        _cleanup_(endpoint_done) Endpoint e = {};

        if (endpoint_load(bus, &e) >= 0 && streq(e.load_state, "not-found"))
                (void) endpoint_reload(bus);
        return endpoint_look(bus, &e, p);
}

/* If no feed uses the port, another one is chosen: it may be taken by now. */
static bool endpoint_forget(sd_bus *bus, Endpoint *e, Problem *p) {
        if (e->port == 0 || streq(e->active_state, "active") || endpoint_is_needed())
                return true;
        endpoint_take_down(bus);
        return endpoint_look(bus, e, p);
}

bool endpoint_set_up(sd_bus *bus, uint16_t *ret_port, Problem *p) {
        _cleanup_(endpoint_done) Endpoint e = {};

        if (!endpoint_check(bus, p) || !endpoint_look(bus, &e, p) || !endpoint_forget(bus, &e, p) ||
            (e.port == 0 && !endpoint_choose(bus, &e, p)) || !endpoint_enable(bus, p) ||
            !endpoint_start(bus, &e, p))
                return false;

        *ret_port = e.port;
        return true;
}

void endpoint_take_down_unless_needed(sd_bus *bus) {
        if (!endpoint_is_needed())
                endpoint_take_down(bus);
}

void endpoint_lock(int *ret_lock) {
        const char *directory = getenv("XDG_RUNTIME_DIR");

        *ret_lock = open(str_is_empty(directory) ? session_bus_directory() : directory,
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*ret_lock >= 0)
                (void) flock(*ret_lock, LOCK_EX);
}
