/* SPDX-License-Identifier: MIT */

/* What is known of a message before it is read. Its sender writes raw bytes. */

#include <sys/epoll.h>
#include <sys/socket.h>

#include "bus/reader.h"
#include "check.h"
#include "wire.h"

#define TAKEN_MAX 64
#define QUEUED    99 /* a serial number */
typedef struct Taken {
        uint64_t serial;
        size_t size;
        bool more_wait;
} Taken;

static sd_event *event;
static sd_bus *connection;
static Reader *reader;
static int sender = -EBADF;

static Taken taken[TAKEN_MAX];
static unsigned n_taken, n_drained;
static int failed;
static unsigned n_queued;

/* Gives a message of those that are queued, which was not read just now. */
static bool on_drained(void *userdata) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        n_drained++;
        if (n_queued == 0)
                return false;

        n_queued--;
        check_int(sd_bus_message_new_method_call(connection, &m, NULL, "/", "a.b", "D"), 0);
        check(sd_bus_message_seal(m, QUEUED, 0) >= 0);
        check(sd_bus_enqueue_for_read(connection, m) >= 0);
        return true;
}

static void on_failed(int r, void *userdata) {
        failed = r;
}

static const ReaderEvents events = { .on_drained = on_drained, .on_failed = on_failed };

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Taken *t = &taken[n_taken++];

        check(n_taken < TAKEN_MAX);
        check(sd_bus_message_get_cookie(m, &t->serial) >= 0);
        if (t->serial == QUEUED)
                *t = (Taken){ QUEUED, SIZE_MAX, false };
        else
                t->size = reader_take(reader, m, &t->more_wait);
        return 1;
}

static void run(void) {
        while (sd_event_run(event, 0) > 0)
                ;
}

static void send_bytes(const void *bytes, size_t n) {
        check_int(send(sender, bytes, n, MSG_NOSIGNAL), (ssize_t) n);
}

static void greet(void) {
        static const char greeting[] = "\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
        char answer[512];

        send_bytes(greeting, sizeof(greeting) - 1);
        run();
        check(recv(sender, answer, sizeof(answer), 0) > 0);
}

static void open_ends(void) {
        int ends[2];

        n_taken = n_drained = 0;
        failed = 0;
        check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        sender = ends[1];
        check_int(sd_event_new(&event), 0);
        check_int(sd_bus_new(&connection), 0);
        check_int(sd_bus_set_fd(connection, ends[0], ends[0]), 0);
        check_int(reader_new(connection, &events, NULL, &reader), 0);
        check(sd_bus_add_filter(connection, NULL, on_message, NULL) >= 0);
}

static void begin(void) {
        sd_id128_t id =
                SD_ID128_MAKE(00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 0a, 0b, 0c, 0d, 0e, 0f);

        open_ends();
        check_int(sd_bus_set_server(connection, true, id), 0);
        check(sd_bus_start(connection) >= 0);
        check(reader_start(reader, event) >= 0);
        greet();
        n_drained = 0;
}

static void end(void) {
        reader = reader_free(reader);
        sd_bus_flush_close_unref(connection);
        event = sd_event_unref(event);
        sender = fd_close(sender);
}

static void check_taken(unsigned i, uint64_t serial, size_t size, bool more_wait) {
        check(i < n_taken);
        check_int(taken[i].serial, serial);
        check(taken[i].size == size);
        check_int(taken[i].more_wait, more_wait);
}

static void the_size_is_known_in_either_order(void) {
        static const char orders[] = { OURS, OTHER };

        for (size_t i = 0; i < ELEMENTSOF(orders); i++) {
                _cleanup_free_ Bytes *b = call(orders[i], 7, 20000);

                begin();
                send_bytes(b->at, b->n);
                run();
                check_int(n_taken, 1);
                check_taken(0, 7, b->n_fields + 4 + 20000 + 1, false);
                end();
        }
}

static void more_waits_behind_it(void) {
        _cleanup_free_ Bytes *a = call(OURS, 1, 3), *b = call(OURS, 2, 300);

        begin();
        send_bytes(a->at, a->n);
        send_bytes(b->at, b->n);
        run();
        check_int(n_taken, 2);
        check_taken(0, 1, a->n_fields + 8, true);
        check_taken(1, 2, b->n_fields + 305, false);
        check_int(n_drained, 1);
        end();
}

