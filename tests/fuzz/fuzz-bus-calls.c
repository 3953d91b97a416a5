/* SPDX-License-Identifier: MIT */

/*
 * Well-formed messages with any member and arguments of any type, and what happens in the world
 * between them. The input is a list of commands, see follow() and make_call(), in which words that
 * mean something are a byte each.
 */

#include "bus-world.h"

#include <fcntl.h>

#include "common/utf8.h"

#define TEXT_MAX  64U
#define DEPTH_MAX 6U
#define CALLS_MAX 24U
#define BATCH_MAX (64U * 1024U)

/* A call is answered within 20 seconds. */
#define DEADLINE_SECONDS 20

static const char *const words[] = {
        "",
        "one",
        "two",
        "app",
        "user",
        "other",
        "client_id",
        "client_secret",
        "flow",
        "device",
        "code",
        "import",
        "label",
        "account",
        "scopes",
        "refresh_token",
        "access_token",
        "min_valid",
        "force",
        "revoke",
        "replace",
        "io.github.yadiskctl.Tokens1.Manager",
        "io.github.yadiskctl.Tokens1.Account",
        "io.github.yadiskctl.Tokens1.Request",
        "State",
        "Scopes",
        "LastError",
        "KeyringState",
        "a:b",
        "1234567",
        "https://oauth.yandex.ru/verification_code?code=1&state=s",
};

static const char *const paths[] = {
        "/io/github/yadiskctl/Tokens1",
        "/io/github/yadiskctl/Tokens1/account/one",
        "/io/github/yadiskctl/Tokens1/account/third",
        "/io/github/yadiskctl/Tokens1/request/1",
        "/io/github/yadiskctl/Tokens1/request/2",
        "/io/github/yadiskctl/Tokens1/account/_",
        "/",
        "/io/github/yadiskctl/Tokens1/request/18446744073709551617",
};

typedef struct Member {
        const char *interface, *name, *types;
} Member;

#define MANAGER    "io.github.yadiskctl.Tokens1.Manager"
#define ACCOUNT    "io.github.yadiskctl.Tokens1.Account"
#define REQUEST    "io.github.yadiskctl.Tokens1.Request"
#define PROPERTIES "org.freedesktop.DBus.Properties"

static const Member members[] = {
        { MANAGER, "GetToken", "sa{sv}" },
        { MANAGER, "GetTokenFD", "sa{sv}" },
        { MANAGER, "SignIn", "a{sv}" },
        { MANAGER, "FindAccount", "s" },
        { MANAGER, "ListApplications", "" },
        { MANAGER, "ListCallers", "" },
        { MANAGER, "AddApplication", "ss" },
        { MANAGER, "SetApplication", "ssa{sv}" },
        { MANAGER, "RemoveApplication", "s" },
        { MANAGER, "CheckApplication", "sa{sv}" },
        { MANAGER, "SetDefaultAccount", "o" },
        { MANAGER, "OpenKeyring", "a{sv}" },
        { MANAGER, "Diagnose", "a{sv}" },
        { ACCOUNT, "Refresh", "" },
        { ACCOUNT, "ReportRefused", "u" },
        { ACCOUNT, "SetLabel", "s" },
        { ACCOUNT, "Allow", "s" },
        { ACCOUNT, "Deny", "s" },
        { ACCOUNT, "SignOut", "a{sv}" },
        { ACCOUNT, "Diagnose", "a{sv}" },
        { REQUEST, "GetPrompt", "" },
        { REQUEST, "SubmitCode", "s" },
        { REQUEST, "Cancel", "" },
        { PROPERTIES, "Get", "ss" },
        { PROPERTIES, "GetAll", "s" },
        { PROPERTIES, "Set", "ssv" },
        { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "" },
        { "org.freedesktop.DBus.Introspectable", "Introspect", "" },
        { "org.freedesktop.DBus.Peer", "Ping", "" },
        { "org.freedesktop.DBus.Peer", "GetMachineId", "" },
};

/* Types that options have, or might have. */
static const char *const types[] = { "s", "b",  "u", "t",    "o",   "as",    "a{sv}",  "v",
                                     "h", "ay", "i", "(sb)", "aas", "a(ss)", "g",      "d",
                                     "y", "n",  "q", "x",    "av",  "a{us}", "a{s(v)}" };

/* A word, or so many bytes of the input. Until the next call. */
static const char *take_text(Input *in) {
        static char text[TEXT_MAX + 1];
        uint8_t choice = input_take(in);
        size_t n = MIN_OF(choice & 63U, in->left);

        if (choice < 0xc0)
                return words[choice % ELEMENTSOF(words)];
        memcpy(text, in->at, n);
        text[n] = '\0';
        in->at += n;
        in->left -= n;
        return utf8_is_valid(text) ? text : "?";
}

/* The length of the first complete type of a signature that is well-formed. */
static size_t type_length(const char *s) {
        size_t n = 0, depth = 0;

        while (s[n] == 'a')
                n++;
        do {
                depth += s[n] == '(' || s[n] == '{';
                depth -= s[n] == ')' || s[n] == '}';
                n++;
        } while (depth > 0);
        return n;
}

static void append_values(Message *m, Input *in, const char *signature, size_t length,
                          unsigned depth);

static void append_array(Message *m, Input *in, const char *type, size_t length, unsigned depth) {
        size_t start, at, count = input_take(in) % 5U;
        uint32_t size;

        message_append_number(m, 0, 4);
        at = m->size - 4;
        if (strchr("({xtd", type[0]))
                message_align(m, 8);
        start = m->size;
        for (; count > 0 && in->left > 0; count--)
                append_values(m, in, type, length, depth);
        size = (uint32_t) (m->size - start);
        if (at + sizeof(size) <= MESSAGE_MAX)
                memcpy(m->data + at, &size, sizeof(size));
}

