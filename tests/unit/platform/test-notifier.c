/* SPDX-License-Identifier: MIT */

/*
 * What becomes of a note while the server that shows it comes, goes, is slow or refuses. The server is
 * replaced at link time: defines every symbol of platform/notification-server.h.
 */

#include "check.h"
#include "platform/notification-server.h"
#include "platform/notifier.h"

#define SENT_MAX 16U

/* What it was asked to show, and the answer it owes. */
typedef struct Sent {
        uint32_t replaces;
        char summary[64];
        char body[128];
        bool has_action;
        sd_bus_message_handler_t fn;
        void *userdata;
} Sent;

struct NotificationServer {
        const NotificationServerEvents *events;
        void *userdata;
        bool is_there;
        bool has_actions;
        unsigned n_sought;
        uint32_t closed; /* the last one */
        unsigned n_closed;
        uint32_t answer; /* 0: it refuses */
};

static NotificationServer server;
static Sent sent[SENT_MAX];
static unsigned n_sent, n_answered;

static sd_event *event;
static Notifier *notifier;
static char pressed[64];
static unsigned n_pressed;

int notification_server_new(sd_event *e, const NotificationServerEvents *events, void *userdata,
                            NotificationServer **ret) {
        server = (NotificationServer){ .events = events, .userdata = userdata };
        n_sent = n_answered = 0;
        *ret = &server;
        return 0;
}

NotificationServer *notification_server_free(NotificationServer *s) {
        return NULL;
}

void notification_server_seek(NotificationServer *s) {
        s->n_sought++;
}

bool notification_server_is_there(const NotificationServer *s) {
        return s->is_there;
}

bool notification_server_has_actions(const NotificationServer *s) {
        return s->has_actions;
}

int notification_server_show(NotificationServer *s, const Notification *what,
                             sd_bus_message_handler_t fn, void *userdata, sd_bus_slot **ret) {
        Sent *one = &sent[n_sent++];

        check(s->is_there && n_sent <= SENT_MAX);
        *one = (Sent){
                .replaces = what->replaces,
                .has_action = what->action,
                .fn = fn,
                .userdata = userdata,
        };
        (void) snprintf(one->summary, sizeof(one->summary), "%s", what->summary);
        (void) snprintf(one->body, sizeof(one->body), "%s", what->body);
        return 0;
}

void notification_server_close(NotificationServer *s, uint32_t id) {
        check(s->is_there);
        s->closed = id;
        s->n_closed++;
}

int notification_server_read_id(sd_bus_message *answer, uint32_t *ret) {
        if (server.answer == 0)
                return -EBADMSG;

        *ret = server.answer;
        return 0;
}

static void comes(bool has_actions) {
        server.is_there = true;
        server.has_actions = has_actions;
        server.events->on_come(server.userdata);
}

/* It owes no answer any more. */
static void goes(void) {
        server.is_there = false;
        server.events->on_go(server.userdata);
        n_answered = n_sent;
}

/* To what has waited longest; id 0: it refuses. */
static void answers(uint32_t id) {
        Sent *one = &sent[n_answered++];

        check(n_answered <= n_sent);
        server.answer = id;
        check_int(one->fn(NULL, one->userdata, NULL), 0);
}

static void user_closes(uint32_t id) {
        server.events->on_closed(id, server.userdata);
}

static void user_presses(uint32_t id, const char *action) {
        server.events->on_action(id, action, server.userdata);
}

static void on_action(const char *tag, void *userdata) {
        check(userdata == &n_pressed);
        (void) snprintf(pressed, sizeof(pressed), "%s", tag);
        n_pressed++;
}

static void begin(void) {
        check_int(sd_event_new(&event), 0);
        check_int(notifier_new(event, on_action, &n_pressed, &notifier), 0);
        n_pressed = 0;
}

static void end(void) {
        notifier = notifier_free(notifier);
        event = sd_event_unref(event);
}

static Note note(const char *summary) {
        return (Note){ summary, "body", "Press", "Or else." };
}

static void show(const char *tag, const char *summary) {
        Note one = note(summary);

        notifier_show(notifier, tag, &one);
}

static void change(const char *tag, const char *summary) {
        Note one = note(summary);

        notifier_change(notifier, tag, &one);
}

/* The latest of so many. */
static void check_sent(unsigned n, const char *summary, uint32_t replaces) {
        check_int(n_sent, n);
        check_str(sent[n - 1].summary, summary);
        check_int(sent[n - 1].replaces, replaces);
}

static void begin_shown(void) {
        begin();
        comes(true);
        show("tag", "one");
        answers(7);
        check_sent(1, "one", 0);
}

static void shown_once(void) {
        begin_shown();
        show("tag", "one");
        show("tag", "two");
        check_int(n_sent, 1);
        notifier_withdraw(notifier, "tag");
        check_int(server.closed, 7);
        notifier_withdraw(notifier, "tag");
        check_int(server.n_closed, 1);
        show("tag", "again");
        check_sent(2, "again", 0);
        end();
}

static void told_when_somebody_shows_it(void) {
        begin();
        show("a", "first");
        show("b", "second");
        show("c", "cured");
        notifier_withdraw(notifier, "c");
        check(server.n_sought > 0);
        check_int(n_sent, 0);
        comes(true);
        check_int(n_sent, 2);
        check_str(sent[0].summary, "first");
        check_str(sent[1].summary, "second");
        end();
}