/* Its second part looks as if a smaller one began there, with the same number. */
static void a_part_is_not_taken_for_a_message(void) {
        _cleanup_free_ Bytes *large = call(OURS, 5, 40000), *small = call(OURS, 5, 1);

        begin();
        memcpy(large->at + 30000, small->at, small->n);
        send_bytes(large->at, 30000);
        run();
        check_int(n_taken, 0);
        send_bytes(large->at + 30000, large->n - 30000);
        run();
        check_int(n_taken, 1);
        check(taken[0].size == large->n_fields + 40005);
        end();
}

/* Of which sd-bus has read as much as there was. */
static void a_part_of_a_header_is_not_known(void) {
        _cleanup_free_ Bytes *large = call(OURS, 5, 40000);

        begin();
        send_bytes(large->at, 10);
        run();
        send_bytes(large->at + 10, large->n - 10);
        run();
        check_int(n_taken, 1);
        check_taken(0, 5, SIZE_MAX, false);
        end();
}

/* One look takes in 4 KiB, which here end within the second's header. */
static void a_look_that_ends_in_a_header(void) {
        _cleanup_free_ Bytes *short_one = call(OURS, 1, 0);
        _cleanup_free_ Bytes *a = call(OURS, 1, 4096 - 8 - short_one->n), *b = call(OURS, 2, 9);

        check_int(a->n, 4096 - 8);
        begin();
        send_bytes(a->at, a->n);
        send_bytes(b->at, b->n);
        run();
        check_taken(0, 1, a->n_fields + 4 + 4096 - 8 - short_one->n + 1, true);
        check_taken(1, 2, b->n_fields + 14, false);
        end();
}

static void what_was_queued_is_dispatched_when_nothing_waits(void) {
        _cleanup_free_ Bytes *b = call(OURS, 1, 3);

        begin();
        n_queued = 1;
        send_bytes(b->at, b->n);
        run();
        check_int(n_taken, 2);
        check_taken(0, 1, b->n_fields + 8, false);
        check_taken(1, QUEUED, SIZE_MAX, false);
        end();
}

static int on_always_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        return 0;
}

static void what_was_queued_does_not_wait_for_others_of_the_loop(void) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int busy[2];

        begin();
        check_int(pipe(busy), 0);
        check_int(write(busy[1], "x", 1), 1);
        check(sd_event_add_io(event, NULL, busy[0], EPOLLIN, on_always_readable, NULL) >= 0);
        check_int(sd_bus_message_new_method_call(connection, &m, NULL, "/", "a.b", "D"), 0);
        check(sd_bus_message_seal(m, QUEUED, 0) >= 0);
        check(sd_bus_enqueue_for_read(connection, m) >= 0);
        for (unsigned n_turns = 0; n_turns < 10; n_turns++)
                check(sd_event_run(event, 0) > 0);
        check_int(n_taken, 1);
        end();
        (void) close(busy[0]);
        (void) close(busy[1]);
}

/* Others of the loop are not forgotten meanwhile. Wherever a look ends, each is known. */
static void many_are_read_in_several_turns(void) {
        unsigned n_turns = 0;
        size_t n_fields = 0;

        begin();
        for (uint32_t i = 1; i < TAKEN_MAX; i++) {
                _cleanup_free_ Bytes *b = call(i % 2 ? OURS : OTHER, i, 10 * i);

                send_bytes(b->at, b->n);
                n_fields = b->n_fields;
        }
        while (sd_event_run(event, 0) > 0)
                n_turns++;
        check_int(n_taken, TAKEN_MAX - 1);
        for (unsigned i = 1; i < TAKEN_MAX; i++)
                check_taken(i - 1, i, n_fields + 4 + 10 * (size_t) i + 1, i < TAKEN_MAX - 1);
        check(n_turns > 1 && n_turns < TAKEN_MAX / 2);
        end();
}

/* sd-bus tells of that by itself. */
static void a_sender_that_hangs_up_is_no_failure(void) {
        begin();
        sender = fd_close(sender);
        run();
        check(sd_bus_is_open(connection) <= 0);
        check_int(failed, 0);
        end();
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return 0;
}

