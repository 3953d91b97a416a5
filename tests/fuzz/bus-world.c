/* SPDX-License-Identifier: MIT */

#include "bus-world.h"

#include <sys/socket.h>

#include "bus/bus.h"
#include "platform/process.h"

#define READ_MAX    (256U * 1024U)
#define ANSWERS_MAX 1024U
#define HELD_MAX    64U

#define BUS      "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* The daemon's. */
#define UNIQUE_NAME ":1.0"

/* What every message begins with, and its fields (D-Bus specification, message format). */
typedef struct Header {
        uint8_t endian, type, flags, version;
        uint32_t body, serial, fields;
} Header;

enum {
        FIELD_PATH = 1,
        FIELD_INTERFACE,
        FIELD_MEMBER,
        FIELD_ERROR,
        FIELD_REPLY_SERIAL,
        FIELD_DESTINATION,
        FIELD_SENDER,
        FIELD_SIGNATURE,
        FIELD_DESCRIPTORS,
};

/* What stays with the daemon. */
static const char *const canaries[] = { "refresh-canary", "secret-canary" };

static const char *const senders[SENDERS] = { ":1.1", ":1.2", ":1.3", ":1.4" };

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
static bool has_begun; /* the daemon, to send messages */
static bool is_connected, canary_was_sent;
static uint32_t last_serial;
static char received[READ_MAX];
static size_t n_received;
static uint32_t answered[ANSWERS_MAX];
static size_t n_answered;
static uint32_t held[HELD_MAX]; /* calls of which the answer is held back */
static size_t n_held;

/* The kernel, replaced at link time: it tells apart by the process id. */

int process_info_read(const ProcessClaim *claim, ProcessInfo *ret) {
        *ret = (ProcessInfo){ .pid = MAX_OF(claim->pid, 0), .is_host = claim->pid == 1 };
        return claim->pid == 2 ? str_replace(&ret->app, "org.example.App") : 0;
}

void process_info_done(ProcessInfo *p) {
        free(p->app);
        free(p->unit);
        free(p->executable);
        *p = (ProcessInfo){};
}

/* Messages */

void message_append(Message *m, const void *data, size_t size) {
        size = MIN_OF(size, MESSAGE_MAX - m->size);
        memcpy(m->data + m->size, data, size);
        m->size += size;
}

void message_align(Message *m, size_t to) {
        static const uint8_t zeros[8];

        message_append(m, zeros, (to - m->size % to) % to);
}

void message_append_number(Message *m, uint64_t n, size_t bytes) {
        message_align(m, bytes);
        message_append(m, &n, bytes); /* as this machine writes it, which the header names */
}

void message_append_text(Message *m, const char *text) {
        message_append_number(m, strlen(text), 4);
        message_append(m, text, strlen(text) + 1);
}

void message_append_signature(Message *m, const char *text) {
        message_append_number(m, strlen(text), 1);
        message_append(m, text, strlen(text) + 1);
}

static void append_field(Message *m, uint8_t code, const char *type, const char *text) {
        if (!text)
                return;
        message_align(m, 8);
        message_append(m, &code, 1);
        message_append_signature(m, type);
        if (code == FIELD_SIGNATURE)
                message_append_signature(m, text);
        else
                message_append_text(m, text);
}

static void append_number_field(Message *m, uint8_t code, uint32_t n) {
        if (n == 0)
                return;
        message_align(m, 8);
        message_append(m, &code, 1);
        message_append_signature(m, "u");
        message_append_number(m, n, 4);
}

