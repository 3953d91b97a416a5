/* SPDX-License-Identifier: MIT */

/* Lists of strings, the conditions and their four faces, and the log. */

#include <systemd/sd-bus.h>

#include "bus/message.h"
#include "capture.h"
#include "common/condition.h"
#include "common/log.h"
#include "common/names.h"
#include "common/strv.h"

#define EVERY_ERRNO 4096

static void lists_grow_and_are_copied(void) {
        _cleanup_(strv_freep) char **l = NULL, **copy = NULL;

        check_int(strv_length(NULL), 0);
        check(!strv_contains(NULL, "a"));
        check_int(strv_extend(&l, "a"), 0);
        check_int(strv_extend(&l, ""), 0);
        check_int(strv_extend(&l, "c"), 0);
        check_int(strv_length(l), 3);
        check(strv_contains(l, "c") && strv_contains(l, "") && !strv_contains(l, "b"));
        check_int(strv_copy(l, &copy), 0);
        check(copy != l && copy[0] != l[0]);
        check(strv_same_set(l, copy));
        check(!strv_free(NULL));
}

static void an_empty_list_copies_as_none(void) {
        char *empty[] = { NULL };
        char **copy = empty;

        check_int(strv_copy(empty, &copy), 0);
        check(!copy);
        check_int(strv_copy(NULL, &copy), 0);
        check(!copy);
}

static void strings_are_removed(void) {
        _cleanup_(strv_freep) char **l = NULL;

        strv_remove(&l, "a");
        check(!l);
        check_int(strv_extend(&l, "a"), 0);
        check_int(strv_extend(&l, "b"), 0);
        check_int(strv_extend(&l, "a"), 0);
        strv_remove(&l, "c");
        check_int(strv_length(l), 3);
        strv_remove(&l, "a");
        check_int(strv_length(l), 1);
        check_str(l[0], "b");
        strv_remove(&l, "b");
        check(!l);
}

static void sets_have_no_order_and_no_doubles(void) {
        char *ab[] = { (char *) "a", (char *) "b", NULL };
        char *ba[] = { (char *) "b", (char *) "a", (char *) "b", NULL };
        char *abc[] = { (char *) "a", (char *) "b", (char *) "c", NULL };

        check(strv_same_set(ab, ba));
        check(!strv_same_set(ab, abc));
        check(!strv_same_set(abc, ab));
        check(!strv_same_set(ab, NULL));
        check(strv_same_set(NULL, NULL));
}

static void splitting_and_joining(void) {
        static const struct {
                const char *text;
                size_t n;
                const char *joined;
        } table[] = {
                { NULL, 0, "" },       { "", 0, "" },          { "   ", 0, "" },
                { "a", 1, "a" },       { " a  b ", 2, "a b" }, { "a b c", 3, "a b c" },
                { "a\tb", 1, "a\tb" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(strv_freep) char **l = NULL;
                _cleanup_free_ char *joined = NULL;

                check_int(strv_split(table[i].text, &l), 0);
                check_int(strv_length(l), table[i].n);
                check_int(strv_join(l, &joined), 0);
                check_str(joined, table[i].joined);
        }
}

static void strings_may_be_absent(void) {
        char *s = NULL;

        check(streq("a", "a") && !streq("a", "b") && !streq("a", NULL) && !streq(NULL, NULL));
        check(str_is_empty(NULL) && str_is_empty("") && !str_is_empty("a"));
        check_str(str_or_empty(NULL), "");
        check_int(str_replace(&s, "a"), 0);
        check_str(s, "a");
        check_int(str_replace(&s, s), 0); /* by itself */
        check_str(s, "a");
        check_int(str_replace(&s, NULL), 0);
        check(!s);
}

static void every_condition_has_a_name(void) {
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++) {
                int first = condition_from_bus_name(condition_bus_name(r));

                check(condition_is_valid(r));
                check(sd_bus_interface_name_is_valid(condition_bus_name(r)) > 0);
                check(first <= r);
                check_int(condition_exit_status(first), condition_exit_status(r));
                check(strncmp(condition_bus_name(r), TOKENS_BUS_NAME ".Error.",
                              strlen(TOKENS_BUS_NAME ".Error.")) == 0 ||
                      r == CONDITION_INVALID_ARGS || r == CONDITION_SECRET_IN_USE ||
                      r == CONDITION_LIMITS_EXCEEDED);
        }
        check(condition_from_bus_name("org.freedesktop.DBus.Error.Failed") < 0);
        check(condition_from_bus_name("") < 0);
        check(condition_from_bus_name(NULL) < 0);
}

