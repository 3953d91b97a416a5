/* SPDX-License-Identifier: MIT */

#include "shared/session-bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "common/deadlines.h"
#include "common/names.h"
#include "common/util.h"

#define ADDRESS_VARIABLE   "DBUS_SESSION_BUS_ADDRESS"
#define DIRECTORY_VARIABLE "XDG_RUNTIME_DIR"
#define STANDARD_ERROR     "org.freedesktop.DBus.Error."

/* A longer path cannot be that of a socket. In an address a byte of it takes three at most. */
#define PATH_MAX_BYTES    sizeof(((struct sockaddr_un *) NULL)->sun_path)
#define ADDRESS_MAX_BYTES (3 * PATH_MAX_BYTES + sizeof("unix:path="))

/* If the program runs with the rights of another user, its environment was not made for that
 * user. */
static const char *session_bus_variable(const char *name) {
        return str_or_empty(secure_getenv(name));
}

const char *session_bus_directory(void) {
        static _Thread_local char path[sizeof("/run/user/") + 3 * sizeof(uid_t)];

        (void) snprintf(path, sizeof(path), "/run/user/%u", (unsigned) geteuid());
        return path;
}

static bool session_bus_print_path(const char *directory, char ret[static PATH_MAX_BYTES]) {
        int n = snprintf(ret, PATH_MAX_BYTES, "%s/bus", directory);

        return n >= 0 && (size_t) n < PATH_MAX_BYTES;
}

/* Every byte of the path is escaped, so that none has a meaning of its own (D-Bus specification,
 * "Server Addresses"). */
static void session_bus_print_address(const char *path, char ret[static ADDRESS_MAX_BYTES]) {
        static const char digits[] = "0123456789abcdef";
        char *end = stpcpy(ret, "unix:path=");

        for (const char *p = path; *p; p++) {
                *end++ = '%';
                *end++ = digits[(unsigned char) *p >> 4];
                *end++ = digits[(unsigned char) *p & 15];
        }
        *end = '\0';
}

static uint64_t session_bus_now(void) {
        struct timespec ts = {};

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

/* sd-bus itself would wait for the greeting for a minute and a half. */
static int session_bus_await_greeting(sd_bus *bus) {
        uint64_t now, deadline = session_bus_now() + DEADLINE_GREETING_MS * UINT64_C(1000);
        int r;

        while ((r = sd_bus_is_ready(bus)) == 0) {
                r = sd_bus_process(bus, NULL);
                if (r < 0)
                        return r;
                now = session_bus_now();
                if (now >= deadline)
                        return -ETIMEDOUT;
                if (r == 0)
                        r = sd_bus_wait(bus, deadline - now);
                if (r < 0)
                        return r;
        }
        return MIN_OF(r, 0);
}

/* What listens at an address may be no bus, or may close the connection on us. sd-bus tells both
 * from a connection that was never made only if the socket is a local one. */
static int session_bus_say_hello(sd_bus *bus, const char *address) {
        int r = session_bus_await_greeting(bus);

        if (r != -ECONNRESET && r != -EPIPE && r != -ENOTCONN)
                return r;
        return str_has_prefix(address, "unix:") ? -ENOTCONN : -ECONNREFUSED;
}

static int session_bus_open_address(const char *address, const char *description, sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_description(bus, description);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, true);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                r = session_bus_say_hello(bus, address);
        if (r < 0)
                return r == -EAGAIN ? -ETIMEDOUT : r; /* so many wait already */

        *ret = TAKE_PTR(bus);
        return 0;
}

/* Returns -ENOMEDIUM if there is no socket. */
static int session_bus_open_directory(const char *directory, const char *description,
                                      sd_bus **ret) {
        char path[PATH_MAX_BYTES], address[ADDRESS_MAX_BYTES];
        int r;

        if (str_is_empty(directory) || !session_bus_print_path(directory, path))
                return -ENOMEDIUM;

        session_bus_print_address(path, address);
        r = session_bus_open_address(address, description, ret);
        return r == -ENOENT || r == -ENOTDIR ? -ENOMEDIUM : r;
}

