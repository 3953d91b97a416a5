/* SPDX-License-Identifier: MIT */

/*
 * The first call of a sender is handled as soon as it is read. If more waits to be read, further
 * calls of that sender are queued; when all is read, or much of it, the oldest call of each sender
 * is handed back to sd-bus, one sender after the other. Reading is much cheaper than handling, so a
 * call that is read behind hundreds of another sender's waits for one or two of these.
 */

#include "bus/sender.h"

#include <assert.h>
#include <fcntl.h>
#include <search.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <time.h>

#include "bus/message.h"
#include "bus/reader.h"
#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "platform/clock.h"

#define BUS      "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

#define CALLS_MAX 512

/* No sensible call is as large. SignIn may be larger, since it can bring two long tokens. */
#define CALL_SIZE_MAX    ((size_t) 16 * 1024)
#define SIGN_IN_SIZE_MAX ((size_t) 48 * 1024)

/* At most so many calls are read before a queued one is handled, and the next call of every sender
 * is a first one again. */
#define READ_MAX 64

/* A call may bring 253 descriptors, the most that Linux passes at once, and we can have 1024 by
 * default. While half of them are in use, calls are kept only of senders that have few: what we
 * open ourselves comes on top of what another sender holds. These have the next eighth. */
#define DESCRIPTORS_PARTS 8
#define PARTS_FOR_ALL     4
#define PARTS_FOR_FEW     5
#define FEW_CALLS         2

static const unsigned shares_max[_SHARE_MAX] = {
        [SHARE_SIGN_INS] = 4,
        [SHARE_DIAGNOSES] = 16,
        [SHARE_APPLICATIONS] = 16,
};

/* A call that waits for its turn, or until its sender is known. */
typedef struct QueuedCall {
        TAILQ_ENTRY(QueuedCall) entry;
        sd_bus_message *message;
        size_t size;
        int64_t heard_at_ms;
} QueuedCall;

struct Sender {
        Senders *set;
        char *name;
        sd_bus_slot *match;       /* tells when it leaves */
        sd_bus_slot *credentials; /* until its process is known */
        uint64_t heard_at_usec;   /* CLOCK_BOOTTIME, its first call */
        ProcessInfo process;
        bool known;

        TAILQ_HEAD(, QueuedCall) queue;
        TAILQ_ENTRY(Sender) turn; /* if it is known and its queue is not empty */
        unsigned round;           /* in which its last call was handled at once */
        unsigned n_calls;
        size_t n_bytes;
        unsigned shares[_SHARE_MAX];
        SenderNote note;
};

struct Senders {
        sd_bus *connection;
        const SendersEvents *events;
        void *userdata;
        void *by_name; /* tsearch(3) */
        TAILQ_HEAD(, Sender) turns;
        sd_bus_slot *filter;
        Reader *reader;
        int descriptors_part;
        unsigned n_held; /* calls of all senders */
        unsigned round;
        unsigned n_read; /* in this round */

        /* What sd-bus was handed and has not dispatched yet. */
        sd_bus_message *handed_over;
        int64_t handed_heard_at_ms;
        Sender *handed_sender; /* NULL if it has left */

        Sender *current;
        int64_t heard_at_ms;
};

static int sender_compare(const void *a, const void *b) {
        return strcmp(((const Sender *) a)->name, ((const Sender *) b)->name);
}

static void sender_drop_first(Sender *s) {
        QueuedCall *call = TAILQ_FIRST(&s->queue);

        TAILQ_REMOVE(&s->queue, call, entry);
        sender_release(s, call->size);
        sd_bus_message_unref(call->message);
        free(call);
}

static void sender_free(Sender *s) {
        if (s->known && !TAILQ_EMPTY(&s->queue))
                TAILQ_REMOVE(&s->set->turns, s, turn);
        while (!TAILQ_EMPTY(&s->queue))
                sender_drop_first(s);
        if (s->set->handed_sender == s)
                s->set->handed_sender = NULL;
        sd_bus_slot_unref(s->credentials);
        sd_bus_slot_unref(s->match);
        process_info_done(&s->process);
        free(s->note.account_id);
        free(s->name);
        free(s);
}

static void sender_left(Sender *s) {
        s->set->events->on_left(s, s->set->userdata);
        (void) tdelete(s, &s->set->by_name, sender_compare);
        sender_free(s);
}

/* Whether too many descriptors are in use to take in more. A new one gets the lowest number that is
 * free. */
