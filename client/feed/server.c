/* SPDX-License-Identifier: MIT */

#include "feed/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/condition.h"
#include "common/log.h"
#include "feed/connection.h"
#include "feed/request.h"

/* More programs wait until systemd's socket has no place for them either. */
#define CONNECTIONS_MAX 512U

/* For one connection: its head, and what has been read of its body. */
#define MEMORY_MAX_BYTES ((size_t) 32 * 1024)

/* A start costs more than a program that sleeps, but an endpoint without clients should not
 * stay. */
#define IDLE_USEC (UINT64_C(30) * 1000 * 1000)

/* Without this, versions from 0.9.77 on take a connection that we add for one of another thread's,
 * and begin it later. Earlier ones begin it at once, and do not know the flag. */
#if MHD_VERSION < 0x00097707
#define MHD_USE_NO_THREAD_SAFETY ((enum MHD_FLAG)(1U << 19))
#endif
#define HTTP_FLAGS                                                                                 \
        (MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |                     \
         MHD_USE_NO_THREAD_SAFETY)

struct Server {
        sd_event *event;
        int fd;
        struct sockaddr_in address;
        RequestContext context;
        Connections *connections;
        Connection *arriving; /* is being handed over to the HTTP library */
        struct MHD_Daemon *http;
        sd_event_source *listening; /* NULL after server_stop() */
        sd_event_source *working;   /* the HTTP library has something to read or to write */
        sd_event_source *again;     /* it has something to do that no socket tells of */
        sd_event_source *idle;
};

/* Follows the number of connections: without any, the server ends after a while, or at once if it
 * no longer listens. */
static void server_on_count(Server *s) {
        size_t n = connections_count(s->connections);

        if (n == 0 && !s->listening)
                (void) sd_event_exit(s->event, EXIT_STATUS_OK);
        else if (n == 0)
                (void) sd_event_source_set_time_relative(s->idle, IDLE_USEC);
        (void) sd_event_source_set_enabled(s->idle, n == 0 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
        if (s->listening)
                (void) sd_event_source_set_enabled(s->listening, SD_EVENT_ON);
}

/* The library goes on with a resumed connection when it runs next, and does not wake our loop. */
static void server_run_soon(void *userdata) {
        Server *s = userdata;

        (void) sd_event_source_set_enabled(s->again, SD_EVENT_ONESHOT);
}

/* We set no deadlines with the library, so it has something to do at once or waits for sockets. */
static void server_run_http(Server *s) {
        MHD_UNSIGNED_LONG_LONG left;

        (void) MHD_run(s->http);
        if (MHD_get_timeout(s->http, &left) == MHD_YES)
                server_run_soon(s);
}

static int server_on_working(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        server_run_http(userdata);
        return 0;
}

static int server_on_again(sd_event_source *source, void *userdata) {
        server_run_http(userdata);
        return 0;
}

static int server_on_idle(sd_event_source *source, uint64_t usec, void *userdata) {
        Server *s = userdata;

        return sd_event_exit(s->event, EXIT_STATUS_OK);
}

/* The context of a socket is its Connection. */
static void server_on_connection(void *cls, struct MHD_Connection *http, void **context,
                                 enum MHD_ConnectionNotificationCode code) {
        Server *s = cls;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                *context = TAKE_PTR(s->arriving);
                return;
        }
        *context = connection_free(*context);
        server_on_count(s);
}

/* Programs of other users, such as those that run under sudo, get this instead of silence. Nothing
 * of theirs is read. */
static void server_turn_away(int fd) {
        static const char answer[] = "HTTP/1.1 403 Forbidden\r\n"
                                     "Content-Type: text/plain; charset=utf-8\r\n"
                                     "Connection: close\r\n"
                                     "\r\n"
                                     "Only programs of the user whose endpoint this is are "
                                     "answered; run this one as that user, or sign in and add a "
                                     "feed as yours.\n";

        (void) send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void) shutdown(fd, SHUT_WR);
}

/* Returns whether a program of our user has connected. */
static bool server_admits(const Server *s, int fd, const struct sockaddr_in *from,
                          SocketOwner *ret) {
        static uint64_t last_foreign, last_failure;
        int r;

        r = socket_owner_find(from, &s->address, ret);
        if (r >= 0 && ret->uid == geteuid())
                return true;

        if (r >= 0)
                server_turn_away(fd);
        if (r >= 0 && log_is_due(&last_foreign))
                log_warning(
                        "A program of the user %u was turned away; only those of the user %u are "
                        "answered.",
                        (unsigned) ret->uid, (unsigned) geteuid());
        else if (r < 0 && r != -ENOENT && log_is_due(&last_failure))
                log_event(LOG_ERR, &(LogContext){ .condition = r },
                          "Nobody is answered: the kernel does not tell who has connected.");
        return false;
}

/* Takes fd over. */
static void server_add(Server *s, int fd, const struct sockaddr_in *from, const SocketOwner *peer) {
        if (connection_new(s->connections, fd, peer, &s->arriving) < 0) {
                (void) fd_close(fd);
                return;
        }

        (void) MHD_add_connection(s->http, fd, (const struct sockaddr *) from, sizeof(*from));
        s->arriving = connection_free(s->arriving);
        server_on_count(s);
        server_run_http(s);
}