/* Looks where a bus is that no address names. */
static int session_bus_open_unnamed(const char *description, sd_bus **ret) {
        const char *directory = session_bus_variable(DIRECTORY_VARIABLE);
        int of_variable, r;

        of_variable = session_bus_open_directory(directory, description, ret);
        if (of_variable == 0 || of_variable == -ENOMEM || of_variable == -ETIMEDOUT ||
            streq(directory, session_bus_directory()))
                return of_variable;

        r = session_bus_open_directory(session_bus_directory(), description, ret);
        return r == -ENOMEDIUM && !session_bus_is_foreign(NULL) ? of_variable : r;
}

int session_bus_open(const char *description, sd_bus **ret) {
        const char *address = session_bus_variable(ADDRESS_VARIABLE);

        return *address ? session_bus_open_address(address, description, ret)
                        : session_bus_open_unnamed(description, ret);
}

void session_bus_print_place(char ret[static BUS_PLACE_MAX_BYTES]) {
        const char *address = session_bus_variable(ADDRESS_VARIABLE),
                   *directory = session_bus_variable(DIRECTORY_VARIABLE);

        if (*address)
                (void) snprintf(ret, BUS_PLACE_MAX_BYTES, "%s", address);
        else
                (void) snprintf(ret, BUS_PLACE_MAX_BYTES, "%s/bus",
                                *directory ? directory : session_bus_directory());
}

bool session_bus_is_unnamed(void) {
        return !*session_bus_variable(ADDRESS_VARIABLE) &&
               !*session_bus_variable(DIRECTORY_VARIABLE);
}

/* Finds the owner of the socket or, if we may not look at it, of the nearest directory above that
 * we may. */
static bool session_bus_find_owner_of_path(const char *given, uid_t *ret) {
        char path[PATH_MAX_BYTES], *slash;
        struct stat st;

        (void) snprintf(path, sizeof(path), "%s", given);
        while (stat(path, &st) < 0) {
                slash = strrchr(path, '/');
                if (errno != EACCES || !slash || slash == path)
                        return false;
                *slash = '\0';
        }

        *ret = st.st_uid;
        return true;
}

