/* SPDX-License-Identifier: MIT */

#include "raw-bus.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/names.h"
#include "common/util.h"

#define BUS_NAME  "org.freedesktop.DBus"
#define JUNK_SIZE 65536
#define HELD_SIZE (15 * 1024) /* of what is not refused for its size alone */

/* D-Bus specification, "Message Format". */
enum {
        TYPE_CALL = 1,
        TYPE_ANSWER = 2,
        TYPE_ERROR = 3,
        FIELD_PATH = 1,
        FIELD_INTERFACE = 2,
        FIELD_MEMBER = 3,
        FIELD_ERROR = 4,
        FIELD_REPLY_SERIAL = 5,
        FIELD_DESTINATION = 6,
        FIELD_SIGNATURE = 8,
        BODY_SIZE_AT = 4,
        SERIAL_AT = 8,
        FIELDS_SIZE_AT = 12,
        HEADER_SIZE = 16,
};

/* Bytes that grow at one end and are used up at the other. */
typedef struct Bytes {
        uint8_t *data;
        size_t start, size, allocated;
} Bytes;

struct RawBus {
        int fd;
        uint32_t serial;
        Bytes to_send;
        Bytes received;
};

typedef struct CallKind {
        const char *name, *path, *interface, *member, *signature;
} CallKind;

#define MANAGER TOKENS_PATH, TOKENS_MANAGER_INTERFACE

static const CallKind call_kinds[_RAW_CALL_MAX] = {
        [RAW_CALL_GET_TOKEN] = { "GetToken", MANAGER, "GetToken", "sa{sv}" },
        [RAW_CALL_GET_TOKEN_FD] = { "GetTokenFD", MANAGER, "GetTokenFD", "sa{sv}" },
        [RAW_CALL_GET_MANAGED_OBJECTS] = { "GetManagedObjects", TOKENS_PATH,
                                           "org.freedesktop.DBus.ObjectManager",
                                           "GetManagedObjects", "" },
        [RAW_CALL_INTROSPECT] = { "Introspect", TOKENS_PATH, "org.freedesktop.DBus.Introspectable",
                                  "Introspect", "" },
        [RAW_CALL_SIGN_IN] = { "SignIn", MANAGER, "SignIn", "a{sv}" },
        [RAW_CALL_JUNK] = { "junk", MANAGER, "GetToken", "sa{sv}" },
        [RAW_CALL_LARGE] = { "large", MANAGER, "GetToken", "sa{sv}" },
        [RAW_CALL_FORCED_LARGE] = { "forced-large", MANAGER, "GetToken", "sa{sv}" },
        [RAW_CALL_FORCED] = { "forced", MANAGER, "GetToken", "sa{sv}" },
        [RAW_CALL_DIAGNOSE] = { "Diagnose", MANAGER, "Diagnose", "a{sv}" },
        [RAW_CALL_GET_ID] = { "GetId", "/org/freedesktop/DBus", BUS_NAME, "GetId", "" },
};

RawCall raw_call_from_string(const char *name) {
        for (RawCall call = 0; call < _RAW_CALL_MAX; call++)
                if (strcmp(call_kinds[call].name, name) == 0)
                        return call;
        return _RAW_CALL_INVALID;
}

/* Bytes */

static void bytes_reserve(Bytes *b, size_t more) {
        if (b->start > (b->size - b->start)) {
                memmove(b->data, b->data + b->start, b->size - b->start);
                b->size -= b->start;
                b->start = 0;
        }
        if (b->size + more <= b->allocated)
                return;

        b->allocated = 2 * b->allocated + more;
        b->data = realloc(b->data, b->allocated);
        if (!b->data)
                err(EXIT_FAILURE, "no memory");
}

static void bytes_put(Bytes *b, const void *data, size_t size) {
        if (size == 0)
                return;

        bytes_reserve(b, size);
        memcpy(b->data + b->size, data, size);
        b->size += size;
}

static void bytes_align(Bytes *b, size_t boundary) {
        static const uint8_t zeros[8];

        bytes_put(b, zeros, (boundary - b->size % boundary) % boundary);
}

static void bytes_put_u32(Bytes *b, uint32_t value) {
        bytes_align(b, 4);
        bytes_put(b, &value, 4);
}

static void bytes_put_string(Bytes *b, const char *text) {
        bytes_put_u32(b, (uint32_t) strlen(text));
        bytes_put(b, text, strlen(text) + 1);
}

static void bytes_put_signature(Bytes *b, const char *signature) {
        uint8_t length = (uint8_t) strlen(signature);

        bytes_put(b, &length, 1);
        bytes_put(b, signature, length + 1U);
}

static uint32_t u32_at(const uint8_t *data) {
        uint32_t value;

        memcpy(&value, data, 4);
        return value;
}

/* Messages */

static void bytes_put_field(Bytes *b, uint8_t field, const char *type, const char *value) {
        if (!*value)
                return;

        bytes_align(b, 8);
        bytes_put(b, &field, 1);
        bytes_put_signature(b, type);
        if (*type == 'g')
                bytes_put_signature(b, value);
        else
                bytes_put_string(b, value);
}