/* Returns whether one connection has made room for another. If none could, the next one that leaves
 * starts us listening again. */
static bool server_make_room(Server *s) {
        bool ended = connections_end_oldest(s->connections);

        if (ended)
                server_run_http(s);
        if (ended && connections_count(s->connections) < CONNECTIONS_MAX)
                return true;

        (void) sd_event_source_set_enabled(s->listening, SD_EVENT_OFF);
        return false;
}

static int server_on_listening(sd_event_source *source, int listening, uint32_t events,
                               void *userdata) {
        Server *s = userdata;
        struct sockaddr_in from = {};
        socklen_t size = sizeof(from);
        SocketOwner peer;
        int fd;

        if (connections_count(s->connections) >= CONNECTIONS_MAX && !server_make_room(s))
                return 0;

        fd = accept4(listening, (struct sockaddr *) &from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                        (void) server_make_room(s);
                return 0;
        }

        if (!server_admits(s, fd, &from, &peer)) {
                (void) fd_close(fd);
                return 0;
        }
        server_add(s, fd, &from, &peer);
        return 0;
}

static int server_find_address(Server *s) {
        socklen_t size = sizeof(s->address);

        if (getsockname(s->fd, (struct sockaddr *) &s->address, &size) < 0)
                return -errno;
        if (s->address.sin_family != AF_INET ||
            ntohl(s->address.sin_addr.s_addr) >> IN_CLASSA_NSHIFT != IN_LOOPBACKNET)
                return -EADDRNOTAVAIL;

        s->context.port = ntohs(s->address.sin_port);
        return 0;
}

/* Without sock_diag, or if the socket is of another network namespace, every program would be
 * turned away. */
static int server_check_kernel(const Server *s) {
        SocketOwner ours;
        int r;

        r = socket_owner_find_listener(&s->address, &ours);
        if (r < 0)
                log_error("The kernel does not tell whose a connection is, so that nobody could be "
                          "answered; restart the computer if its kernel was upgraded, or run "
                          "\"sudo modprobe tcp_diag\"; and keep the endpoint in the network of "
                          "its socket.");
        return r;
}

/* Paths are compared as they were sent. */
static size_t server_unescape(void *cls, struct MHD_Connection *http, char *text) {
        return strlen(text);
}

/* We accept the connections ourselves, since the library would tell us neither which socket is
 * whose nor let us choose whom to end when there are too many. */
static int server_start_http(Server *s) {
        const union MHD_DaemonInfo *info;
        int r;

        /* clang-format off */
        s->http = MHD_start_daemon(HTTP_FLAGS, 0, NULL, NULL, request_on_access, &s->context,
                                   MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_MAX_BYTES,
                                   MHD_OPTION_NOTIFY_CONNECTION, server_on_connection, s,
                                   MHD_OPTION_NOTIFY_COMPLETED, request_on_completed, NULL,
                                   MHD_OPTION_UNESCAPE_CALLBACK, server_unescape, NULL,
                                   MHD_OPTION_END);
        /* clang-format on */
        info = s->http ? MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
        if (!info)
                return -ENOMEM;

        r = sd_event_add_io(s->event, &s->working, info->epoll_fd, EPOLLIN, server_on_working, s);
        if (r >= 0)
                r = sd_event_add_defer(s->event, &s->again, server_on_again, s);
        return r < 0 ? r : sd_event_source_set_enabled(s->again, SD_EVENT_OFF);
}

static int server_listen(Server *s) {
        int flags = fcntl(s->fd, F_GETFL), r;

        if (flags < 0 || fcntl(s->fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return -errno;

        r = sd_event_add_io(s->event, &s->listening, s->fd, EPOLLIN, server_on_listening, s);
        if (r >= 0)
                r = sd_event_add_time_relative(s->event, &s->idle, CLOCK_MONOTONIC, IDLE_USEC, 0,
                                               server_on_idle, s);
        return r;
}

int server_new(sd_event *event, int fd, Server **ret) {
        _cleanup_(server_freep) Server *s = calloc(1, sizeof(Server));
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->fd = fd;
        r = server_find_address(s);
        if (r >= 0)
                r = server_check_kernel(s);
        if (r >= 0)
                r = tokens_new(event, &s->context.tokens);
        if (r >= 0)
                r = connections_new(event, server_run_soon, s, &s->connections);
        if (r >= 0)
                r = server_start_http(s);
        if (r >= 0)
                r = server_listen(s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

void server_stop(Server *s) {
        if (!s->listening || connections_count(s->connections) == 0)
                (void) sd_event_exit(s->event, EXIT_STATUS_OK);
        s->listening = sd_event_source_disable_unref(s->listening);
}

Server *server_free(Server *s) {
        if (!s)
                return NULL;

        sd_event_source_disable_unref(s->listening);
        s->listening = NULL;
        s->context.tokens = tokens_free(s->context.tokens);
        sd_event_source_disable_unref(s->working); /* before the library closes its descriptor */
        if (s->http) {
                (void) MHD_run(s->http);
                MHD_stop_daemon(s->http);
        }
        sd_event_source_disable_unref(s->idle);
        sd_event_source_disable_unref(s->again);
        connections_free(s->connections);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}