/* An abstract name has no file, so the process that listens there is asked. */
static bool session_bus_find_owner_of_abstract(const char *name, uid_t *ret) {
        _cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct ucred peer;
        socklen_t size = sizeof(peer);
        size_t length = strlen(name);

        if (fd < 0 || length >= sizeof(address.sun_path) - 1)
                return false;

        memcpy(address.sun_path + 1, name, length);
        if (connect(fd, (struct sockaddr *) &address,
                    (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + length)) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
                return false;

        *ret = peer.uid;
        return true;
}

/* Returns what follows the "=" of a key in the first address of a list, or NULL. */
static const char *session_bus_find_key(const char *address, const char *key) {
        size_t length = strlen(key);

        for (const char *p = address + strcspn(address, ":;"); *p == ':' || *p == ',';
             p += 1 + strcspn(p + 1, ",;"))
                if (strncmp(p + 1, key, length) == 0)
                        return p + 1 + length;
        return NULL;
}

/* Unescapes the value of a key in the first address of a list. Returns false if it has no such
 * key. */
static bool session_bus_find_value(const char *address, const char *key,
                                   char ret[static PATH_MAX_BYTES]) {
        const char *p = session_bus_find_key(address, key);
        size_t n = 0;

        for (; p && !strchr(",;", *p) && n < PATH_MAX_BYTES - 1; p++) {
                int high = *p == '%' ? hex_value(p[1]) : -1;
                int low = high >= 0 ? hex_value(p[2]) : -1;

                ret[n++] = low >= 0 ? (char) (high * 16 + low) : *p;
                p += low >= 0 ? 2 : 0;
        }
        ret[n] = '\0';
        return p;
}

/* Finds the owner of the first address of the list that tells its owner. */
static bool session_bus_find_owner_of_address(const char *list, uid_t *ret) {
        char value[PATH_MAX_BYTES];

        for (const char *address = list; *address; address += strspn(address, ";")) {
                if (str_has_prefix(address, "unix:") &&
                    ((session_bus_find_value(address, "path=", value) &&
                      session_bus_find_owner_of_path(value, ret)) ||
                     (session_bus_find_value(address, "abstract=", value) &&
                      session_bus_find_owner_of_abstract(value, ret))))
                        return true;
                address += strcspn(address, ";");
        }
        return false;
}

static bool session_bus_find_owner(uid_t *ret) {
        const char *address = session_bus_variable(ADDRESS_VARIABLE),
                   *directory = session_bus_variable(DIRECTORY_VARIABLE);
        char path[PATH_MAX_BYTES];

        if (*address)
                return session_bus_find_owner_of_address(address, ret);
        return *directory && session_bus_print_path(directory, path) &&
               session_bus_find_owner_of_path(path, ret);
}

bool session_bus_is_foreign(uid_t *ret_owner) {
        uid_t owner;

        if (!session_bus_find_owner(&owner) || owner == geteuid())
                return false;
        if (ret_owner)
                *ret_owner = owner;
        return true;
}

bool session_bus_is_shadowed(void) {
        const char *address = session_bus_variable(ADDRESS_VARIABLE);
        char named[PATH_MAX_BYTES], path[PATH_MAX_BYTES];
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;

        if (!*address ||
            (session_bus_find_value(address, "path=", named) &&
             session_bus_print_path(session_bus_directory(), path) && streq(named, path)))
                return false;
        return session_bus_open_unnamed("another bus", &bus) >= 0;
}

int session_bus_ask(sd_bus *bus, uint64_t usec, sd_bus_message **ret, const char *service,
                    const char *path, const char *interface, const char *member, const char *types,
                    ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(bus, &call, service, path, interface, member);
        if (r < 0)
                return r;

        va_start(ap, types);
        r = sd_bus_message_appendv(call, types, ap);
        va_end(ap);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_call(bus, call, usec, NULL, ret);
        return MIN_OF(r, 0);
}

uint32_t session_bus_find_pid(sd_bus *bus, const char *name) {
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid = 0;

        if (sd_bus_get_name_creds(bus, name, SD_BUS_CREDS_PID, &creds) >= 0)
                (void) sd_bus_creds_get_pid(creds, &pid);
        return (uint32_t) pid;
}

static bool bus_error_has_prefix(const sd_bus_error *error, const char *prefix) {
        return error && error->name && str_has_prefix(error->name, prefix);
}

/* If the bus has systemd start the daemon, it passes on what systemd answers. */
bool bus_error_is_start_failure(const sd_bus_error *error) {
        return bus_error_has_prefix(error, STANDARD_ERROR "Spawn.") ||
               bus_error_has_prefix(error, SYSTEMD_NAME ".");
}

bool bus_error_is_silence(const sd_bus_error *error) {
        return sd_bus_error_has_names(error, STANDARD_ERROR "NoReply", STANDARD_ERROR "Timeout",
                                      STANDARD_ERROR "TimedOut");
}

/* The names of "System.Error" are those that sd-bus gives to its own failures. */
bool bus_error_is_unreachable(const sd_bus_error *error, int r) {
        if (!sd_bus_error_is_set(error))
                return r < 0 && r != -ENOMEM && r != -EINVAL;
        return bus_error_is_start_failure(error) || bus_error_is_silence(error) ||
               sd_bus_error_has_names(error, STANDARD_ERROR "ServiceUnknown",
                                      STANDARD_ERROR "NameHasNoOwner",
                                      STANDARD_ERROR "Disconnected", STANDARD_ERROR "NoServer",
                                      "System.Error.ENOTCONN", "System.Error.EPIPE",
                                      "System.Error.ECONNREFUSED", "System.Error.ESHUTDOWN");
}