static void bytes_put_option(Bytes *b, const char *key, const char *type, const char *value) {
        bytes_align(b, 8);
        bytes_put_string(b, key);
        bytes_put_signature(b, type);
        if (*type == 'b')
                bytes_put_u32(b, 1);
        else
                bytes_put_string(b, value);
}

static void bytes_put_text(Bytes *b, size_t length) {
        static char text[JUNK_SIZE];

        memset(text, 'x', length);
        text[length] = '\0';
        bytes_put_option(b, "junk", "s", text);
}

static void bytes_put_junk(Bytes *b) {
        char key[32];

        for (unsigned i = 0; b->size < JUNK_SIZE; i++) {
                (void) snprintf(key, sizeof(key), "junk-%u", i);
                bytes_put_option(b, key, "s", "junk");
        }
}

static void bytes_put_options(Bytes *b, RawCall call, const char *application) {
        size_t length_at, start;
        char id[64];

        bytes_put_u32(b, 0);
        length_at = b->size - 4;
        bytes_align(b, 8);
        start = b->size;

        if (call == RAW_CALL_JUNK)
                bytes_put_junk(b);
        if (call == RAW_CALL_LARGE)
                bytes_put_text(b, JUNK_SIZE - 1);
        if (call == RAW_CALL_FORCED_LARGE)
                bytes_put_text(b, HELD_SIZE);
        if (call == RAW_CALL_FORCED || call == RAW_CALL_FORCED_LARGE)
                bytes_put_option(b, "force", "b", NULL);
        if (call == RAW_CALL_SIGN_IN && application) {
                (void) snprintf(id, sizeof(id), "%.*s", (int) strcspn(application, ":"),
                                application);
                bytes_put_option(b, "client_id", "s", id);
                bytes_put_option(b, "client_secret", "s", application + strlen(id) + 1);
        }
        memcpy(b->data + length_at, &(uint32_t){ (uint32_t) (b->size - start) }, 4);
}

static void bytes_put_body(Bytes *b, RawCall call, const char *account, const char *application) {
        const char *signature = call_kinds[call].signature;

        if (*signature == 's')
                bytes_put_string(b, account);
        if (*signature)
                bytes_put_options(b, call, application);
}

static RawMessage message_make(const CallKind *kind, const char *destination, const Bytes *body) {
        static const uint8_t start[4] = { 'l', TYPE_CALL, 0, 1 };
        Bytes b = {};
        uint32_t fields;

        bytes_put(&b, start, sizeof(start));
        bytes_put_u32(&b, (uint32_t) body->size);
        bytes_put_u32(&b, 0); /* the serial */
        bytes_put_u32(&b, 0); /* how long the fields are */
        bytes_put_field(&b, FIELD_PATH, "o", kind->path);
        bytes_put_field(&b, FIELD_INTERFACE, "s", kind->interface);
        bytes_put_field(&b, FIELD_MEMBER, "s", kind->member);
        bytes_put_field(&b, FIELD_DESTINATION, "s", destination);
        bytes_put_field(&b, FIELD_SIGNATURE, "g", kind->signature);
        fields = (uint32_t) (b.size - HEADER_SIZE);
        memcpy(b.data + FIELDS_SIZE_AT, &fields, 4);
        bytes_align(&b, 8);
        bytes_put(&b, body->data ?: b.data, body->size);
        return (RawMessage){ .data = b.data, .size = b.size };
}

static RawMessage message_new(RawCall call, const char *destination, const char *account,
                              const char *application) {
        Bytes body = {};
        RawMessage m;

        bytes_put_body(&body, call, account, application);
        m = message_make(&call_kinds[call], call == RAW_CALL_GET_ID ? BUS_NAME : destination,
                         &body);
        free(body.data);
        return m;
}

RawMessage raw_message_new(RawCall call, const char *destination, const char *application) {
        return message_new(call, destination, "", application);
}

RawMessage raw_message_new_for(RawCall call, const char *destination, const char *account) {
        return message_new(call, destination, account, NULL);
}

void raw_message_done(RawMessage *m) {
        free(m->data);
}

/* The connection */

static int connect_to(const char *address) {
        static const char prefix[] = "unix:path=";
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        int fd;

        if (strncmp(address, prefix, strlen(prefix)) != 0)
                errx(EXIT_FAILURE, "%s is no such address", address);

        address += strlen(prefix);
        (void) snprintf(name.sun_path, sizeof(name.sun_path), "%.*s", (int) strcspn(address, ","),
                        address);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *) &name, sizeof(name)) < 0)
                err(EXIT_FAILURE, "the bus cannot be reached");
        return fd;
}

/* The user's number as hexadecimal digits of its decimal ones, as the protocol wants it.
 * Descriptors are agreed on, since the answer of GetTokenFD would be refused otherwise. */