static void without_actions_there_is_another_way(void) {
        begin();
        comes(false);
        show("tag", "one");
        check_str(sent[0].body, "body Or else.");
        check(!sent[0].has_action);
        goes();
        comes(true);
        check_str(sent[1].body, "body Or else."); /* the button may be hard to find */
        check(sent[1].has_action);
        end();
}

static void shown_again_by_the_next(void) {
        begin_shown();
        goes();
        notifier_withdraw(notifier, "other");
        comes(true);
        check_sent(2, "one", 0);
        answers(7);
        goes();
        notifier_withdraw(notifier, "tag");
        comes(true);
        check_int(n_sent, 2);
        check_int(server.n_closed, 0); /* 7 is somebody else's by now */
        end();
}

static void closed_by_the_user(void) {
        begin_shown();
        user_closes(8);
        user_closes(7);
        show("tag", "one");
        goes();
        comes(true);
        check_int(n_sent, 1);
        change("tag", "two");
        check_sent(2, "two", 0);
        answers(9);
        notifier_withdraw(notifier, "tag");
        check_int(server.closed, 9);
        end();
}

static void closed_and_withdrawn(void) {
        begin_shown();
        user_closes(7);
        notifier_withdraw(notifier, "tag");
        check_int(server.n_closed, 0);
        end();
}

static void changed(void) {
        begin_shown();
        change("tag", "two");
        check_sent(2, "two", 7);
        answers(7);
        change("new", "three");
        check_sent(3, "three", 0);
        end();
}

static void changed_while_it_is_being_sent(void) {
        begin();
        comes(true);
        show("tag", "one");
        change("tag", "two");
        change("tag", "three");
        check_int(n_sent, 1);
        answers(7);
        check_sent(2, "three", 7);
        answers(7);
        check_int(n_sent, 2);
        end();
}

static void closed_while_the_next_is_being_sent(void) {
        begin_shown();
        change("tag", "two");
        user_closes(7);
        answers(8);
        goes();
        comes(true);
        check_sent(3, "two", 0);
        end();

        begin_shown();
        change("tag", "two");
        user_closes(7);
        notifier_withdraw(notifier, "tag");
        answers(8);
        check_int(server.closed, 8);
        end();
}

static void withdrawn_while_it_is_being_sent(void) {
        begin();
        comes(true);
        show("tag", "one");
        notifier_withdraw(notifier, "tag");
        check_int(server.n_closed, 0);
        answers(7);
        check_int(server.closed, 7);
        show("tag", "one");
        check_sent(2, "one", 0);
        end();
}

static void withdrawn_and_back_while_it_is_being_sent(void) {
        begin();
        comes(true);
        show("tag", "one");
        notifier_withdraw(notifier, "tag");
        show("tag", "two");
        answers(7);
        check_int(server.n_closed, 0);
        check_sent(2, "two", 7);
        end();
}

static void withdrawn_while_a_change_is_refused(void) {
        begin_shown();
        change("tag", "two");
        notifier_withdraw(notifier, "tag");
        answers(0);
        check_int(server.closed, 7);
        end();
}

static void refused(void) {
        begin();
        comes(true);
        show("tag", "one");
        answers(0);
        show("tag", "one");
        check_int(n_sent, 1); /* not asked again and again */
        notifier_withdraw(notifier, "none");
        goes();
        comes(true);
        check_sent(2, "one", 0);
        end();
}

static void gone_while_it_is_being_sent(void) {
        begin();
        comes(true);
        show("tag", "one");
        show("cured", "two");
        notifier_withdraw(notifier, "cured");
        goes();
        comes(true);
        check_sent(3, "one", 0);
        end();
}

static void pressed_on(void) {
        begin_shown();
        user_presses(7, "act");
        check_int(n_pressed, 1);
        check_str(pressed, "tag");

        user_presses(7, "default");
        user_presses(8, "act");
        user_presses(0, "act");
        check_int(n_pressed, 1);

        change("tag", "two"); /* the old one is still to be seen */
        user_presses(7, "act");
        check_int(n_pressed, 2);
        notifier_withdraw(notifier, "tag");
        user_presses(7, "act");
        check_int(n_pressed, 2);
        end();
}

static void nothing_to_press(void) {
        Note plain = { "one", "body", NULL, NULL };

        begin();
        comes(true);
        notifier_show(notifier, "tag", &plain);
        check(!sent[0].has_action);
        answers(7);
        user_presses(7, "act");
        check_int(n_pressed, 0);
        end();
}

static void taken_along_at_the_end(void) {
        begin_shown();
        show("unanswered", "two");
        end();
        check_int(server.closed, 7);
        check_int(server.n_closed, 1);
}

static void taken_along_before_the_bus_is_closed(void) {
        begin_shown();
        check_int(sd_event_exit(event, 0), 0);
        check_int(sd_event_loop(event), 0);
        check_int(server.closed, 7);
        server.is_there = false;
        end();
        check_int(server.n_closed, 1);
}

TEST_MAIN(TEST(shown_once), TEST(told_when_somebody_shows_it),
          TEST(without_actions_there_is_another_way), TEST(shown_again_by_the_next),
          TEST(closed_by_the_user), TEST(closed_and_withdrawn), TEST(changed),
          TEST(changed_while_it_is_being_sent), TEST(closed_while_the_next_is_being_sent),
          TEST(withdrawn_while_it_is_being_sent), TEST(withdrawn_and_back_while_it_is_being_sent),
          TEST(withdrawn_while_a_change_is_refused), TEST(refused),
          TEST(gone_while_it_is_being_sent), TEST(pressed_on), TEST(nothing_to_press),
          TEST(taken_along_at_the_end), TEST(taken_along_before_the_bus_is_closed))