static bool sender_lacks_descriptors(const Sender *s) {
        int parts = s->n_calls < FEW_CALLS ? PARTS_FOR_FEW : PARTS_FOR_ALL;
        _cleanup_fd_ int fd = -EBADF;

        if (s->set->n_held == 0)
                return false;

        fd = fcntl(sd_bus_get_fd(s->set->connection), F_DUPFD_CLOEXEC, 0);
        return fd < 0 || fd > s->set->descriptors_part * parts;
}

int sender_hold(Sender *s) {
        if (s->n_calls >= CALLS_MAX || sender_lacks_descriptors(s))
                return CONDITION_LIMITS_EXCEEDED;

        s->set->n_held++;
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
        s->set->n_held--;
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

/* Gives the next call to sd-bus, which dispatches it as if it had come just now. Returns whether
 * there is one. */
static bool senders_hand_over(Senders *set) {
        Sender *s;

        while (!set->handed_over && (s = TAILQ_FIRST(&set->turns))) {
                QueuedCall *call = TAILQ_FIRST(&s->queue);

                if (sd_bus_enqueue_for_read(set->connection, call->message) >= 0) {
                        set->handed_over = sd_bus_message_ref(call->message);
                        set->handed_heard_at_ms = call->heard_at_ms;
                        set->handed_sender = s;
                } else
                        (void) sd_bus_reply_method_errno(call->message, ENOMEM, NULL);

                sender_drop_first(s);
                TAILQ_REMOVE(&set->turns, s, turn);
                if (!TAILQ_EMPTY(&s->queue))
                        TAILQ_INSERT_TAIL(&set->turns, s, turn);
        }
        return set->handed_over;
}

/* A call that waited for so long is answered, but not worked on any more. */
static int sender_begin_call(Sender *s, sd_bus_message *m, int64_t heard_at_ms,
                             sd_bus_error *error) {
        Senders *set = s->set;

        set->current = s;
        set->heard_at_ms = heard_at_ms;
        if (clock_monotonic_ms() - heard_at_ms >= DEADLINE_OPERATION_MS)
                return bus_error_set(error, CONDITION_LIMITS_EXCEEDED);
        return set->events->on_call(s, m, error, set->userdata);
}

/* Starts no call of a sender that has left. */
static int senders_begin_handed_over(Senders *set, sd_bus_message *m, sd_bus_error *error) {
        Sender *s = TAKE_PTR(set->handed_sender);

        set->handed_over = sd_bus_message_unref(set->handed_over);
        return s ? sender_begin_call(s, m, set->handed_heard_at_ms, error) : 1;
}

/* sd-bus would check each byte of a large call, and that alone would keep others waiting. If a
 * sender has managed to hide the size of its call, the call passes and is counted all the same. */
static int senders_check_size(sd_bus_message *m, size_t size, sd_bus_error *error) {
        if (size == SIZE_MAX || size <= CALL_SIZE_MAX)
                return 0;
        if (size <= SIGN_IN_SIZE_MAX && sd_bus_message_is_method_call(m, NULL, "SignIn") > 0)
                return 0;

        return bus_error_setf(error, CONDITION_LIMITS_EXCEEDED,
                              N_("The call is larger than any that makes sense; give shorter "
                                 "texts."));
}

static int sender_enqueue(Sender *s, sd_bus_message *m, sd_bus_error *error) {
        bool in_turns = s->known && !TAILQ_EMPTY(&s->queue);
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
        if (s->known && !in_turns)
                TAILQ_INSERT_TAIL(&s->set->turns, s, turn);
        return 1;
}

static void sender_set_known(Sender *s, const ProcessClaim *claim) {
        (void) process_info_read(claim, &s->process);
        s->known = true;
        if (TAILQ_EMPTY(&s->queue))
                return;

        TAILQ_INSERT_TAIL(&s->set->turns, s, turn);
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
                .bus_fd = sd_bus_get_fd(s->set->connection),
                .heard_at_usec = s->heard_at_usec,
        };

        s->credentials = sd_bus_slot_unref(s->credentials);
        if (sd_bus_error_has_name(sd_bus_message_get_error(m), SD_BUS_ERROR_NAME_HAS_NO_OWNER)) {
                sender_left(s);
                return 0;
        }

        if (!sd_bus_message_is_method_error(m, NULL))
                sender_read_claim(m, &claim);
        sender_set_known(s, &claim);
        return 0;
}

