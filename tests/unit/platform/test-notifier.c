/* SPDX-License-Identifier: MIT */

/* What becomes of a note while the server that shows it comes, goes, is slow or refuses. */

#include "bus-rig.h"
#include "platform/notifier.h"

#define BUS      "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define SERVICE  "org.freedesktop.Notifications"
#define PATH     "/org/freedesktop/Notifications"
#define OWNER    ":1.7"
#define SENT_MAX 16U

/* What the server was asked to show, and the call that it has to answer. */
typedef struct Sent {
        uint32_t replaces;
        char summary[64];
        char body[128];
        char buttons[64];
        sd_bus_message *call;
} Sent;

static struct {
        bool is_there;
        bool has_actions;
        unsigned n_sought;
        uint32_t closed; /* the last one */
        unsigned n_closed;
} server;

static Sent sent[SENT_MAX];
static unsigned n_sent, n_answered;

static Notifier *notifier;
static char pressed[64];
static unsigned n_pressed;

static void send_from(const char *sender, sd_bus_message *m) {
        check(sd_bus_message_set_sender(m, sender) >= 0);
        check(sd_bus_send(other_end, m, NULL) >= 0);
        sd_bus_message_unref(m);
}

static int tell_capabilities(sd_bus_message *call) {
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_method_return(call, &m) >= 0);
        check(sd_bus_message_append(m, "as", server.has_actions ? 2 : 1, "body", "actions") >= 0);
        send_from(OWNER, m);
        return 1;
}

static void append(char *text, size_t size, const char *word) {
        size_t length = strlen(text);

        (void) snprintf(text + length, size - length, "%s%s", length > 0 ? " " : "", word);
}

static int take_note(sd_bus_message *m) {
        Sent *one = &sent[n_sent++];
        const char *summary, *body, *action;

        check(server.is_there && n_sent <= SENT_MAX);
        *one = (Sent){ .call = sd_bus_message_ref(m) };
        check(sd_bus_message_read(m, "susss", NULL, &one->replaces, NULL, &summary, &body) > 0);
        check(sd_bus_message_enter_container(m, 'a', "s") > 0);
        while (sd_bus_message_read(m, "s", &action) > 0)
                append(one->buttons, sizeof(one->buttons), action);
        (void) snprintf(one->summary, sizeof(one->summary), "%s", summary);
        (void) snprintf(one->body, sizeof(one->body), "%s", body);
        return 1;
}

static int close_note(sd_bus_message *m) {
        check(server.is_there);
        check(sd_bus_message_read(m, "u", &server.closed) > 0);
        server.n_closed++;
        return 1;
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        if (is_hello(m))
                return sd_bus_reply_method_return(m, "s", ":1.1");
        if (sd_bus_message_is_method_call(m, BUS, "AddMatch"))
                return sd_bus_reply_method_return(m, "");
        if (sd_bus_message_is_method_call(m, BUS, "GetNameOwner"))
                return server.is_there ? sd_bus_reply_method_return(m, "s", OWNER)
                                       : sd_bus_reply_method_errorf(
                                                 m, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "No.");
        if (sd_bus_message_is_method_call(m, BUS, "StartServiceByName"))
                server.n_sought++;
        if (sd_bus_message_is_method_call(m, SERVICE, "GetCapabilities"))
                return tell_capabilities(m);
        if (sd_bus_message_is_method_call(m, SERVICE, "Notify"))
                return take_note(m);
        return sd_bus_message_is_method_call(m, SERVICE, "CloseNotification") ? close_note(m) : 1;
}

/* The notifier connects when it has something to show. */
static void settle(void) {
        if (!other_end)
                accept_connection(on_call);
        run_until_quiet();
}

static void tell_owner(const char *before, const char *after) {
        sd_bus_message *m = NULL;

        if (!other_end)
                return;

        check(sd_bus_message_new_signal(other_end, &m, BUS_PATH, BUS, "NameOwnerChanged") >= 0);
        check(sd_bus_message_append(m, "sss", SERVICE, before, after) >= 0);
        send_from(BUS, m);
        settle();
}

static void comes(bool has_actions) {
        server.is_there = true;
        server.has_actions = has_actions;
        tell_owner("", OWNER);
}

static void answer_no_more(void) {
        for (; n_answered < n_sent; n_answered++)
                sd_bus_message_unref(sent[n_answered].call);
}

static void goes(void) {
        server.is_there = false;
        tell_owner(OWNER, "");
        answer_no_more();
}

/* To what has waited longest; id 0: it refuses. */
static void answers(uint32_t id) {
        sd_bus_message *call = sent[n_answered++].call;

        check(n_answered <= n_sent);
        if (id > 0)
                check(sd_bus_reply_method_return(call, "u", id) >= 0);
        else
                check(sd_bus_reply_method_errorf(call, SD_BUS_ERROR_FAILED, "No.") >= 0);
        sd_bus_message_unref(call);
        settle();
}

static void user_closes(uint32_t id) {
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_signal(other_end, &m, PATH, SERVICE, "NotificationClosed") >= 0);
        check(sd_bus_message_append(m, "uu", id, 2) >= 0);
        send_from(OWNER, m);
        settle();
}