static void authenticate(int fd) {
        static const char rest[] = "\r\nNEGOTIATE_UNIX_FD\r\n";
        char line[128] = "_AUTH EXTERNAL ", uid[16], answer[256];
        size_t size = 0;

        (void) snprintf(uid, sizeof(uid), "%u", (unsigned) getuid());
        for (const char *digit = uid; *digit; digit++)
                (void) snprintf(line + strlen(line), 3, "%02x", (unsigned char) *digit);
        strcat(line, rest);
        size = strlen(line);
        line[0] = '\0';
        if (write(fd, line, size) < 0)
                err(EXIT_FAILURE, "the bus has hung up");

        for (size = 0; size < 2 || !memmem(answer, size, "AGREE_UNIX_FD\r\n", 15);) {
                ssize_t n = read(fd, answer + size, sizeof(answer) - size);

                if (n <= 0)
                        errx(EXIT_FAILURE, "the bus does not let us in");
                size += (size_t) n;
        }
        if (write(fd, "BEGIN\r\n", 7) < 0)
                err(EXIT_FAILURE, "the bus has hung up");
}

RawBus *raw_bus_open(const char *address) {
        static const CallKind hello = { "Hello", "/org/freedesktop/DBus", BUS_NAME, "Hello", "" };
        RawBus *b = calloc(1, sizeof(RawBus));
        RawMessage m;

        if (!b)
                err(EXIT_FAILURE, "no memory");

        b->fd = connect_to(address);
        authenticate(b->fd);
        m = message_make(&hello, BUS_NAME, &(Bytes){});
        (void) raw_bus_await(b, raw_bus_add(b, &m));
        raw_message_done(&m);
        return b;
}

RawBus *raw_bus_close(RawBus *b) {
        if (!b)
                return NULL;

        close(b->fd);
        free(b->to_send.data);
        free(b->received.data);
        free(b);
        return NULL;
}

int raw_bus_fd(const RawBus *b) {
        return b->fd;
}

uint32_t raw_bus_add(RawBus *b, const RawMessage *m) {
        b->serial++;
        bytes_put(&b->to_send, m->data, m->size);
        memcpy(b->to_send.data + b->to_send.size - m->size + SERIAL_AT, &b->serial, 4);
        return b->serial;
}

bool raw_bus_send(RawBus *b) {
        Bytes *out = &b->to_send;

        while (out->start < out->size) {
                ssize_t n = send(b->fd, out->data + out->start, out->size - out->start,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n < 0 && errno == EAGAIN)
                        return false;
                if (n < 0)
                        err(EXIT_FAILURE, "the bus has hung up");
                out->start += (size_t) n;
        }
        return true;
}

/* Descriptors that come along are closed by the kernel, since they are not asked for. */
static bool raw_bus_receive(RawBus *b) {
        Bytes *in = &b->received;
        ssize_t n;

        bytes_reserve(in, JUNK_SIZE);
        n = recv(b->fd, in->data + in->size, JUNK_SIZE, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN))
                errx(EXIT_FAILURE, "the bus has hung up");
        in->size += n > 0 ? (size_t) n : 0;
        return n > 0;
}

static size_t message_size(const uint8_t *m, size_t available) {
        if (available < HEADER_SIZE)
                return SIZE_MAX;

        return HEADER_SIZE + ((u32_at(m + FIELDS_SIZE_AT) + 7) & ~7U) + u32_at(m + BODY_SIZE_AT);
}

/* All fields of an answer hold a string, a signature or a number. */
static void message_read_fields(const uint8_t *m, RawAnswer *ret) {
        size_t at = HEADER_SIZE, end = HEADER_SIZE + u32_at(m + FIELDS_SIZE_AT);

        while (at < end) {
                uint8_t field = m[at];
                char type = (char) m[at + 2];
                size_t value = at + 4;

                if (field == FIELD_REPLY_SERIAL)
                        ret->reply_serial = u32_at(m + value);
                if (field == FIELD_ERROR)
                        (void) snprintf(ret->error, sizeof(ret->error), "%s",
                                        (const char *) m + value + 4);

                if (type == 'g')
                        at = value + 1 + m[value] + 1;
                else
                        at = value + 4 + (type == 'u' ? 0 : u32_at(m + value) + 1);
                at = (at + 7) & ~(size_t) 7;
        }
}

bool raw_bus_next(RawBus *b, RawAnswer *ret) {
        Bytes *in = &b->received;

        for (;;) {
                const uint8_t *m = in->data + in->start;
                size_t available = in->size - in->start, size = message_size(m, available);

                if (available < size) {
                        if (!raw_bus_receive(b))
                                return false;
                        continue;
                }

                in->start += size;
                if (m[1] != TYPE_ANSWER && m[1] != TYPE_ERROR)
                        continue;

                *ret = (RawAnswer){ .is_error = m[1] == TYPE_ERROR };
                message_read_fields(m, ret);
                return true;
        }
}

RawAnswer raw_bus_await(RawBus *b, uint32_t serial) {
        RawAnswer answer = {};

        for (;;) {
                struct pollfd p = { .fd = b->fd, .events = POLLIN };

                if (!raw_bus_send(b))
                        p.events |= POLLOUT;
                while (raw_bus_next(b, &answer))
                        if (answer.reply_serial == serial)
                                return answer;
                if (poll(&p, 1, -1) < 0)
                        err(EXIT_FAILURE, "poll");
        }
}
