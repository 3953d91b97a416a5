/* SPDX-License-Identifier: MIT */

/* Who owns a name, and when that is told. */

#include "bus-rig.h"
#include "platform/bus-peer.h"

#define BUS  "org.freedesktop.DBus"
#define NAME "org.example.Peer"

static sd_bus *bus;
static BusPeer *peer;
static bool frees_itself;

/* What the bus answers; NULL: nobody, "": nothing but an error. */
static const char *owner;
static bool is_slow;
static sd_bus_message *lookup;
static char rule[256];

static char told[256];

static void answer_lookup(void) {
        sd_bus_message *m = TAKE_PTR(lookup);

        if (streq(owner, ""))
                check(sd_bus_reply_method_errorf(m, SD_BUS_ERROR_ACCESS_DENIED, "No.") >= 0);
        else if (owner)
                check(sd_bus_reply_method_return(m, "s", owner) >= 0);
        else
                check(sd_bus_reply_method_errorf(m, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "No.") >= 0);
        sd_bus_message_unref(m);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *text;

        if (is_hello(m))
                return sd_bus_reply_method_return(m, "s", ":1.1");
        if (sd_bus_message_is_method_call(m, BUS, "AddMatch")) {
                check(sd_bus_message_read(m, "s", &text) > 0);
                (void) snprintf(rule, sizeof(rule), "%s", text);
                return sd_bus_reply_method_return(m, "");
        }
        if (sd_bus_message_is_method_call(m, BUS, "GetNameOwner")) {
                check(rule[0]); /* it is watched by now */
                check(sd_bus_message_read(m, "s", &text) > 0);
                check_str(text, NAME);
                lookup = sd_bus_message_ref(m);
                if (!is_slow)
                        answer_lookup();
        }
        return 1;
}

static void on_owner(const char *name, void *userdata) {
        check(userdata == told);
        (void) snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", name ?: "none");
        if (frees_itself)
                peer = bus_peer_free(peer);
}

static void begin(const char *first_owner) {
        owner = first_owner;
        is_slow = frees_itself = false;
        rule[0] = told[0] = '\0';
        check(sd_bus_open_user(&bus) >= 0);
        check(sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL) >= 0);
        check_int(bus_peer_new(bus, NAME, on_owner, told, &peer), 0);
        accept_connection(on_call);
}

static void end(void) {
        peer = bus_peer_free(peer);
        bus = sd_bus_close_unref(bus);
        leave();
        run_until_quiet();
}

static void signal_from(const char *sender, const char *before, const char *after) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        check(sd_bus_message_new_signal(other_end, &m, "/org/freedesktop/DBus", BUS,
                                        "NameOwnerChanged") >= 0);
        check(sd_bus_message_set_sender(m, sender) >= 0);
        check(sd_bus_message_append(m, "sss", NAME, before, after) >= 0);
        check(sd_bus_send(other_end, m, NULL) >= 0);
        run_until_quiet();
}

static void the_present_owner_is_told_first(void) {
        begin(":1.7");
        run_until_quiet();
        check_str(told, ":1.7 ");
        check(strstr(rule, "arg0='" NAME "'"));
        end();

        begin(NULL);
        run_until_quiet();
        check_str(told, "none ");
        end();
}

static void an_error_tells_nothing(void) {
        begin("");
        run_until_quiet();
        check_str(told, "");
        end();
}

static void every_change_is_told(void) {
        begin(":1.7");
        run_until_quiet();
        signal_from(BUS, ":1.7", "");
        signal_from(BUS, "", ":1.8");
        signal_from(BUS, ":1.8", ":1.9");
        check_str(told, ":1.7 none :1.8 :1.9 ");
        end();
}

static void others_are_not_believed(void) {
        begin(":1.7");
        run_until_quiet();
        signal_from(":1.66", ":1.7", "");
        check_str(told, ":1.7 ");
        end();
}

/* A signal is newer than the question, whose answer would tell the same again. */
static void a_change_before_the_answer_is_told_once(void) {
        begin(":1.8");
        is_slow = true;
        run_until_quiet();
        signal_from(BUS, "", ":1.8");
        answer_lookup();
        run_until_quiet();
        check_str(told, ":1.8 ");
        end();
}

static void it_may_be_freed_when_it_tells(void) {
        begin(NULL);
        frees_itself = true;
        run_until_quiet();
        check_str(told, "none ");
        check(!peer);
        end();
}

static void nothing_is_told_after_the_end(void) {
        begin(":1.7");
        is_slow = true;
        run_until_quiet();
        peer = bus_peer_free(peer);
        answer_lookup();
        run_until_quiet();
        check_str(told, "");
        end();
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(the_present_owner_is_told_first),
                TEST(an_error_tells_nothing),
                TEST(every_change_is_told),
                TEST(others_are_not_believed),
                TEST(a_change_before_the_answer_is_told_once),
                TEST(it_may_be_freed_when_it_tells),
                TEST(nothing_is_told_after_the_end),
        };
        int r;

        listen_as_bus();
        r = run_tests(argc, argv, tests, ELEMENTSOF(tests));
        hang_up();
        return r;
}