static void user_presses(uint32_t id, const char *action) {
        sd_bus_message *m = NULL;

        check(sd_bus_message_new_signal(other_end, &m, PATH, SERVICE, "ActionInvoked") >= 0);
        check(sd_bus_message_append(m, "us", id, action) >= 0);
        send_from(OWNER, m);
        settle();
}

static void on_action(const char *tag, NoteButton button, void *userdata) {
        check(userdata == &n_pressed);
        (void) snprintf(pressed, sizeof(pressed), "%s%s", tag, button == NOTE_DENIAL ? ": no" : "");
        n_pressed++;
}

static void begin(void) {
        memset(&server, 0, sizeof(server));
        n_sent = n_answered = n_pressed = 0;
        check_int(notifier_new(event, on_action, &n_pressed, &notifier), 0);
}

static void end(void) {
        notifier = notifier_free(notifier);
        run_until_quiet();
        answer_no_more();
        leave();
}

static Note note(const char *summary) {
        return (Note){ summary, "body", "Press", "Or else." };
}

static void show(const char *tag, const char *summary) {
        Note one = note(summary);

        notifier_show(notifier, tag, &one);
        settle();
}

static void change(const char *tag, const char *summary) {
        Note one = note(summary);

        notifier_change(notifier, tag, &one);
        settle();
}

static void withdraw(const char *tag) {
        notifier_withdraw(notifier, tag);
        settle();
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
        withdraw("tag");
        check_int(server.closed, 7);
        withdraw("tag");
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
        withdraw("c");
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
        check_str(sent[0].buttons, "");
        goes();
        comes(true);
        check_str(sent[1].body, "body Or else."); /* the button may be hard to find */
        check_str(sent[1].buttons, "act Press");
        end();
}

static void shown_again_by_the_next(void) {
        begin_shown();
        goes();
        withdraw("other");
        comes(true);
        check_sent(2, "one", 0);
        answers(7);
        goes();
        withdraw("tag");
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
        withdraw("tag");
        check_int(server.closed, 9);
        end();
}

static void closed_and_withdrawn(void) {
        begin_shown();
        user_closes(7);
        withdraw("tag");
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
        withdraw("tag");
        answers(8);
        check_int(server.closed, 8);
        end();
}

static void withdrawn_while_it_is_being_sent(void) {
        begin();
        comes(true);
        show("tag", "one");
        withdraw("tag");
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
        withdraw("tag");
        show("tag", "two");
        answers(7);
        check_int(server.n_closed, 0);
        check_sent(2, "two", 7);
        end();
}

static void withdrawn_while_a_change_is_refused(void) {
        begin_shown();
        change("tag", "two");
        withdraw("tag");
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
        withdraw("none");
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
        withdraw("cured");
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
        withdraw("tag");
        user_presses(7, "act");
        check_int(n_pressed, 2);
        end();
}

/* A note that asks has two buttons. */
static void two_to_press(void) {
        Note question = { "question", "body", "Allow", "Or else.", "Deny" };

        begin();
        comes(true);
        notifier_show(notifier, "tag", &question);
        settle();
        answers(7);
        check_str(sent[0].buttons, "act Allow deny Deny");
        user_presses(7, "deny");
        check_str(pressed, "tag: no");
        user_presses(7, "act");
        check_str(pressed, "tag");
        check_int(n_pressed, 2);

        /* The next one only tells. */
        change("tag", "one");
        answers(7);
        check_str(sent[1].buttons, "act Press");
        user_presses(7, "deny");
        check_int(n_pressed, 2);
        end();
}

static void nothing_to_press(void) {
        Note plain = { "one", "body", NULL, NULL };

        begin();
        comes(true);
        notifier_show(notifier, "tag", &plain);
        settle();
        check_str(sent[0].buttons, "");
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

/* The last test: its loop ends. */
static void taken_along_before_the_bus_is_closed(void) {
        begin_shown();
        check(sd_bus_detach_event(other_end) >= 0);
        check_int(sd_event_exit(event, 0), 0);
        check_int(sd_event_loop(event), 0);
        while (sd_bus_process(other_end, NULL) > 0)
                ;
        check_int(server.closed, 7);
        server.is_there = false;
        notifier = notifier_free(notifier);
        check_int(server.n_closed, 1);
        leave();
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(shown_once),
                TEST(told_when_somebody_shows_it),
                TEST(without_actions_there_is_another_way),
                TEST(shown_again_by_the_next),
                TEST(closed_by_the_user),
                TEST(closed_and_withdrawn),
                TEST(changed),
                TEST(changed_while_it_is_being_sent),
                TEST(closed_while_the_next_is_being_sent),
                TEST(withdrawn_while_it_is_being_sent),
                TEST(withdrawn_and_back_while_it_is_being_sent),
                TEST(withdrawn_while_a_change_is_refused),
                TEST(refused),
                TEST(gone_while_it_is_being_sent),
                TEST(pressed_on),
                TEST(two_to_press),
                TEST(nothing_to_press),
                TEST(taken_along_at_the_end),
                TEST(taken_along_before_the_bus_is_closed),
        };
        int r;

        listen_as_bus();
        r = run_tests(argc, argv, tests, ELEMENTSOF(tests));
        hang_up();
        return r;
}
