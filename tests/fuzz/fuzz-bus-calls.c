/* SPDX-License-Identifier: MIT */

/*
 * Well-formed messages with any member and arguments of any type, and what happens in the world
 * between them. The input is a list of commands, see call(), in which words that mean something are
 * a byte each.
 */

#include "bus-world.h"

#include <fcntl.h>

#include "common/utf8.h"

#define MESSAGE_MAX 8192U
#define TEXT_MAX    64U
#define DEPTH_MAX   6U
#define CALLS_MAX   24U

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
static const char *const types[] = { "s", "b",  "u", "t",    "o",   "as",    "a{sv}",   "v",
                                     "h", "ay", "i", "(sb)", "aas", "a(ss)", "g",       "d",
                                     "y", "n",  "q", "x",    "av",  "a{us}", "a{s(v)}", "()" };

typedef struct Message {
        uint8_t data[MESSAGE_MAX];
        size_t size;
        bool has_fd;
} Message;

static void append(Message *m, const void *data, size_t size) {
        size = MIN_OF(size, MESSAGE_MAX - m->size);
        memcpy(m->data + m->size, data, size);
        m->size += size;
}

static void align(Message *m, size_t to) {
        static const uint8_t zeros[8];

        append(m, zeros, (to - m->size % to) % to);
}

static void append_number(Message *m, uint64_t n, size_t bytes) {
        align(m, bytes);
        append(m, &n, bytes); /* this machine's order, which the header names */
}

static void append_text(Message *m, const char *text) {
        append_number(m, strlen(text), 4);
        append(m, text, strlen(text) + 1);
}

static void append_signature(Message *m, const char *text) {
        append_number(m, strlen(text), 1);
        append(m, text, strlen(text) + 1);
}

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

        append_number(m, 0, 4);
        at = m->size - 4;
        if (strchr("({xtd", type[0]))
                align(m, 8);
        start = m->size;
        for (; count > 0 && in->left > 0; count--)
                append_values(m, in, type, length, depth);
        size = (uint32_t) (m->size - start);
        if (at + sizeof(size) <= MESSAGE_MAX)
                memcpy(m->data + at, &size, sizeof(size));
}

static void append_variant(Message *m, Input *in, unsigned depth) {
        const char *type = types[depth < DEPTH_MAX ? input_take(in) % ELEMENTSOF(types) : 0];

        append_signature(m, type);
        append_values(m, in, type, strlen(type), depth);
}

static void append_basic(Message *m, Input *in, char type) {
        switch (type) {
        case 's':
                return append_text(m, take_text(in));
        case 'o':
                return append_text(m, paths[input_take(in) % ELEMENTSOF(paths)]);
        case 'g':
                return append_signature(m, types[input_take(in) % ELEMENTSOF(types)]);
        case 'b':
                return append_number(m, input_take(in) & 1U, 4);
        case 'h':
                m->has_fd = true;
                return append_number(m, 0, 4);
        case 'y':
                return append_number(m, input_take(in), 1);
        case 'n':
        case 'q':
                return append_number(m, input_take_number(in, 2), 2);
        case 'i':
        case 'u':
                return append_number(m, input_take_number(in, 4), 4);
        default:
                return append_number(m, input_take_number(in, 8), 8);
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
                        align(m, 8);
                        append_values(m, in, signature + 1, n - 2, depth + 1);
                        break;
                default:
                        append_basic(m, in, signature[0]);
                }
        }
}

static void append_field(Message *m, uint8_t code, const char *type, const char *text) {
        align(m, 8);
        append(m, &code, 1);
        append_signature(m, type);
        if (type[0] == 'g')
                append_signature(m, text);
        else
                append_text(m, text);
}

/* One call: which member, where, with which flags (1: no reply, 4: interactive), and whether its
 * arguments are of the types that it has. */
static void call(Input *in, uint32_t serial) {
        const Member *member = &members[input_take(in) % ELEMENTSOF(members)];
        const char *path = paths[input_take(in) % ELEMENTSOF(paths)];
        uint8_t how = input_take(in);
        const char *signature =
                how & 0x80 ? types[input_take(in) % ELEMENTSOF(types)] : member->types;
        Message body = {}, m = { .data = { 'l', 1, how & 7U, 1 }, .size = 8 };
        uint32_t number;
        int fd;

        append_values(&body, in, signature, strlen(signature), 0);
        append_number(&m, serial, 4);
        append_number(&m, 0, 4);
        append_field(&m, 1, "o", path);
        if (!(how & 0x40))
                append_field(&m, 2, "s", member->interface);
        append_field(&m, 3, "s", member->name);
        if (*signature)
                append_field(&m, 8, "g", signature);
        if (how & 0x20)
                append_field(&m, 7, "s", how & 0x10 ? ":1.1" : ":1.2");
        if (body.has_fd) {
                align(&m, 8);
                append(&m, "\t\1u", 4);
                append_number(&m, 1, 4);
        }
        number = (uint32_t) m.size - 16;
        memcpy(m.data + 12, &number, sizeof(number));
        number = (uint32_t) body.size;
        memcpy(m.data + 4, &number, sizeof(number));
        align(&m, 8);
        append(&m, body.data, body.size);

        fd = body.has_fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -EBADF;
        bus_world_send(m.data, m.size, fd);
        (void) fd_close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        uint32_t serial = 0;

        bus_world_begin(true);
        while (in.left > 0 && serial < CALLS_MAX) {
                uint8_t n = input_take(&in);

                serial++;
                if (n < 0xa0)
                        call(&in, serial);
                else
                        bus_world_change((uint8_t) ((n - 0xa0) * 3));
        }
        for (; serial > 0; serial--)
                check(bus_world_answers(serial) <= 1);
        bus_world_end();
        return 0;
}
