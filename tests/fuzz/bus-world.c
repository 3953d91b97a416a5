/* SPDX-License-Identifier: MIT */

#include "bus-world.h"

#include <sys/socket.h>

#include "bus/bus.h"

#define GREETING_MAX 128
#define READ_MAX     (256U * 1024U)
#define ANSWERS_MAX  512U

/* What every message begins with (D-Bus specification, message format). */
typedef struct Header {
        uint8_t endian, type, flags, version;
        uint32_t body, serial, fields;
} Header;

/* What stays with the daemon. */
static const char *const canaries[] = { "refresh-canary", "secret-canary" };

/* What Yandex may answer to anything. */
static const struct {
        int status;
        const char *body;
} answers[] = {
        { 200, "{\"device_code\":\"d\",\"user_code\":\"ab12\",\"interval\":5}" },
        { 200, "{\"access_token\":\"a-2\",\"refresh_token\":\"refresh-canary\",\"expires_in\":9}" },
        { 200, "{\"id\":\"100\",\"login\":\"user\",\"client_id\":\"app\"}" },
        { 200, "{\"id\":\"300\",\"login\":\"third\"}" },
        { 200, "{\"status\":\"ok\"}" },
        { 400, "{\"error\":\"authorization_pending\"}" },
        { 400, "{\"error\":\"invalid_grant\"}" },
        { 400, "{\"error\":\"invalid_client\"}" },
        { 400, "{\"error\":\"a new one\"}" },
        { 401, "{}" },
        { 429, "" },
        { 500, "" },
};

static const Config config = { .disk_url = (char *) "https://disk.example" };

static Bus *bus;
static int client = -EBADF;
static bool has_greeted, canary_was_sent;
static char received[READ_MAX];
static size_t n_received;
static uint32_t answered[ANSWERS_MAX];
static size_t n_answered;

static size_t round_up(size_t n) {
        return (n + 7) / 8 * 8;
}

/* The daemon writes integers as this machine does, and each field at a multiple of eight. */
static void note_answer(const char *fields, size_t size) {
        static const char reply_serial[] = { 5, 1, 'u', 0 };

        for (size_t at = 0; at + 8 <= size && n_answered < ANSWERS_MAX; at += 8)
                if (memcmp(fields + at, reply_serial, sizeof(reply_serial)) == 0)
                        memcpy(&answered[n_answered++], fields + at + 4, sizeof(answered[0]));
}

/* Drops whole messages from the front of what was received. */
static void take_messages(void) {
        size_t at = 0;
        Header h;

        while (n_received - at >= sizeof(h)) {
                size_t size;

                memcpy(&h, received + at, sizeof(h));
                check_int(h.endian, 'l');
                check_int(h.version, 1);
                check(h.serial > 0);
                size = sizeof(h) + round_up(h.fields) + h.body;
                if (size > n_received - at)
                        break;
                if (h.type != 4) /* no signal */
                        note_answer(received + at + sizeof(h), h.fields);
                at += size;
        }
        n_received -= at;
        memmove(received, received + at, n_received);
}

static bool has_canary(const void *data, size_t size) {
        for (size_t i = 0; i < ELEMENTSOF(canaries); i++)
                if (memmem(data, size, canaries[i], strlen(canaries[i])))
                        return true;
        return false;
}

/* A descriptor that comes along is closed by the kernel. */
static bool receive(void) {
        ssize_t n = recv(client, received + n_received, READ_MAX - n_received, 0);

        if (n <= 0)
                return false;
        check(canary_was_sent || !has_canary(received, n_received + (size_t) n));
        n_received = has_greeted ? n_received + (size_t) n : 0;
        if (has_greeted)
                take_messages();
        return true;
}

static void settle(void) {
        do
                run();
        while (receive());
}

void bus_world_send(const void *data, size_t size, int fd) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct iovec part = { (void *) data, size };
        struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

        if (fd >= 0) {
                m.msg_control = &control;
                m.msg_controllen = sizeof(control);
                control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
                                                   .cmsg_level = SOL_SOCKET,
                                                   .cmsg_type = SCM_RIGHTS };
                memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
        }
        canary_was_sent = canary_was_sent || memmem(data, size, "canary", 6);
        (void) sendmsg(client, &m, MSG_NOSIGNAL); /* it may have closed the connection */
        settle();
}

unsigned bus_world_answers(uint32_t serial) {
        unsigned n = 0;

        for (size_t i = 0; i < n_answered; i++)
                n += answered[i] == serial;
        return n;
}

void bus_world_change(uint8_t n) {
        uint8_t which = n & 15;

        if (n < 0xc0) {
                if (waiting() > 0)
                        fake_http_answer(answers[which % ELEMENTSOF(answers)].status,
                                         answers[which % ELEMENTSOF(answers)].body);
        } else if (n < 0xd0)
                fake_clock_pass(event, INT64_C(1) << which);
        else if (n < 0xe0)
                fake_vault_set_state((VaultState) (which % _VAULT_STATE_MAX));
        else if (n < 0xf0)
                fake_vault_dismiss_prompts(which & 1);
        else if (waiting() > 0)
                fake_http_fail(CONDITION_OFFLINE, which & 1);
        settle();
}

static void greet(void) {
        char greeting[GREETING_MAX], uid[16], *end = greeting;

        (void) snprintf(uid, sizeof(uid), "%u", (unsigned) getuid());
        *end++ = '\0';
        end = stpcpy(end, "AUTH EXTERNAL ");
        for (const char *c = uid; *c; c++)
                end += snprintf(end, 3, "%02x", (unsigned) *c);
        end = stpcpy(end, "\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n");
        bus_world_send(greeting, (size_t) (end - greeting), -EBADF);
        has_greeted = true;
}

static void serve(void) {
        static const sd_id128_t id = { .bytes = { 1 } };
        sd_bus *server;
        int ends[2];

        check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        client = ends[1];
        check_int(sd_bus_new(&server), 0);
        check(sd_bus_set_fd(server, ends[0], ends[0]) >= 0);
        check(sd_bus_negotiate_fds(server, true) >= 0);
        check(sd_bus_set_server(server, true, id) >= 0);
        check(sd_bus_start(server) >= 0);
        check_int(bus_new_on(server, &config, keeper, &bus), 0);
        sd_bus_unref(server);
        run();
}

void bus_world_begin(bool greets) {
        has_greeted = canary_was_sent = false;
        n_received = n_answered = 0;
        begin();
        keyring_has((Known){ .id = "one", .refresh = "refresh-canary" });
        keyring_has_application("app", "secret-canary");
        make_keeper();
        serve();
        if (greets)
                greet();
}

void bus_world_end(void) {
        client = fd_close(client);
        run();
        bus = bus_free(bus);
        run();
        end();
}