static void conditions_of_one_kind_share_a_name(void) {
        check_int(condition_from_bus_name(condition_bus_name(CONDITION_KEYRING_ITEMS_LOCKED)),
                  CONDITION_KEYRING_LOCKED);
        check_int(condition_from_bus_name(condition_bus_name(CONDITION_KEYRING_MISSING)),
                  CONDITION_KEYRING_UNAVAILABLE);
        check_int(condition_from_bus_name(condition_bus_name(CONDITION_RECORD_NEWER)),
                  CONDITION_KEYRING_FAILED);
        check_int(condition_from_bus_name(condition_bus_name(CONDITION_RECORD_UNREADABLE)),
                  CONDITION_KEYRING_FAILED);
        check(!condition_is_of_keyring(CONDITION_CLIENT_SECRET_MISSING));
        check(condition_is_of_keyring(CONDITION_RECORD_NEWER));
        check(!condition_is_of_keyring_state(CONDITION_RECORD_NEWER));
        check(condition_is_of_keyring_state(CONDITION_KEYRING_ITEMS_LOCKED));
}

static void every_condition_has_one_sentence(void) {
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++) {
                const char *s = condition_sentence(r);

                check(strlen(s) > 20);
                check(s[0] >= 'A' && s[0] <= 'Z');
                check(s[strlen(s) - 1] == '.');
                check(!strstr(s, ". ") && !strchr(s, '\n'));
                /* What to do stands in its second part. */
                check(strchr(s, ';'));
                for (int other = _CONDITION_MIN; other < r; other++)
                        check(!streq(s, condition_sentence(other)));
        }
}

static void every_condition_has_an_exit_status(void) {
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++)
                check_within(condition_exit_status(r), EXIT_STATUS_FAILURE, EXIT_STATUS_DENIED);

        check_int(condition_exit_status(0), 0);
        check_int(condition_exit_status(CONDITION_INVALID_ARGS), 2);
        check_int(condition_exit_status(CONDITION_NOT_SIGNED_IN), 3);
        check_int(condition_exit_status(CONDITION_NO_SUCH_ACCOUNT), 3);
        check_int(condition_exit_status(CONDITION_SIGN_IN_NEEDED), 4);
        check_int(condition_exit_status(CONDITION_KEYRING_LOCKED), 5);
        check_int(condition_exit_status(CONDITION_KEYRING_UNAVAILABLE), 5);
        check_int(condition_exit_status(CONDITION_KEYRING_FAILED), 5);
        check_int(condition_exit_status(CONDITION_OFFLINE), 6);
        check_int(condition_exit_status(CONDITION_SERVER_TROUBLE), 6);
        check_int(condition_exit_status(CONDITION_RATE_LIMITED), 6);
        check_int(condition_exit_status(CONDITION_ACCESS_DENIED), 7);
        check_int(condition_exit_status(CONDITION_APP_REFUSED), 7);
        check_int(condition_exit_status(-EIO), 1);
}

static void no_errno_is_a_condition(void) {
        check(_CONDITION_MIN > EVERY_ERRNO);
        for (int i = -EVERY_ERRNO; i < _CONDITION_MIN; i++)
                check(!condition_is_valid(i));
        check(!condition_is_valid(CONDITION_NAMED_MAX));
        check_str(condition_bus_name(-EIO), "org.freedesktop.DBus.Error.Failed");
        check_str(condition_bus_name(CONDITION_NAMED_MAX), "org.freedesktop.DBus.Error.Failed");
        check(strstr(condition_sentence(-EIO), "journalctl"));
}

/* As i18n_reason() wants it. */
static void an_unknown_refusal_is_named(void) {
        int r = condition_unknown_refusal("account_suspended");

        check(condition_is_valid(r) && condition_is_unknown_refusal(r));
        check_int(condition_unknown_refusal("account_suspended"), r);
        check(strstr(condition_sentence(r), "does not know (account_suspended); check "));
        check_str(condition_bus_name(r), condition_bus_name(CONDITION_UNKNOWN_REFUSAL));
        check_int(condition_exit_status(r), 7);
        check(condition_unknown_refusal("other") != r);
        check_str(condition_sentence(CONDITION_NAMED_MAX - 1),
                  condition_sentence(CONDITION_UNKNOWN_REFUSAL));
}

static void what_cannot_be_shown_is_not_named(void) {
        static const char *const bad[] = { NULL, "", "\x1b[31m", "новая", "a\nb" };
        char text[66] = "", number[16];

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                check_int(condition_unknown_refusal(bad[i]), CONDITION_UNKNOWN_REFUSAL);
        memset(text, 'x', sizeof(text) - 1);
        check_int(condition_unknown_refusal(text), CONDITION_UNKNOWN_REFUSAL);
        text[64] = '\0';
        check(condition_unknown_refusal(text) != CONDITION_UNKNOWN_REFUSAL);

        for (int i = 0; i < 100; i++) {
                (void) snprintf(number, sizeof(number), "e%d", i);
                check(condition_is_unknown_refusal(condition_unknown_refusal(number)));
        }
        check_int(condition_unknown_refusal("one too many"), CONDITION_UNKNOWN_REFUSAL);
}