/* Returns the serial number of a question, for whose answer sd-bus waits so many microseconds. */
static uint32_t ask_for(uint64_t usec) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uint64_t serial;

        check_int(sd_bus_message_new_method_call(connection, &m, NULL, "/", "a.b", "C"), 0);
        check(sd_bus_call_async(connection, NULL, m, on_answer, NULL, usec) >= 0);
        check(sd_bus_message_get_cookie(m, &serial) >= 0);
        run();
        return (uint32_t) serial;
}

static uint32_t ask(void) {
        return ask_for(0);
}

static void a_message_behind_an_answer_is_known(void) {
        _cleanup_free_ Bytes *a = NULL, *b = call(OURS, 2, 20000);

        begin();
        a = answer(1, ask(), NULL, 100);
        send_bytes(a->at, a->n);
        send_bytes(b->at, b->n);
        run();
        check_int(n_taken, 2);
        check_taken(0, 1, a->n_fields + 105, true);
        check_taken(1, 2, b->n_fields + 20005, false);
        end();
}

/* In the midst of the answer there is what looks like a call. */
static void a_part_of_an_answer_is_not_taken_for_a_message(void) {
        _cleanup_free_ Bytes *a = NULL, *small = call(OURS, 1, 1);

        begin();
        a = answer(1, ask(), NULL, 3000);
        memcpy(a->at + 1000, small->at, small->n);
        send_bytes(a->at, 1000);
        run();
        send_bytes(a->at + 1000, a->n - 1000);
        run();
        check_int(n_taken, 1);
        check_taken(0, 1, a->n_fields + 3005, false);
        end();
}

/* With a descriptor beside the first byte. */
static void send_with_descriptor(const Bytes *b) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {
                .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS },
        };
        struct iovec bytes = { (void *) b->at, b->n };
        struct msghdr m = {
                .msg_iov = &bytes,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };

        memcpy(CMSG_DATA(&control.header), &sender, sizeof(int));
        check_int(sendmsg(sender, &m, MSG_NOSIGNAL), (ssize_t) b->n);
}

static int lowest_free_descriptor(void) {
        _cleanup_fd_ int fd = dup(sender);

        check(fd >= 0);
        return fd;
}

/* What is sent twice, with and without a descriptor, does not come to sd-bus; a call behind it
 * does. */
static void check_dropped(uint8_t type, const Bytes *fields, size_t length) {
        _cleanup_free_ Bytes *b = message(type, 7, fields, length), *after = call(OURS, 8, 3);
        int free_before;

        begin();
        free_before = lowest_free_descriptor();
        send_bytes(b->at, b->n);
        send_with_descriptor(b);
        send_bytes(after->at, after->n);
        run();
        check_int(n_taken, 1);
        check_taken(0, 8, after->n_fields + 8, false);
        check_int(lowest_free_descriptor(), free_before);
        check_int(failed, 0);
        end();
}

/* Of these sd-bus would keep the descriptors, since it drops them; but for the first, which no
 * method of ours takes. */
static void what_no_program_sends_is_dropped(void) {
        static const char orders[] = { OURS, OTHER };

        for (size_t i = 0; i < ELEMENTSOF(orders); i++) {
                _cleanup_free_ Bytes *descriptor = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *answers = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *twice = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *unknown = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *bytes = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *wrong = fields_of_call(orders[i]);
                _cleanup_free_ Bytes *deep = bytes_new(orders[i]);

                put_number_field(descriptor, 9, 1);
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, descriptor, 3);
                check_dropped(SD_BUS_MESSAGE_SIGNAL, descriptor, 3);
                put_number_field(answers, 5, 1);
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, answers, 3);
                check_dropped(SD_BUS_MESSAGE_SIGNAL, answers, 3);
                put_field(twice, 3, 's', "D");
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, twice, 3);
                put_field(unknown, 10, 's', "x");
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, unknown, 3);
                pad(bytes, 8);
                put(bytes, "\12\2ay", 5);
                pad(bytes, 4);
                put_number(bytes, 24);
                put(bytes, "\0\0\0\0\7\1s\0\4\0\0\0:1.1\0\0\0\0\0\0\0", 24);
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, bytes, 3);
                put_field(wrong, 6, 'o', "/");
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, wrong, 3);
                put_field(deep, 1, 'o', "/");
                put_field(deep, 3, 's', "C");
                put_field(deep, 8, 'g', "a{sa{sa{sa{sa{sa{sa{sa{ss}}}}}}}}");
                check_dropped(SD_BUS_MESSAGE_METHOD_CALL, deep, 3);
                check_dropped(5, descriptor, 3);
        }
}

