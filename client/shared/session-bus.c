/* SPDX-License-Identifier: MIT */

#include "shared/session-bus.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/util.h"

#define ADDRESS_VARIABLE   "DBUS_SESSION_BUS_ADDRESS"
#define DIRECTORY_VARIABLE "XDG_RUNTIME_DIR"

/* Longer paths cannot be those of a socket; in an address a byte of one takes three at most. */
#define PATH_MAX_BYTES    sizeof(((struct sockaddr_un *) NULL)->sun_path)
#define ADDRESS_MAX_BYTES (3 * PATH_MAX_BYTES + sizeof("unix:path="))

/* Who set a variable of a program that runs with the rights of another user did not set it for that one. */
static const char *variable(const char *name) {
        return str_or_empty(secure_getenv(name));
}

const char *session_bus_directory(void) {
        static char path[sizeof("/run/user/") + 3 * sizeof(uid_t)];

        (void) snprintf(path, sizeof(path), "/run/user/%u", (unsigned) geteuid());
        return path;
}

static bool print_path(const char *directory, char ret[static PATH_MAX_BYTES]) {
        int n = snprintf(ret, PATH_MAX_BYTES, "%s/bus", directory);

        return n >= 0 && (size_t) n < PATH_MAX_BYTES;
}

/* Every byte of the path is escaped, so that none means anything (D-Bus specification, "Server
 * Addresses"). */
static void print_address(const char *path, char ret[static ADDRESS_MAX_BYTES]) {
        static const char digits[] = "0123456789abcdef";
        char *end = stpcpy(ret, "unix:path=");

        for (const char *p = path; *p; p++) {
                *end++ = '%';
                *end++ = digits[(unsigned char) *p >> 4];
                *end++ = digits[(unsigned char) *p & 15];
        }
        *end = '\0';
}

/* An address may lead to something that is no bus, or does not let us finish. */
static int say_hello(sd_bus *bus) {
        const char *name;
        int r;

        r = sd_bus_get_unique_name(bus, &name);
        return r == -ECONNRESET || r == -EPIPE ? -ENOTCONN : MIN_OF(r, 0);
}

static int open_address(const char *address, const char *description, sd_bus **ret) {
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
                r = say_hello(bus);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(bus);
        return 0;
}

/* -ENOMEDIUM if nothing is there. */
static int open_directory(const char *directory, const char *description, sd_bus **ret) {
        char path[PATH_MAX_BYTES], address[ADDRESS_MAX_BYTES];
        int r;

        if (str_is_empty(directory) || !print_path(directory, path))
                return -ENOMEDIUM;

        print_address(path, address);
        r = open_address(address, description, ret);
        return r == -ENOENT || r == -ENOTDIR ? -ENOMEDIUM : r;
}

int session_bus_open(const char *description, sd_bus **ret) {
        const char *address = variable(ADDRESS_VARIABLE), *directory = variable(DIRECTORY_VARIABLE);
        int of_variable, r;

        if (*address)
                return open_address(address, description, ret);

        of_variable = open_directory(directory, description, ret);
        if (of_variable == 0 || of_variable == -ENOMEM || streq(directory, session_bus_directory()))
                return of_variable;

        r = open_directory(session_bus_directory(), description, ret);
        return r == -ENOMEDIUM && !session_bus_is_foreign(NULL) ? of_variable : r;
}

bool session_bus_is_unnamed(void) {
        return !*variable(ADDRESS_VARIABLE) && !*variable(DIRECTORY_VARIABLE);
}

/* Whose a bus is. */

/* Of the socket, or of the nearest directory on the way there that may be looked at. */
static bool find_owner_of_path(const char *given, uid_t *ret) {
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

/* The name is in no directory, so whoever listens is asked. */
static bool find_owner_of_abstract(const char *name, uid_t *ret) {
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

/* Behind the "=" of a key of the address, or NULL. */
static const char *find_key(const char *address, const char *key) {
        size_t length = strlen(key);

        for (const char *p = address + strcspn(address, ":;"); *p == ':' || *p == ',';
             p += 1 + strcspn(p + 1, ",;"))
                if (strncmp(p + 1, key, length) == 0)
                        return p + 1 + length;
        return NULL;
}

/* The value of a key in the first address of a list, unescaped. False if it has no such key. */
static bool find_value(const char *address, const char *key, char ret[static PATH_MAX_BYTES]) {
        const char *p = find_key(address, key);
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

/* Of the first bus of the list whose owner can be told. */
static bool find_owner_of_address(const char *list, uid_t *ret) {
        char value[PATH_MAX_BYTES];

        for (const char *address = list; *address; address += strspn(address, ";")) {
                if (strncmp(address, "unix:", strlen("unix:")) == 0 &&
                    ((find_value(address, "path=", value) && find_owner_of_path(value, ret)) ||
                     (find_value(address, "abstract=", value) &&
                      find_owner_of_abstract(value, ret))))
                        return true;
                address += strcspn(address, ";");
        }
        return false;
}

static bool find_owner(uid_t *ret) {
        const char *address = variable(ADDRESS_VARIABLE), *directory = variable(DIRECTORY_VARIABLE);
        char path[PATH_MAX_BYTES];

        if (*address)
                return find_owner_of_address(address, ret);
        return *directory && print_path(directory, path) && find_owner_of_path(path, ret);
}

bool session_bus_is_foreign(uid_t *ret_owner) {
        uid_t owner;

        if (!find_owner(&owner) || owner == geteuid())
                return false;
        if (ret_owner)
                *ret_owner = owner;
        return true;
}
