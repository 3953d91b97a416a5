/* SPDX-License-Identifier: MIT */

/*
 * The token endpoint with its HTTP library, over a socket pair. What is around it is replaced at
 * link time: the listening socket, whose a socket is, the store of feeds, and the daemon.
 *
 * The first byte of the input is how the connection goes on; the rest is what the program sends, in
 * pieces that are apart by the byte 0xff.
 */

#include <arpa/inet.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "common/log.h"
#include "feed/feed.h"
#include "feed/server.h"
#include "feed/socket-owner.h"
#include "feed/tokens.h"
#include "fuzz.h"

#define PORT       1234
#define HANDLE     "yadisk-feed-00"
#define TOKEN      "y0_the-token"
#define ANSWER_MAX 8192U
#define PIECE_END  0xff
#define STEPS_MAX  10000U
#define IS_REFUSED 1U /* the daemon gives no token */
#define IS_LATE    2U /* the daemon answers after the program has gone */
#define IS_SHUT    4U /* the program says that it sends no more */
#define IS_HASTY   8U /* the program goes without reading */

struct TokenWait {
        TokenFn fn;
        void *userdata;
};

static sd_event *event;
static Server *server;
static int listening, arriving = -EBADF;
static TokenWait *waiting;
static unsigned n_feeds, n_waits;

/* The listening socket: readable when a program is about to connect. */

int getsockname(int fd, struct sockaddr *address, socklen_t *size) {
        const struct sockaddr_in us = { .sin_family = AF_INET,
                                        .sin_port = htons(PORT),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

        memcpy(address, &us, sizeof(us));
        *size = sizeof(us);
        return 0;
}

int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
        eventfd_t n;

        (void) eventfd_read(listening, &n);
        if (arriving < 0) {
                errno = EAGAIN;
                return -1;
        }
        (void) getsockname(fd, address, size);
        return TAKE_FD(arriving);
}

int socket_owner_find(const struct sockaddr_in *bound, const struct sockaddr_in *connected,
                      SocketOwner *ret) {
        *ret = (SocketOwner){ .uid = geteuid(), .inode = 1 };
        return 0;
}

int socket_owner_find_listener(const struct sockaddr_in *bound, SocketOwner *ret) {
        return socket_owner_find(bound, bound, ret);
}

bool socket_owner_find_process(const SocketOwner *o, pid_t *ret_pid, char **ret_executable) {
        return false;
}

/* The store: it knows one handle. */

int feed_find(const char *handle, Feed **ret) {
        if (!streq(handle, HANDLE))
                return -ENOENT;

        *ret = calloc(1, sizeof(Feed));
        check(*ret);
        (*ret)->program = strdup("rclone");
        (*ret)->account = strdup("one");
        n_feeds++;
        return 0;
}

Feed *feed_free(Feed *f) {
        if (!f)
                return NULL;
        n_feeds--;
        free(f->program);
        free(f->account);
        free(f);
        return NULL;
}

int feed_set_last_use(const Feed *f, const FeedUse *use) {
        return 0;
}

/* The daemon */

int tokens_new(sd_event *e, Tokens **ret) {
        *ret = (Tokens *) &event;
        return 0;
}

Tokens *tokens_free(Tokens *t) {
        return NULL;
}

int tokens_ask(Tokens *t, const char *account, TokenFn fn, void *userdata, TokenWait **ret) {
        check_str(account, "one");
        check(!waiting);
        waiting = malloc(sizeof(TokenWait));
        check(waiting);
        *waiting = (TokenWait){ .fn = fn, .userdata = userdata };
        n_waits++;
        *ret = waiting;
        return 0;
}

TokenWait *token_wait_free(TokenWait *w) {
        if (!w)
                return NULL;
        if (waiting == w)
                waiting = NULL;
        n_waits--;
        free(w);
        return NULL;
}

static void answer_waiting(uint8_t flags) {
        TokenOutcome outcome = { .r = -ETIMEDOUT };

        if (!(flags & IS_REFUSED))
                outcome = (TokenOutcome){ .token = TOKEN, .expires_at = 1, .next_refresh_at = 2 };
        if (waiting)
                waiting->fn(&outcome, waiting->userdata);
}

/* The program */

static void run(void) {
        unsigned n = 0;
        int r;

        while ((r = sd_event_run(event, 0)) > 0)
                check(++n < STEPS_MAX);
        check(r == 0);
}

static int connect_program(void) {
        int ends[2];

        check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        arriving = ends[0];
        check_int(eventfd_write(listening, 1), 0);
        run();
        check_int(arriving, -EBADF);
        return ends[1];
}

static void send_pieces(int fd, const uint8_t *data, size_t size) {
        while (size > 0) {
                const uint8_t *end = memchr(data, PIECE_END, size);
                size_t n = end ? (size_t) (end - data) : size;

                if (n > 0 && send(fd, data, n, MSG_NOSIGNAL) < 0)
                        return;
                run();
                n += end ? 1 : 0;
                data += n;
                size -= n;
        }
}

static size_t join_pieces(char *data, size_t size) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++)
                if ((uint8_t) data[i] != PIECE_END)
                        data[n++] = data[i];
        return n;
}

static unsigned count(const char *text, const char *word) {
        unsigned n = 0;

        for (; (text = strstr(text, word)); text++)
                n++;
        return n;
}

/* One answer of ours at most, and no token but in a good one. libmicrohttpd 0.9.75 has answers of
 * its own to what is no HTTP, some of which have their head twice. */
static void check_answer(int fd, const char *sent, size_t size) {
        char answer[ANSWER_MAX + 1];
        ssize_t n = recv(fd, answer, ANSWER_MAX, 0);

        if (n <= 0)
                return;
        answer[n] = '\0';
        check(strncmp(answer, "HTTP/1.", 7) == 0);
        check(count(answer, "\r\nCache-Control: no-store\r\n") <= 1);
        /* Some errors of newer versions repeat what was sent. */
        if (!strstr(answer, TOKEN) || memmem(sent, size, TOKEN, strlen(TOKEN)))
                return;
        check(strstr(answer, "HTTP/1.1 200 OK\r\n") || strstr(answer, "HTTP/1.0 200 OK\r\n"));
        check(strstr(answer, "\r\nCache-Control: no-store\r\n"));
        check(memmem(sent, size, "POST", 4));
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        log_set_max_level(LOG_EMERG);
        listening = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        check(listening >= 0);
        check(sd_event_new(&event) >= 0);
        check_int(server_new(event, listening, &server), 0);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        uint8_t flags = input_take(&in);
        _cleanup_free_ char *sent = fuzz_text(in.at, in.left);
        int fd = connect_program();

        send_pieces(fd, in.at, in.left);
        if (flags & IS_SHUT)
                (void) shutdown(fd, SHUT_WR);
        run();
        if (!(flags & IS_LATE))
                answer_waiting(flags);
        run();
        if (!(flags & IS_HASTY))
                check_answer(fd, sent, join_pieces(sent, in.left));
        (void) close(fd);
        run();
        answer_waiting(flags);
        run();
        check_int(n_feeds, 0);
        check_int(n_waits, 0);
        return 0;
}