/* Of which only the beginning can be seen. */
static void a_header_that_is_too_long_is_dropped(void) {
        _cleanup_free_ Bytes *fields = bytes_new(OURS);
        char path[10000] = "/";

        memset(path + 1, 'x', sizeof(path) - 2);
        put_field(fields, 1, 'o', path);
        put_field(fields, 3, 's', "C");
        put_field(fields, 8, 'g', "s");
        check_dropped(SD_BUS_MESSAGE_METHOD_CALL, fields, 3);
}

static void what_takes_no_descriptor_may_say_so(void) {
        _cleanup_free_ Bytes *fields = fields_of_call(OURS), *b = NULL;

        put_number_field(fields, 9, 0);
        b = message(SD_BUS_MESSAGE_METHOD_CALL, 7, fields, 3);
        begin();
        send_bytes(b->at, b->n);
        run();
        check_int(n_taken, 1);
        check_taken(0, 7, b->n_fields + 8, false);
        end();
}

/* sd-bus takes the answer of whoever sends one. */
static void an_answer_is_the_buss(void) {
        static const char *const senders[] = { ":1.7", "org.freedesktop.DBus" };

        begin();
        for (unsigned i = 0; i < ELEMENTSOF(senders); i++) {
                _cleanup_free_ Bytes *fields = bytes_new(OURS), *b = NULL;

                put_number_field(fields, 5, ask());
                put_field(fields, 7, 's', senders[i]);
                put_field(fields, 8, 'g', "s");
                b = message(SD_BUS_MESSAGE_METHOD_RETURN, 1, fields, 3);
                send_bytes(b->at, b->n);
                run();
                check_int(n_taken, i);
        }
        end();
}

/* And takes no memory. Meanwhile what was queued is dispatched, and what comes behind it is
 * known. */
static void a_message_that_is_too_large_is_dropped(void) {
        _cleanup_free_ Bytes *b = call(OURS, 1, 60000), *after = call(OURS, 8, 3);
        uint32_t length = 100 * 60000;

        memcpy(b->at + 4, &length, sizeof(length));
        begin();
        n_queued = 1;
        send_bytes(b->at, b->n - 60000 - 5);
        for (unsigned i = 0; i < 100; i++) {
                send_bytes(b->at + b->n - 60000, 60000);
                run();
        }
        check_int(n_taken, 1);
        check_taken(0, QUEUED, SIZE_MAX, false);
        send_bytes(after->at, after->n);
        run();
        check_int(n_taken, 2);
        check_taken(1, 8, after->n_fields + 8, false);
        end();
}

/* Between calls: what is known of these stays right. */
static void what_is_queued_does_not_wait_for_the_end_of_what_is_dropped(void) {
        _cleanup_free_ Bytes *fields = fields_of_call(OURS), *b = NULL;

        put_number_field(fields, 5, 1);
        b = message(SD_BUS_MESSAGE_SIGNAL, 7, fields, 3);
        begin();
        n_queued = 1;
        for (unsigned i = 0; i < 100; i++)
                send_bytes(b->at, b->n);
        check(sd_event_run(event, 0) > 0); /* one turn */
        check_int(n_queued, 0);
        run();
        check_int(n_taken, 1);
        end();
}

/* A call without a member, which no bus passes on. What was seen of it is worth nothing. */
static void what_is_queued_does_not_wait_for_what_sd_bus_drops(void) {
        for (unsigned n_before = 0; n_before < 2; n_before++) {
                _cleanup_free_ Bytes *before = call(OURS, 1, 3), *b = NULL;
                _cleanup_free_ Bytes *fields = bytes_new(OURS);

                put_field(fields, 1, 'o', "/");
                put_field(fields, 8, 'g', "s");
                b = message(SD_BUS_MESSAGE_METHOD_CALL, 7, fields, 3);
                begin();
                n_queued = 50;
                send_bytes(before->at, n_before * before->n);
                send_bytes(b->at, b->n);
                run();
                check_int(n_taken, n_before + 50);
                end();
        }
}

