/* SPDX-License-Identifier: MIT */

/*
 * The first call of a sender is handled as soon as it is read. If more waits to be read, further
 * calls of that sender are queued; when all is read, or much of it, the oldest call of each sender
 * is handed back to sd-bus, one sender after the other. Reading is much cheaper than handling, so a
 * call that is read behind hundreds of another sender's waits for one or two of these.
 */

#include "bus/senders.h"

#include <search.h>

#include "bus/message.h"
#include "bus/reader.h"
#include "bus/sender-private.h"
#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "platform/clock.h"

/* No sensible call is as large. SignIn may be larger, since it can bring two long tokens. */
#define CALL_SIZE_MAX    ((size_t) 16 * 1024)
#define SIGN_IN_SIZE_MAX ((size_t) 48 * 1024)

/* At most so many messages are read before a queued call is handled, and the next call of every
 * sender is a first one again. */
#define READ_MAX 64

struct Senders {
        const SendersEvents *events;
        void *userdata;
        SenderContext context;
        void *by_name; /* tsearch(3) */
        TAILQ_HEAD(, Sender) turns;
        sd_bus_slot *filter;
        Reader *reader;
        unsigned round;
        unsigned n_read; /* in this round */

        /* What sd-bus was handed and has not dispatched yet. */
        sd_bus_message *handed_over;
        int64_t handed_heard_at_ms;
        Sender *handed_sender; /* NULL if it has left */

        Sender *current;
        int64_t heard_at_ms;
};

static int senders_compare(const void *a, const void *b) {
        return strcmp(((const Sender *) a)->name, ((const Sender *) b)->name);
}

static bool senders_has_turn(const Sender *s) {
        return s->known && !TAILQ_EMPTY(&s->queue);
}

static int senders_enqueue(Senders *set, Sender *s, sd_bus_message *m, sd_bus_error *error) {
        bool has_turn = senders_has_turn(s);
        int r;

        r = sender_enqueue(s, m, error);
        if (!has_turn && senders_has_turn(s))
                TAILQ_INSERT_TAIL(&set->turns, s, turn);
        return r;
}

static void senders_on_known(Sender *s, void *userdata) {
        Senders *set = userdata;

        if (senders_has_turn(s))
                TAILQ_INSERT_TAIL(&set->turns, s, turn);
}

static void senders_on_left(Sender *s, void *userdata) {
        Senders *set = userdata;

        set->events->on_left(s, set->userdata);
        (void) tdelete(s, &set->by_name, senders_compare);
        if (senders_has_turn(s))
                TAILQ_REMOVE(&set->turns, s, turn);
        if (set->handed_sender == s)
                set->handed_sender = NULL;
        sender_free(s);
}

static int senders_get(Senders *set, const char *name, Sender **ret) {
        Sender key = { .name = (char *) str_or_empty(name) };
        void *found = tfind(&key, &set->by_name, senders_compare);
        _cleanup_(sender_freep) Sender *s = NULL;
        int r;

        if (found) {
                *ret = *(Sender **) found;
                return 0;
        }

        r = sender_new(&set->context, name, &s);
        if (r < 0)
                return r;
        if (!tsearch(s, &set->by_name, senders_compare))
                return -ENOMEM;

        *ret = TAKE_PTR(s);
        return 0;
}

/* Gives the next call to sd-bus, which dispatches it as if it had come just now. Returns whether
 * there is one. */
static bool senders_hand_over(Senders *set) {
        Sender *s;

        while (!set->handed_over && (s = TAILQ_FIRST(&set->turns))) {
                QueuedCall *call = TAILQ_FIRST(&s->queue);

                if (sd_bus_enqueue_for_read(set->context.connection, call->message) >= 0) {
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
static int senders_begin_call(Senders *set, Sender *s, sd_bus_message *m, int64_t heard_at_ms,
                              sd_bus_error *error) {
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
        return s ? senders_begin_call(set, s, m, set->handed_heard_at_ms, error) : 1;
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
        if (!more_waits || ++set->n_read >= READ_MAX)
                senders_begin_round(set);
        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;

        r = senders_check_size(m, size, error);
        if (r < 0)
                return r;
        r = senders_get(set, sd_bus_message_get_sender(m), &s);
        if (r < 0)
                return r;

        if (s->known && TAILQ_EMPTY(&s->queue) && s != set->handed_sender &&
            s->round != set->round) {
                s->round = set->round;
                r = senders_begin_call(set, s, m, clock_monotonic_ms(), error);
        } else
                r = senders_enqueue(set, s, m, error);
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
        int r;

        set = malloc(sizeof(Senders));
        if (!set)
                return -ENOMEM;

        *set = (Senders){
                .events = events,
                .userdata = userdata,
                .context = { .connection = connection,
                             .on_known = senders_on_known,
                             .on_left = senders_on_left,
                             .userdata = set },
                .turns = TAILQ_HEAD_INITIALIZER(set->turns),
        };

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

static void senders_destroy(void *s) {
        sender_free(s);
}

Senders *senders_free(Senders *set) {
        if (!set)
                return NULL;

        sd_bus_slot_unref(set->filter);
        reader_free(set->reader);
        tdestroy(set->by_name, senders_destroy);
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