void message_make(Message *ret, const MessageHead *h, const Message *body) {
        Message m = { .data = { 'l', (uint8_t) h->type, h->flags, 1 }, .size = 4 };
        uint32_t fields;

        message_append_number(&m, body->size, 4);
        message_append_number(&m, h->serial, 4);
        message_append_number(&m, 0, 4);
        append_field(&m, FIELD_PATH, "o", h->path);
        append_field(&m, FIELD_INTERFACE, "s", h->interface);
        append_field(&m, FIELD_MEMBER, "s", h->member);
        append_field(&m, FIELD_ERROR, "s", h->error);
        append_number_field(&m, FIELD_REPLY_SERIAL, h->reply_serial);
        /* sd-bus answers no call that is to everybody. */
        append_field(&m, FIELD_DESTINATION, "s", h->type == MESSAGE_CALL ? UNIQUE_NAME : NULL);
        append_field(&m, FIELD_SENDER, "s", h->sender);
        append_field(&m, FIELD_SIGNATURE, "g", str_is_empty(h->signature) ? NULL : h->signature);
        append_number_field(&m, FIELD_DESCRIPTORS, body->has_fd);
        fields = (uint32_t) (m.size - sizeof(Header));
        memcpy(m.data + offsetof(Header, fields), &fields, sizeof(fields));
        message_align(&m, 8);
        message_append(&m, body->data, body->size);
        m.has_fd = body->has_fd;
        *ret = m;
}

/* The bus */

static void send_as_bus(MessageHead head, const Message *body) {
        Message m;

        head.sender = BUS;
        head.serial = UINT32_MAX / 2 + ++last_serial;
        message_make(&m, &head, body);
        (void) send(client, m.data, m.size, MSG_NOSIGNAL);
}

static void append_credential(Message *body, const char *key, uint32_t value) {
        message_align(body, 8);
        message_append_text(body, key);
        message_append_signature(body, "u");
        message_append_number(body, value, 4);
}

/* pid 0: it is not known. */
static void answer_credentials(uint32_t serial, unsigned pid) {
        Message body = { .size = 8 };
        uint32_t size;

        append_credential(&body, "UnixUserID", getuid());
        if (pid > 0)
                append_credential(&body, "ProcessID", pid);
        size = (uint32_t) body.size - 8;
        memcpy(body.data, &size, sizeof(size));
        send_as_bus((MessageHead){ .type = MESSAGE_RETURN,
                                   .reply_serial = serial,
                                   .signature = "a{sv}" },
                    &body);
}

/* text is the first argument. */
static void answer_call(uint32_t serial, const char *member, const char *text) {
        MessageHead head = { .type = MESSAGE_RETURN, .reply_serial = serial };
        Message body = {};

        if (streq(member, "GetConnectionCredentials")) {
                if (!streq(text, senders[3]))
                        answer_credentials(serial, streq(text, senders[0])   ? 1
                                                   : streq(text, senders[1]) ? 2
                                                                             : 0);
                else if (n_held < HELD_MAX)
                        held[n_held++] = serial;
                return;
        }
        if (streq(member, "Hello")) {
                head.signature = "s";
                message_append_text(&body, UNIQUE_NAME);
        }
        send_as_bus(head, &body);
}

void bus_world_tell_who(void) {
        for (size_t i = 0; i < n_held; i++)
                answer_credentials(held[i], 1);
        n_held = 0;
        bus_world_send(NULL, 0, -EBADF);
}

const char *bus_world_sender(unsigned i) {
        return senders[i];
}

void message_make_left(Message *ret, const char *sender) {
        const MessageHead head = {
                .type = MESSAGE_SIGNAL,
                .serial = UINT32_MAX,
                .path = BUS_PATH,
                .interface = BUS,
                .member = "NameOwnerChanged",
                .sender = BUS,
                .signature = "sss",
        };
        Message body = {};

        message_append_text(&body, sender);
        message_append_text(&body, sender);
        message_append_text(&body, "");
        message_make(ret, &head, &body);
}

/* What comes from the daemon */

static size_t round_up(size_t n) {
        return (n + 7) / 8 * 8;
}

/* Finds a field of the type "u" or "s", each of which begins at a multiple of eight. */
static const char *find_field(const char *fields, size_t size, char code, char type) {
        const char wanted[] = { code, 1, type, 0 };

        for (size_t at = 0; at + 8 <= size; at += 8)
                if (memcmp(fields + at, wanted, sizeof(wanted)) == 0)
                        return fields + at + sizeof(wanted) + (type == 's' ? 4 : 0);
        return NULL;
}

