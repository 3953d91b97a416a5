/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The bus face on one end of a socket pair, and a client on the other: no bus daemon, so there are
 * no names. Behind it the keeper in its faked world (keeper-rig.h).
 *
 *         begin();
 *         keyring_has((Known){ .id = "one" });
 *         serve();
 *         check_read(call("GetToken", "sa{sv}", "", 0), "stua{sv}", …);
 *         end_serving();
 *
 * Calls live until end_serving(), and so do the strings read from them.
 */

#include <systemd/sd-bus.h>

#include "bus/bus.h"
#include "common/names.h"
#include "keeper-rig.h"

#define ERROR(name)  TOKENS_BUS_NAME ".Error." name
#define INVALID_ARGS "org.freedesktop.DBus.Error.InvalidArgs"

typedef struct Call {
        sd_bus_message *reply; /* NULL while it is awaited */
} Call;

extern Bus *bus;
extern Config config;

/* Serves; returns when the keeper has read the keyring and the client may call. */
void serve(void);

/* The same, but returns before the loop has run. */
void serve_unread(void);

/* The daemon ends; the client is still connected. */
void stop_serving(void);
void end_serving(void);

/* The client closes its end. */
void client_leaves(void);

/* Calls the Manager, account "one", an account, or a request; returns when nothing more happens,
 * whether the call is answered or not. The rest is as for sd_bus_message_append(). */
Call *call(const char *member, const char *types, ...);
Call *call_one(const char *member, const char *types, ...);
Call *call_account(const char *id, const char *member, const char *types, ...);
Call *call_request(const char *path, const char *member, const char *types, ...);
Call *call_other(const char *path, const char *interface, const char *member, const char *types,
                 ...);

/* The next call allows interactive authorization. */
void interactively(void);

/* The next call is sent, and its function returns before the loop has run. */
void only_send(void);

/* The daemon has one turn of the loop. If more was sent than it reads in one, it has handled
 * nothing of what it has read. */
void let_daemon_read(void);

/* The object path of an account. */
const char *path_of(const char *id);

/* Whether the daemon flagged its last message as sensitive. */
bool last_sent_was_sensitive(void);

/* A message as text: its payload with all strings. Valid until the next call. */
const char *dump(sd_bus_message *m);

/* The signals since the last call of this, one a line, as text; see on_signal(). */
const char *signals(void);

/* All text of all messages that came to the client so far. */
bool client_ever_saw(const char *text);

#define check_waiting_call(which) check(!(which)->reply)

#define check_error(which, expected)                                                               \
        do {                                                                                       \
                Call *_call = (which);                                                             \
                                                                                                   \
                check(_call->reply);                                                               \
                check(sd_bus_message_is_method_error(_call->reply, NULL));                         \
                check_str(sd_bus_message_get_error(_call->reply)->name, expected);                 \
                check_sentence(sd_bus_message_get_error(_call->reply)->message);                   \
        } while (false)

/* One sentence, which ends with a full stop. */
void check_sentence(const char *message);

#define check_done(which)                                                                          \
        do {                                                                                       \
                Call *_call = (which);                                                             \
                                                                                                   \
                check(_call->reply);                                                               \
                check(!sd_bus_message_is_method_error(_call->reply, NULL));                        \
        } while (false)

/* Reads the beginning of the reply into the pointers, and leaves the rest to be read. */
#define check_read_before(which, types, rest, ...)                                                 \
        do {                                                                                       \
                Call *_reading = (which);                                                          \
                                                                                                   \
                check_done(_reading);                                                              \
                check_str(sd_bus_message_get_signature(_reading->reply, true), types rest);        \
                check(sd_bus_message_read(_reading->reply, types, __VA_ARGS__) > 0);               \
        } while (false)

/* Reads the whole reply into the pointers. */
#define check_read(which, types, ...) check_read_before(which, types, "", __VA_ARGS__)

#define check_token(which, expected_token, expected_generation)                                    \
        do {                                                                                       \
                const char *_token;                                                                \
                uint64_t _expires_at;                                                              \
                uint32_t _generation;                                                              \
                                                                                                   \
                check_read_before(which, "stu", "a{sv}", &_token, &_expires_at, &_generation);     \
                check_str(_token, expected_token);                                                 \
                check_int(_generation, expected_generation);                                       \
        } while (false)

/* Properties, read one by one. */
const char *get_string(const char *path, const char *interface, const char *name);
uint64_t get_number(const char *path, const char *interface, const char *name, char type);

#define manager_string(name)     get_string(TOKENS_PATH, TOKENS_MANAGER_INTERFACE, name)
#define manager_bool(name)       get_number(TOKENS_PATH, TOKENS_MANAGER_INTERFACE, name, 'b')
#define account_string(id, name) get_string(path_of(id), TOKENS_ACCOUNT_INTERFACE, name)
#define account_time(id, name)   get_number(path_of(id), TOKENS_ACCOUNT_INTERFACE, name, 't')
#define account_bool(id, name)   get_number(path_of(id), TOKENS_ACCOUNT_INTERFACE, name, 'b')
#define account_number(id, name) get_number(path_of(id), TOKENS_ACCOUNT_INTERFACE, name, 'u')
