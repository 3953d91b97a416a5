/* SPDX-License-Identifier: MIT */

#include "bus/sender.h"

#include <assert.h>
#include <time.h>

#include "bus/message.h"
#include "bus/sender-private.h"
#include "common/condition.h"
#include "common/names.h"
#include "platform/clock.h"

#define CALLS_MAX 512

static const unsigned shares_max[_SHARE_MAX] = {
        [SHARE_SIGN_INS] = 4,
        [SHARE_DIAGNOSES] = 16,
        [SHARE_APPLICATIONS] = 16,
};

int sender_hold(Sender *s) {
        if (s->n_calls >= CALLS_MAX)
                return CONDITION_LIMITS_EXCEEDED;

        s->n_calls++;
        return 0;
}

int sender_keep(Sender *s, size_t size) {
        if (size >= SENDER_BYTES_MAX - s->n_bytes)
                return CONDITION_LIMITS_EXCEEDED;

        s->n_bytes += size;
        return 0;
}

void sender_release(Sender *s, size_t size) {
        assert(s->n_calls > 0 && s->n_bytes >= size);
        s->n_calls--;
        s->n_bytes -= size;
}

int sender_take(Sender *s, Share share) {
        if (s->shares[share] >= shares_max[share])
                return CONDITION_LIMITS_EXCEEDED;

        s->shares[share]++;
        return 0;
}

void sender_give_back(Sender *s, Share share) {
        assert(s->shares[share] > 0);
        s->shares[share]--;
}

int sender_enqueue(Sender *s, sd_bus_message *m, sd_bus_error *error) {
        size_t size = message_size(m, SENDER_BYTES_MAX);
        QueuedCall *call = NULL;
        int r;

        r = sender_hold(s);
        if (r != 0)
                return bus_error_set(error, r);

        r = sender_keep(s, size);
        if (r == 0)
                call = malloc(sizeof(QueuedCall));
        if (!call) {
                sender_release(s, r == 0 ? size : 0);
                return bus_error_set(error, r ?: -ENOMEM);
        }

        *call = (QueuedCall){
                .message = sd_bus_message_ref(m),
                .size = size,
                .heard_at_ms = clock_monotonic_ms(),
        };
        TAILQ_INSERT_TAIL(&s->queue, call, entry);
        return 1;
}

void sender_drop_first(Sender *s) {
        QueuedCall *call = TAILQ_FIRST(&s->queue);

        TAILQ_REMOVE(&s->queue, call, entry);
        sender_release(s, call->size);
        sd_bus_message_unref(call->message);
        free(call);
}

static int sender_read_credential(sd_bus_message *m, const char *key, ProcessClaim *ret) {
        uint32_t number;
        int r;

        if (streq(key, "ProcessFD"))
                return sd_bus_message_read(m, "v", "h", &ret->pidfd);
        if (!streq(key, "ProcessID") && !streq(key, "UnixUserID"))
                return sd_bus_message_skip(m, "v");

        r = sd_bus_message_read(m, "v", "u", &number);
        if (r > 0 && streq(key, "ProcessID"))
                ret->pid = (pid_t) number;
        else if (r > 0)
                ret->uid = (uid_t) number;
        return r;
}

/* What is missing, or not as it should be, makes the process an unknown one. */
static void sender_read_claim(sd_bus_message *m, ProcessClaim *ret) {
        const char *key;

        if (sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}") < 0)
                return;

        while (sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv") > 0)
                if (sd_bus_message_read(m, "s", &key) < 0 ||
                    sender_read_credential(m, key, ret) < 0 || sd_bus_message_exit_container(m) < 0)
                        return;
}

static int sender_on_credentials(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Sender *s = userdata;
        ProcessClaim claim = {
                .uid = (uid_t) -1,
                .pidfd = -EBADF,
                .bus_fd = sd_bus_get_fd(s->context->connection),
                .heard_at_usec = s->heard_at_usec,
        };

        s->credentials = sd_bus_slot_unref(s->credentials);
        if (sd_bus_error_has_name(sd_bus_message_get_error(m), SD_BUS_ERROR_NAME_HAS_NO_OWNER)) {
                s->context->on_left(s, s->context->userdata);
                return 0;
        }

        if (!sd_bus_message_is_method_error(m, NULL))
                sender_read_claim(m, &claim);
        (void) process_info_read(&claim, &s->process);
        s->known = true;
        s->context->on_known(s, s->context->userdata);
        return 0;
}

static int sender_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Sender *s = userdata;

        /* A match on the name of the bus lets signals of every sender through. */
        if (streq(sd_bus_message_get_sender(m), DBUS_NAME))
                s->context->on_left(s, s->context->userdata);
        return 0;
}

/* Without this sd-bus would close the connection if the bus refused the match. */
static int sender_on_watched(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return 0;
}

/* The bus answers in turn: if the sender left before the match was there, it has no credentials any
 * more. */
static int sender_ask_who(Sender *s) {
        _cleanup_free_ char *rule = NULL;
        int r;

        r = str_format(&rule,
                       "type='signal',sender='" DBUS_NAME "',interface='" DBUS_NAME "',"
                       "member='NameOwnerChanged',arg0='%s',arg2=''",
                       s->name);
        if (r == 0)
                r = sd_bus_add_match_async(s->context->connection, &s->match, rule,
                                           sender_on_owner_changed, sender_on_watched, s);
        if (r >= 0)
                r = sd_bus_call_method_async(s->context->connection, &s->credentials, DBUS_NAME,
                                             DBUS_PATH, DBUS_NAME, "GetConnectionCredentials",
                                             sender_on_credentials, s, "s", s->name);
        return MIN_OF(r, 0);
}

static uint64_t boottime_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_BOOTTIME, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

int sender_new(SenderContext *context, const char *name, Sender **ret) {
        _cleanup_(sender_freep) Sender *s = NULL;
        int r = 0;

        s = malloc(sizeof(Sender));
        if (!s)
                return -ENOMEM;

        *s = (Sender){
                .context = context,
                .name = strdup(str_or_empty(name)),
                .heard_at_usec = boottime_usec(),
                .queue = TAILQ_HEAD_INITIALIZER(s->queue),
        };
        if (!s->name)
                return -ENOMEM;

        if (sd_bus_is_bus_client(context->connection) > 0)
                r = sender_ask_who(s);
        else
                s->known = s->process.is_host = true;
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Sender *sender_free(Sender *s) {
        if (!s)
                return NULL;

        while (!TAILQ_EMPTY(&s->queue))
                sender_drop_first(s);
        sd_bus_slot_unref(s->credentials);
        sd_bus_slot_unref(s->match);
        process_info_done(&s->process);
        free(s->note.account_id);
        free(s->name);
        free(s);
        return NULL;
}

const char *sender_name(const Sender *s) {
        return str_is_empty(s->name) ? NULL : s->name;
}

const ProcessInfo *sender_process(const Sender *s) {
        return &s->process;
}

SenderNote *sender_note(Sender *s) {
        return &s->note;
}
