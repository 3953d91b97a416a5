/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The bus face of the daemon on one end of a socket pair, and on the other a bus that does as it is
 * told; behind it the keeper in its faked world (keeper-rig.h). It is made anew for each input.
 *
 * The bus answers the calls that a bus must answer. Whatever the daemon sends is looked at: no byte
 * of it may be of what stays with the daemon.
 */

#include "fuzz.h"
#include "keeper-rig.h"

/* Makes it, with an account and an application. If the bus does not greet, the bytes that are sent
 * must begin with a greeting. */
void bus_world_begin(bool greet);
void bus_world_end(void);

/* Sends bytes, with a file descriptor beside them unless fd is negative; returns when nothing more
 * happens. */
void bus_world_send(const void *data, size_t size, int fd);

/* How often the call of that serial was answered, and whether there is still a connection. */
unsigned bus_world_answers(uint32_t serial);
bool bus_world_is_connected(void);

/* Something happens in the world; n chooses what. */
void bus_world_change(uint8_t n);

/* The bus tells at last who those are of whom it has not told yet. */
void bus_world_tell_who(void);

/*
 * The senders of calls. To the first the kernel is told to say that it is of the host, to the
 * second that it is in a sandbox, to the third nothing, and of the fourth the bus does not tell
 * before bus_world_tell_who().
 */
#define SENDERS 4U
const char *bus_world_sender(unsigned i);

/* A message in the making. What does not fit is left out. */
#define MESSAGE_MAX 8192U

typedef struct Message {
        uint8_t data[MESSAGE_MAX];
        size_t size;
        bool has_fd;
} Message;

void message_append(Message *m, const void *data, size_t size);
void message_align(Message *m, size_t to);
void message_append_number(Message *m, uint64_t n, size_t bytes);
void message_append_text(Message *m, const char *text);
void message_append_signature(Message *m, const char *text);

typedef enum MessageType {
        MESSAGE_CALL = 1,
        MESSAGE_RETURN,
        MESSAGE_ERROR,
        MESSAGE_SIGNAL,
} MessageType;

/* What is NULL or 0 is not in the header. */
typedef struct MessageHead {
        MessageType type;
        uint8_t flags;
        uint32_t serial, reply_serial;
        const char *path, *interface, *member, *error, *sender, *signature;
} MessageHead;

/* Puts the header in front of the body. */
void message_make(Message *ret, const MessageHead *head, const Message *body);

/* Makes the signal of the bus that a sender has left. */
void message_make_left(Message *ret, const char *sender);