static void the_keyrings_troubles_have_an_exit_status(void) {
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++)
                check_int(condition_is_of_keyring(r), condition_exit_status(r) == 5);
        check(condition_is_of_keyring(CONDITION_KEYRING_LOCKED));
        check(condition_is_of_keyring(CONDITION_KEYRING_UNAVAILABLE));
        check(condition_is_of_keyring(CONDITION_KEYRING_FAILED));
        check(!condition_is_of_keyring(0));
        check(!condition_is_of_keyring(-EIO));
}

static void sd_bus_tells_them_apart(void) {
        check_int(bus_error_register(), 0);
        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++) {
                _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL, f = e;

                check(bus_error_set(&e, r) < 0);
                check_str(e.name, condition_bus_name(r));
                check_str(e.message, condition_sentence(r));
                if (r != CONDITION_INVALID_ARGS && r != CONDITION_LIMITS_EXCEEDED)
                        check_int(sd_bus_error_get_errno(&e), condition_from_bus_name(e.name));

                check(bus_error_setf(&f, r, "Only %i of %s; try again.", 5, "them") < 0);
                check_str(f.name, condition_bus_name(r));
                check_str(f.message, "Only 5 of them; try again.");
        }
}

static const char *log_at(int max_level, int priority, const LogContext *context) {
        static Capture c;

        capture_begin(&c);
        log_set_max_level(max_level);
        log_event(priority, context, "canary %s %i", "text", 5);
        log_set_max_level(LOG_INFO);
        return capture_end(&c);
}

static void nothing_above_the_level_is_said(void) {
        for (int level = LOG_ERR; level <= LOG_DEBUG; level++)
                for (int priority = LOG_ERR; priority <= LOG_DEBUG; priority++)
                        check_str(log_at(level, priority, NULL),
                                  priority <= level ? "canary text 5\n" : "");
}

static void a_message_says_what_it_is_about(void) {
        LogContext all = { "id", CONDITION_OFFLINE, 3, 1767225600 };

        check_str(log_at(LOG_INFO, LOG_INFO, &(LogContext){}), "canary text 5\n");
        check_str(log_at(LOG_INFO, LOG_INFO, &all),
                  "canary text 5 account=id condition=\"Offline\" attempt=3 due=1767225600\n");
        check_str(log_at(LOG_INFO, LOG_INFO, &(LogContext){ .condition = -ENOENT }),
                  "canary text 5 condition=\"No such file or directory\"\n");
        check_str(log_at(LOG_INFO, LOG_INFO, &(LogContext){ .condition = -4000 }),
                  "canary text 5 condition=\"unknown error\"\n");
}

static void a_long_message_is_cut(void) {
        static Capture c;
        char text[5000];
        size_t length;

        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        capture_begin(&c);
        log_info("%s", text);
        length = strlen(capture_end(&c));
        check_within(length, 1000, 1025);
}

static void the_environment_sets_the_level(void) {
        static Capture c;

        (void) unsetenv("JOURNAL_STREAM");
        check_int(setenv("YADISK_TOKEND_LOG_LEVEL", "warning", 1), 0);
        log_open();
        capture_begin(&c);
        log_info("not this");
        log_warning("but this");
        check_str(capture_end(&c), "but this\n");

        check_int(setenv("YADISK_TOKEND_LOG_LEVEL", "nonsense", 1), 0);
        log_open();
        capture_begin(&c);
        log_info("not this");
        log_error("but this");
        check_str(capture_end(&c), "but this\n");
        log_set_max_level(LOG_INFO);
}

static void a_foreign_journal_stream_is_not_ours(void) {
        static Capture c;

        check_int(setenv("JOURNAL_STREAM", "1:2", 1), 0);
        log_open();
        capture_begin(&c);
        log_error("to stderr");
        check_str(capture_end(&c), "to stderr\n");
        check_int(setenv("JOURNAL_STREAM", "nonsense", 1), 0);
        log_open();
}

TEST_MAIN(TEST(lists_grow_and_are_copied), TEST(an_empty_list_copies_as_none),
          TEST(strings_are_removed), TEST(sets_have_no_order_and_no_doubles),
          TEST(splitting_and_joining), TEST(strings_may_be_absent),
          TEST(every_condition_has_a_name), TEST(conditions_of_one_kind_share_a_name),
          TEST(every_condition_has_one_sentence), TEST(every_condition_has_an_exit_status),
          TEST(no_errno_is_a_condition), TEST(an_unknown_refusal_is_named),
          TEST(what_cannot_be_shown_is_not_named), TEST(the_keyrings_troubles_have_an_exit_status),
          TEST(sd_bus_tells_them_apart), TEST(nothing_above_the_level_is_said),
          TEST(a_message_says_what_it_is_about), TEST(a_long_message_is_cut),
          TEST(the_environment_sets_the_level), TEST(a_foreign_journal_stream_is_not_ours))
