/* SPDX-License-Identifier: MIT */

#include "bus-rig.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/socket.h>

#define CALLS_MAX   8192U
#define SIGNALS_MAX 65536
#define PATHS_MAX   64

Bus *bus;
Config config = { .disk_url = (char *) "https://disk.example" };

static sd_bus *client;
static Call *calls[CALLS_MAX];
static unsigned n_calls;
static char *paths[PATHS_MAX];
static unsigned n_paths;
static bool next_is_interactive, next_is_only_sent;
static char *dumped;
static char signal_text[SIGNALS_MAX];
static size_t signal_length;
static FILE *everything;
static char *everything_text;
static size_t everything_length;
static sd_bus_message *flagged; /* the last message that was flagged as sensitive */
static bool last_sent_flagged;

/* Two functions of sd-bus are watched on their way: which messages are flagged, and which are
 * sent. */

int sd_bus_message_sensitive(sd_bus_message *m) {
        int (*real)(sd_bus_message *) =
                (int (*)(sd_bus_message *)) dlsym(RTLD_NEXT, "sd_bus_message_sensitive");

        flagged = m;
        return real(m);
}

int sd_bus_send(sd_bus *b, sd_bus_message *m, uint64_t *ret_cookie) {
        int (*real)(sd_bus *, sd_bus_message *, uint64_t *) =
                (int (*)(sd_bus *, sd_bus_message *, uint64_t *)) dlsym(RTLD_NEXT, "sd_bus_send");

        last_sent_flagged = m == flagged;
        return real(b, m, ret_cookie);
}

bool last_sent_was_sensitive(void) {
        return last_sent_flagged;
}

const char *dump(sd_bus_message *m) {
        size_t size;
        FILE *out;

        free(dumped);
        out = open_memstream(&dumped, &size);
        check(out);
        check(sd_bus_message_rewind(m, true) >= 0);
        check(sd_bus_message_dump(m, out, SD_BUS_MESSAGE_DUMP_SUBTREE_ONLY) >= 0);
        check_int(fclose(out), 0);
        check(sd_bus_message_rewind(m, true) >= 0);
        return dumped;
}

static void note_signal(const char *text) {
        size_t room = sizeof(signal_text) - signal_length;
        int n = snprintf(signal_text + signal_length, room, "%s", text);

        check((size_t) n < room);
        signal_length += (size_t) n;
}

/* "PropertiesChanged /path: Name Name" */
static void note_properties_changed(sd_bus_message *m) {
        const char *interface, *name;

        note_signal(":");
        check(sd_bus_message_read(m, "s", &interface) > 0);
        check(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                check(sd_bus_message_read(m, "s", &name) > 0);
                note_signal(" ");
                note_signal(name);
                check(sd_bus_message_skip(m, "v") > 0);
                check(sd_bus_message_exit_container(m) > 0);
        }
}

static void on_signal(sd_bus_message *m) {
        note_signal(sd_bus_message_get_member(m));
        note_signal(" ");
        note_signal(sd_bus_message_get_path(m));
        if (sd_bus_message_is_signal(m, NULL, "PropertiesChanged"))
                note_properties_changed(m);
        else {
                note_signal(":\n");
                note_signal(dump(m));
        }
        note_signal("\n");
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        fprintf(everything, "%s\n", dump(m));
        if (sd_bus_message_is_signal(m, NULL, NULL))
                on_signal(m);
        check(sd_bus_message_rewind(m, true) >= 0);
        return 0;
}

const char *signals(void) {
        static char copy[SIGNALS_MAX];

        memcpy(copy, signal_text, signal_length + 1);
        signal_length = 0;
        signal_text[0] = '\0';
        return copy;
}

bool client_ever_saw(const char *text) {
        check_int(fflush(everything), 0);
        return strstr(everything_text, text);
}

static sd_bus *new_bus(int fd) {
        sd_bus *b;

        check_int(sd_bus_new(&b), 0);
        check(sd_bus_set_fd(b, fd, fd) >= 0);
        check(sd_bus_negotiate_fds(b, true) >= 0);
        return b;
}

static void connect_both(sd_bus **ret_server) {
        sd_id128_t id;
        int ends[2];

        check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        check(sd_id128_randomize(&id) >= 0);
        *ret_server = new_bus(ends[0]);
        client = new_bus(ends[1]);
        check(sd_bus_set_server(*ret_server, true, id) >= 0);
        check(sd_bus_start(*ret_server) >= 0);
        check(sd_bus_start(client) >= 0);
        check(sd_bus_add_filter(client, NULL, on_message, NULL) >= 0);
        check(sd_bus_attach_event(client, event, SD_EVENT_PRIORITY_NORMAL) >= 0);
}