static void take_message(const Header *h, const char *fields) {
        const char *serial = find_field(fields, h->fields, FIELD_REPLY_SERIAL, 'u');
        const char *member = find_field(fields, h->fields, FIELD_MEMBER, 's');
        const char *body = fields + round_up(h->fields);

        check_int(h->endian, 'l');
        check_int(h->version, 1);
        check(h->serial > 0);
        if (h->type == MESSAGE_CALL) {
                check(member);
                answer_call(h->serial, member, h->body > 4 ? body + 4 : "");
        } else if (h->type != MESSAGE_SIGNAL) {
                check(serial);
                if (n_answered < ANSWERS_MAX)
                        memcpy(&answered[n_answered++], serial, sizeof(answered[0]));
        }
}

/* Takes what is whole from the front of what was received. */
static size_t take_messages(void) {
        size_t at = 0;
        Header h;

        while (n_received - at >= sizeof(h)) {
                size_t size;

                memcpy(&h, received + at, sizeof(h));
                size = sizeof(h) + round_up(h.fields) + h.body;
                if (size > n_received - at)
                        break;
                take_message(&h, received + at + sizeof(h));
                at += size;
        }
        return at;
}

/* The daemon does not wait for our greeting before it sends its own. */
static size_t take_greeting(void) {
        static const char begin_line[] = "BEGIN\r\n";
        const char *found = memmem(received, n_received, begin_line, strlen(begin_line));

        has_begun = found;
        return found ? (size_t) (found + strlen(begin_line) - received) : 0;
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
        size_t taken;

        is_connected = is_connected && n != 0;
        if (n <= 0)
                return false;

        n_received += (size_t) n;
        check(canary_was_sent || !has_canary(received, n_received));
        taken = has_begun ? take_messages() : take_greeting();
        n_received -= taken;
        memmove(received, received + taken, n_received);
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
        canary_was_sent = canary_was_sent || (size > 0 && memmem(data, size, "canary", 6));
        while (part.iov_len > 0) {
                ssize_t n = sendmsg(client, &m, MSG_NOSIGNAL);

                if (n < 0)
                        break; /* the daemon has hung up */
                part.iov_base = (char *) part.iov_base + n;
                part.iov_len -= (size_t) n;
                m.msg_controllen = 0;
                if (part.iov_len > 0)
                        settle();
        }
        settle();
}

unsigned bus_world_answers(uint32_t serial) {
        unsigned n = 0;

        for (size_t i = 0; i < n_answered; i++)
                n += answered[i] == serial;
        return n;
}

bool bus_world_is_connected(void) {
        return is_connected;
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

static void serve(void) {
        sd_bus *server;
        int ends[2];

        check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        client = ends[1];
        check_int(sd_bus_new(&server), 0);
        check(sd_bus_set_fd(server, ends[0], ends[0]) >= 0);
        check(sd_bus_negotiate_fds(server, true) >= 0);
        check(sd_bus_set_bus_client(server, true) >= 0);
        check(sd_bus_start(server) >= 0);
        check_int(bus_new_on(server, &config, keeper, &bus), 0);
        sd_bus_unref(server);
        settle();
}

void bus_world_begin(bool greet) {
        static const char greeting[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n"
                                       "AGREE_UNIX_FD\r\n";

        has_begun = canary_was_sent = false;
        is_connected = true;
        n_received = n_answered = n_held = last_serial = 0;
        begin();
        keyring_has((Known){ .id = "one", .refresh = "refresh-canary" });
        keyring_has_application("app", "secret-canary");
        make_keeper();
        serve();
        if (greet)
                bus_world_send(greeting, strlen(greeting), -EBADF);
}

void bus_world_end(void) {
        client = fd_close(client);
        run();
        bus = bus_free(bus);
        run();
        end();
}