/* sd-bus looks at the time first, and then reads. */
static void a_question_that_times_out_does_not_disturb_what_is_dropped(void) {
        _cleanup_free_ Bytes *fields = fields_of_call(OURS), *b = NULL, *after = call(OURS, 8, 3);

        put_number_field(fields, 5, 1);
        b = message(SD_BUS_MESSAGE_SIGNAL, 7, fields, 3000);
        begin();
        (void) ask_for(1000);
        send_bytes(b->at, 1000);
        run();
        (void) sd_event_run(event, 20000);
        run();
        send_bytes(b->at + 1000, b->n - 1000);
        send_bytes(after->at, after->n);
        run();
        check_int(n_taken, 1);
        check_taken(0, 8, after->n_fields + 8, false);
        check_int(failed, 0);
        end();
}

/* It is read together with the one that sd-bus drops, and has the same number. */
static void what_is_not_wanted_may_come_behind_what_sd_bus_drops(void) {
        _cleanup_free_ Bytes *dropped = bytes_new(OURS), *unwanted = bytes_new(OURS);
        _cleanup_free_ Bytes *a = NULL, *b = NULL, *c = call(OURS, 8, 3);

        put_field(dropped, 1, 'o', "/");
        put_field(dropped, 8, 'g', "s");
        a = message(SD_BUS_MESSAGE_METHOD_CALL, 7, dropped, 3);
        put_field(unwanted, 1, 'o', "/");
        put_field(unwanted, 3, 's', "C");
        put_field(unwanted, 8, 'g', "sssssssssssssssssssssssssssssssssssss");
        b = message(SD_BUS_MESSAGE_METHOD_CALL, 7, unwanted, 3);
        begin();
        send_bytes(a->at, a->n);
        send_bytes(b->at, b->n);
        send_bytes(c->at, c->n);
        run();
        check_int(n_taken, 2);
        check_int(taken[0].serial, 7);
        check_taken(1, 8, c->n_fields + 8, false);
        end();
}

/* As a bus does that has too many connections. sd-bus makes the message that tells. */
static void a_bus_that_refuses_the_greeting_is_gone(void) {
        static const char welcome[] = "DATA\r\nOK 000102030405060708090a0b0c0d0e0f\r\nERROR\r\n";
        _cleanup_free_ Bytes *refusal =
                answer(1, 1, "org.freedesktop.DBus.Error.LimitsExceeded", 10);

        open_ends();
        check_int(sd_bus_set_bus_client(connection, true), 0);
        check(sd_bus_start(connection) >= 0);
        check(reader_start(reader, event) >= 0);
        run();
        send_bytes(welcome, sizeof(welcome) - 1);
        run();
        send_bytes(refusal->at, refusal->n);
        run();
        check_int(n_taken, 1);
        check_int(failed, 0);
        end();
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(the_size_is_known_in_either_order),
                TEST(more_waits_behind_it),
                TEST(a_part_is_not_taken_for_a_message),
                TEST(a_part_of_a_header_is_not_known),
                TEST(a_look_that_ends_in_a_header),
                TEST(what_was_queued_is_dispatched_when_nothing_waits),
                TEST(what_was_queued_does_not_wait_for_others_of_the_loop),
                TEST(many_are_read_in_several_turns),
                TEST(a_sender_that_hangs_up_is_no_failure),
                TEST(a_message_behind_an_answer_is_known),
                TEST(a_part_of_an_answer_is_not_taken_for_a_message),
                TEST(what_no_program_sends_is_dropped),
                TEST(a_header_that_is_too_long_is_dropped),
                TEST(what_takes_no_descriptor_may_say_so),
                TEST(an_answer_is_the_buss),
                TEST(a_message_that_is_too_large_is_dropped),
                TEST(what_is_queued_does_not_wait_for_the_end_of_what_is_dropped),
                TEST(what_is_queued_does_not_wait_for_what_sd_bus_drops),
                TEST(a_question_that_times_out_does_not_disturb_what_is_dropped),
                TEST(what_is_not_wanted_may_come_behind_what_sd_bus_drops),
                TEST(a_bus_that_refuses_the_greeting_is_gone),
        };

        return run_tests(argc, argv, tests, ELEMENTSOF(tests));
}