static void append_variant(Message *m, Input *in, unsigned depth) {
        const char *type = types[depth < DEPTH_MAX ? input_take(in) % ELEMENTSOF(types) : 0];

        message_append_signature(m, type);
        append_values(m, in, type, strlen(type), depth);
}

static void append_basic(Message *m, Input *in, char type) {
        switch (type) {
        case 's':
                return message_append_text(m, take_text(in));
        case 'o':
                return message_append_text(m, paths[input_take(in) % ELEMENTSOF(paths)]);
        case 'g':
                return message_append_signature(m, types[input_take(in) % ELEMENTSOF(types)]);
        case 'b':
                return message_append_number(m, input_take(in) & 1U, 4);
        case 'h':
                m->has_fd = true;
                return message_append_number(m, 0, 4);
        case 'y':
                return message_append_number(m, input_take(in), 1);
        case 'n':
        case 'q':
                return message_append_number(m, input_take_number(in, 2), 2);
        case 'i':
        case 'u':
                return message_append_number(m, input_take_number(in, 4), 4);
        default:
                return message_append_number(m, input_take_number(in, 8), 8);
        }
}

static void append_values(Message *m, Input *in, const char *signature, size_t length,
                          unsigned depth) {
        for (size_t n; length > 0; signature += n, length -= n) {
                n = type_length(signature);
                switch (signature[0]) {
                case 'a':
                        append_array(m, in, signature + 1, n - 1, depth + 1);
                        break;
                case 'v':
                        append_variant(m, in, depth + 1);
                        break;
                case '(':
                case '{':
                        message_align(m, 8);
                        append_values(m, in, signature + 1, n - 2, depth + 1);
                        break;
                default:
                        append_basic(m, in, signature[0]);
                }
        }
}

/* A call that was made. */
typedef struct Call {
        unsigned sender;
        bool wants_reply;
} Call;

static Call calls[CALLS_MAX];
static uint32_t n_calls;
static bool has_left[SENDERS];

/* What is sent together. */
static uint8_t batch[BATCH_MAX];
static size_t batch_size;

static void send_batch(int fd) {
        bus_world_send(batch, batch_size, fd);
        batch_size = 0;
}

/* Sends a message with a descriptor by itself, others perhaps together with those that follow. */
static void send_message(const Message *m, bool is_last) {
        int fd = m->has_fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -EBADF;

        if (fd >= 0 || batch_size + m->size > BATCH_MAX)
                send_batch(-EBADF);
        memcpy(batch + batch_size, m->data, m->size);
        batch_size += m->size;
        if (fd >= 0 || is_last)
                send_batch(fd);
        (void) fd_close(fd);
}

/*
 * One call: which member, where, and how: 1: no reply is wanted; 4: interactively; 8: is sent
 * together with the next; 0x30: by which sender; 0x40: without an interface; 0x80: with arguments
 * of other types.
 */
static void make_call(Input *in) {
        const Member *member = &members[input_take(in) % ELEMENTSOF(members)];
        const char *path = paths[input_take(in) % ELEMENTSOF(paths)];
        uint8_t how = input_take(in);
        unsigned sender = how >> 4 & 3U;
        MessageHead head = {
                .type = MESSAGE_CALL,
                .flags = how & 5U,
                .serial = n_calls + 1,
                .path = path,
                .interface = how & 0x40 ? NULL : member->interface,
                .member = member->name,
                .sender = bus_world_sender(sender),
                .signature = how & 0x80 ? types[input_take(in) % ELEMENTSOF(types)] : member->types,
        };
        Message body = {}, m;

        append_values(&body, in, head.signature, strlen(head.signature), 0);
        message_make(&m, &head, &body);
        if (m.size == MESSAGE_MAX || has_left[sender])
                return;

        calls[n_calls++] = (Call){ .sender = sender, .wants_reply = !(how & 1) && !m.has_fd };
        send_message(&m, !(how & 8));
}

static void leave(unsigned sender) {
        Message m;

        if (has_left[sender])
                return;
        has_left[sender] = true;
        message_make_left(&m, bus_world_sender(sender));
        send_message(&m, false);
}

/* Nobody is left waiting, but for a call with a descriptor, which no method takes. */
static void check_answers(void) {
        send_batch(-EBADF);
        bus_world_tell_who();
        pass(DEADLINE_SECONDS);
        bus_world_send(NULL, 0, -EBADF);
        check(bus_world_is_connected());
        for (uint32_t i = 0; i < n_calls; i++) {
                unsigned n = bus_world_answers(i + 1);

                check(n <= 1);
                if (!has_left[calls[i].sender])
                        check_int(n, calls[i].wants_reply);
        }
}

/* A command: a call, a sender who leaves, or something in the world. */
static void follow(Input *in, uint8_t n) {
        if (n < 0xa0) {
                make_call(in);
                return;
        }
        if (n >= 0xf8 && n < 0xf8 + SENDERS) {
                leave(n - 0xf8U);
                return;
        }

        send_batch(-EBADF);
        if (n < 0xf8)
                bus_world_change((uint8_t) ((n - 0xa0) * 3));
        else
                bus_world_tell_who();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };

        n_calls = 0;
        memset(has_left, 0, sizeof(has_left));
        bus_world_begin(true);
        while (in.left > 0 && n_calls < CALLS_MAX)
                follow(&in, input_take(&in));
        check_answers();
        bus_world_end();
        return 0;
}