static int sender_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Sender *s = userdata;

        /* A match on the name of the bus lets signals of every sender through. */
        if (streq(sd_bus_message_get_sender(m), BUS))
                sender_left(s);
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
                       "type='signal',sender='" BUS "',interface='" BUS "',"
                       "member='NameOwnerChanged',arg0='%s',arg2=''",
                       s->name);
        if (r == 0)
                r = sd_bus_add_match_async(s->set->connection, &s->match, rule,
                                           sender_on_owner_changed, sender_on_watched, s);
        if (r >= 0)
                r = sd_bus_call_method_async(s->set->connection, &s->credentials, BUS, BUS_PATH,
                                             BUS, "GetConnectionCredentials", sender_on_credentials,
                                             s, "s", s->name);
        return MIN_OF(r, 0);
}

static uint64_t boottime_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_BOOTTIME, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

static int sender_new(Senders *set, const char *name, Sender **ret) {
        Sender *s;
        int r;

        s = malloc(sizeof(Sender));
        if (!s)
                return -ENOMEM;

        *s = (Sender){
                .set = set,
                .name = strdup(str_or_empty(name)),
                .heard_at_usec = boottime_usec(),
                .queue = TAILQ_HEAD_INITIALIZER(s->queue),
        };
        if (!s->name)
                r = -ENOMEM;
        else if (sd_bus_is_bus_client(set->connection) > 0)
                r = sender_ask_who(s);
        else {
                s->known = s->process.is_host = true;
                r = 0;
        }
        if (r == 0 && !tsearch(s, &set->by_name, sender_compare))
                r = -ENOMEM;
        if (r < 0) {
                sender_free(s);
                return r;
        }

        *ret = s;
        return 0;
}

static int senders_get(Senders *set, const char *name, Sender **ret) {
        Sender key = { .name = (char *) str_or_empty(name) };
        void *found = tfind(&key, &set->by_name, sender_compare);

        if (!found)
                return sender_new(set, name, ret);

        *ret = *(Sender **) found;
        return 0;
}

static void senders_begin_round(Senders *set) {
        set->round++;
        if (set->n_read >= READ_MAX)
                (void) senders_hand_over(set);
        set->n_read = 0;
}

/* A filter of sd-bus: sees every message before anything else does. Returns 0 to let it go on. */
static int senders_on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Senders *set = userdata;
        bool more_waits;
        uint8_t type;
        size_t size;
        Sender *s;
        int r;

        if (m == set->handed_over)
                return senders_begin_handed_over(set, m, error);

        size = reader_take(set->reader, m, &more_waits);
        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;

        r = senders_check_size(m, size, error);
        if (r < 0)
                return r;
        r = senders_get(set, sd_bus_message_get_sender(m), &s);
        if (r < 0)
                return r;

        if (!more_waits || ++set->n_read >= READ_MAX)
                senders_begin_round(set);
        if (s->known && TAILQ_EMPTY(&s->queue) && s != set->handed_sender &&
            s->round != set->round) {
                s->round = set->round;
                r = sender_begin_call(s, m, clock_monotonic_ms(), error);
        } else
                r = sender_enqueue(s, m, error);
        return r;
}

static bool senders_on_drained(void *userdata) {
        return senders_hand_over(userdata);
}

static void senders_on_failed(int r, void *userdata) {
        Senders *set = userdata;

        set->events->on_failed(r, set->userdata);
}

static const ReaderEvents senders_reader_events = {
        .on_drained = senders_on_drained,
        .on_failed = senders_on_failed,
};

int senders_new(sd_bus *connection, const SendersEvents *events, void *userdata, Senders **ret) {
        _cleanup_(senders_freep) Senders *set = NULL;
        struct rlimit limit;
        int r;

        set = malloc(sizeof(Senders));
        if (!set)
                return -ENOMEM;

        *set = (Senders){
                .connection = connection,
                .events = events,
                .userdata = userdata,
                .turns = TAILQ_HEAD_INITIALIZER(set->turns),
        };
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        set->descriptors_part = (int) (MIN_OF(limit.rlim_cur, INT32_MAX) / DESCRIPTORS_PARTS);

        r = reader_new(connection, &senders_reader_events, set, &set->reader);
        if (r >= 0)
                r = sd_bus_add_filter(connection, &set->filter, senders_on_message, set);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(set);
        return 0;
}

int senders_start(Senders *set, sd_event *event) {
        return reader_start(set->reader, event);
}

static void sender_destroy(void *s) {
        sender_free(s);
}

Senders *senders_free(Senders *set) {
        if (!set)
                return NULL;

        sd_bus_slot_unref(set->filter);
        reader_free(set->reader);
        tdestroy(set->by_name, sender_destroy);
        sd_bus_message_unref(set->handed_over);
        free(set);
        return NULL;
}

Sender *senders_current(const Senders *set) {
        return set->current;
}

int64_t senders_heard_at_ms(const Senders *set) {
        return set->heard_at_ms;
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