void serve_unread(void) {
        sd_bus *server;

        everything = open_memstream(&everything_text, &everything_length);
        check(everything);
        make_keeper();
        connect_both(&server);
        check_int(bus_new_on(server, &config, keeper, &bus), 0);
        sd_bus_unref(server);
}

void serve(void) {
        if (fake_vault_count_items(VAULT_APPLICATION, NULL) == 0)
                keyring_has_application("app", "app-secret");
        serve_unread();
        run();
        (void) signals();
}

void stop_serving(void) {
        bus = bus_free(bus);
        run();
}

void client_leaves(void) {
        client = sd_bus_close_unref(client);
        run();
}

void end_serving(void) {
        stop_serving();
        for (unsigned i = 0; i < n_calls; i++) {
                sd_bus_message_unref(calls[i]->reply);
                free(calls[i]);
        }
        n_calls = 0;
        client_leaves();
        for (unsigned i = 0; i < n_paths; i++)
                free(paths[i]);
        n_paths = 0;
        check_int(fclose(everything), 0);
        free(everything_text);
        free(dumped);
        dumped = NULL;
        (void) signals();
        end();
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Call *c = userdata;

        check(!c->reply); /* answered once */
        c->reply = sd_bus_message_ref(m);
        return 0;
}

void interactively(void) {
        next_is_interactive = true;
}

void only_send(void) {
        next_is_only_sent = true;
}

void let_daemon_read(void) {
        check(sd_event_run(event, 0) > 0);
}

static Call *send_call(const char *path, const char *interface, const char *member,
                       const char *types, va_list ap) {
        sd_bus_message *m;
        Call *c;

        check(n_calls < CALLS_MAX);
        c = calls[n_calls++] = calloc(1, sizeof(Call));
        check_int(sd_bus_message_new_method_call(client, &m, NULL, path, interface, member), 0);
        if (next_is_interactive)
                check(sd_bus_message_set_allow_interactive_authorization(m, true) >= 0);
        next_is_interactive = false;
        if (types)
                check(sd_bus_message_appendv(m, types, ap) >= 0);
        check(sd_bus_call_async(client, NULL, m, on_reply, c, UINT64_MAX) >= 0);
        sd_bus_message_unref(m);
        if (!next_is_only_sent)
                run();
        next_is_only_sent = false;
        return c;
}

#define SEND(path, interface)                                                                      \
        ({                                                                                         \
                Call *_sent;                                                                       \
                va_list _ap;                                                                       \
                                                                                                   \
                va_start(_ap, types);                                                              \
                _sent = send_call(path, interface, member, types, _ap);                            \
                va_end(_ap);                                                                       \
                _sent;                                                                             \
        })

Call *call(const char *member, const char *types, ...) {
        return SEND(TOKENS_PATH, TOKENS_MANAGER_INTERFACE);
}

Call *call_one(const char *member, const char *types, ...) {
        return SEND(path_of("one"), TOKENS_ACCOUNT_INTERFACE);
}

Call *call_account(const char *id, const char *member, const char *types, ...) {
        return SEND(path_of(id), TOKENS_ACCOUNT_INTERFACE);
}

Call *call_request(const char *path, const char *member, const char *types, ...) {
        return SEND(path, TOKENS_REQUEST_INTERFACE);
}

Call *call_other(const char *path, const char *interface, const char *member, const char *types,
                 ...) {
        return SEND(path, interface);
}

const char *path_of(const char *id) {
        char *path;

        check(n_paths < PATHS_MAX);
        check(sd_bus_path_encode(TOKENS_ACCOUNT_PATH, id, &path) >= 0);
        for (unsigned i = 0; i < n_paths; i++)
                if (streq(paths[i], path)) {
                        free(path);
                        return paths[i];
                }
        return paths[n_paths++] = path;
}

void check_sentence(const char *message) {
        size_t length = strlen(str_or_empty(message));

        check(length > 10);
        check(message[length - 1] == '.');
        check(!strstr(message, ". "));
        check(!strchr(message, '\n'));
}

static sd_bus_message *get_property(const char *path, const char *interface, const char *name) {
        Call *c = call_other(path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name);

        check_done(c);
        return c->reply;
}

const char *get_string(const char *path, const char *interface, const char *name) {
        sd_bus_message *m = get_property(path, interface, name);
        const char *contents, *value;
        char type;

        check(sd_bus_message_peek_type(m, &type, &contents) > 0);
        check(sd_bus_message_read(m, "v", contents, &value) > 0);
        return value;
}

uint64_t get_number(const char *path, const char *interface, const char *name, char type) {
        sd_bus_message *m = get_property(path, interface, name);
        char contents[] = { type, '\0' };
        uint64_t wide = 0;
        uint32_t narrow = 0;

        if (type == 't') {
                check(sd_bus_message_read(m, "v", contents, &wide) > 0);
                return wide;
        }
        check(sd_bus_message_read(m, "v", contents, &narrow) > 0);
        return narrow;
}
