/* SPDX-License-Identifier: MIT */

/* The keyring's documents: written, read back, and read from others. */

#include "keeper/renewal/schedule.h"
#include "model-rig.h"

static void an_account_is_read_as_it_was_written(void) {
        _cleanup_(secret_unrefp) Secret *access = secret("a-2"), *refresh = secret("r-2");
        _cleanup_(secret_unrefp) Secret *old_access = secret("a-1"), *text = NULL;
        char *scopes[] = { (char *) "disk:read", (char *) "disk:write", NULL };
        char *allowed[] = { (char *) "org.example.App", (char *) "snap.foo", NULL };
        _cleanup_(account_record_done) AccountRecord back = {};
        AccountRecord record = {
                .id = (char *) "one",
                .client_id = (char *) "app",
                .uid = (char *) "100",
                .login = (char *) "anna",
                .label = (char *) "Дом \"☕\"",
                .scopes = scopes,
                .allowed = allowed,
                .created_at = 1,
                .default_since = INT64_C(1) << 33,
                .last_refresh_at = 3,
                .verdict = RECORD_APP_REFUSED,
                .needs_secret = true,
        };
        bool newer = true;

        check_int(grant_new(access, refresh, grant_times(100, 60), UINT32_MAX, &record.current), 0);
        check_int(grant_new(old_access, NULL, grant_times(50, 0), 6, &record.previous), 0);
        check_int(account_record_print(&record, &text), 0);
        check_int(account_record_parse(text, &back, &newer), 0);
        check(!newer);
        check_str(back.id, "one");
        check_str(back.client_id, "app");
        check_str(back.uid, "100");
        check_str(back.login, "anna");
        check_str(back.label, "Дом \"☕\"");
        check(strv_same_set(back.scopes, scopes));
        check(strv_same_set(back.allowed, allowed));
        check_int(back.created_at, 1);
        check_int(back.default_since, INT64_C(1) << 33);
        check_int(back.last_refresh_at, 3);
        check_int(back.verdict, RECORD_APP_REFUSED);
        check(back.needs_secret);
        check(secret_equal(back.current->access_token, access));
        check(secret_equal(back.current->refresh_token, refresh));
        check_int(back.current->generation, UINT32_MAX);
        check_int(back.current->times.obtained_at, 100);
        check_int(back.current->times.expires_at, 160);
        check(secret_equal(back.previous->access_token, old_access));
        check(!back.previous->refresh_token);
        check_int(back.previous->times.expires_at, GRANT_END_UNKNOWN);

        grant_unref(record.current);
        grant_unref(record.previous);
}

static void the_least_an_account_has(void) {
        _cleanup_(account_record_done) AccountRecord record = {};

        check_int(read_account("{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", "
                               "\"label\": \"x\", \"grant\": {\"access_token\": \"a\"}}",
                               &record, NULL),
                  0);
        check(!record.uid && !record.login && !record.scopes && !record.previous);
        check(!record.needs_secret);
        check(!record.allowed);
        check_int(record.verdict, RECORD_ACCEPTED);
        check_int(record.created_at, 0);
        check_int(record.default_since, 0);
        check(!record.current->refresh_token);
        check_int(record.current->times.expires_at, GRANT_END_UNKNOWN);
        check_int(record.current->generation, 1);
}

/* What is imported may be no more than that. */
static void a_refresh_token_alone_comes_back(void) {
        _cleanup_(secret_unrefp) Secret *refresh = secret("r"), *text = NULL;
        _cleanup_(account_record_done) AccountRecord back = {};
        AccountRecord record = {
                .id = (char *) "one",
                .client_id = (char *) "app",
                .label = (char *) "x",
        };

        check_int(grant_new(NULL, refresh, grant_times(100, 60), 1, &record.current), 0);
        check_int(account_record_print(&record, &text), 0);
        check(!strstr(secret_string(text), "access_token"));
        check_int(account_record_parse(text, &back, NULL), 0);
        check(!back.current->access_token);
        check(secret_equal(back.current->refresh_token, refresh));
        check_int(back.current->times.obtained_at, 100);
        check_int(back.current->times.expires_at, GRANT_END_PAST);
        check_int(grant_remaining(back.current, 2), 0);
        grant_unref(record.current);
}

static void each_verdict_comes_back(void) {
        _cleanup_(secret_unrefp) Secret *access = secret("a");

        for (RecordVerdict v = 0; v < _RECORD_VERDICT_MAX; v++) {
                _cleanup_(account_record_done) AccountRecord back = {};
                _cleanup_(secret_unrefp) Secret *text = NULL;
                AccountRecord record = {
                        .id = (char *) "one",
                        .client_id = (char *) "app",
                        .label = (char *) "x",
                        .verdict = v,
                };

                check_int(grant_new(access, NULL, grant_times(1, 1), 1, &record.current), 0);
                check_int(account_record_print(&record, &text), 0);
                check_int(account_record_parse(text, &back, NULL), 0);
                check_int(back.verdict, v);
                grant_unref(record.current);
        }
}

static void what_we_do_not_know_is_no_trouble(void) {
        _cleanup_(account_record_done) AccountRecord record = {};

        check_int(read_account(ACCOUNT(", \"colour\": \"red\", \"verdict\": \"undecided\", "
                                       "\"scopes\": \"disk:read\", \"uid\": 5, \"login\": null"),
                               &record, NULL),
                  0);
        check_int(record.verdict, RECORD_ACCEPTED);
        check(!record.scopes && !record.uid && !record.login);
        check_int(record.current->generation, 3);
}

static void a_newer_version_is_told_apart(void) {
        AccountRecord record = {};
        ApplicationRecord application = {};
        _cleanup_(secret_unrefp) Secret *s = secret("{\"version\": 2, \"client_id\": \"app\"}");
        bool newer = false;

        check_int(read_account("{\"version\": 2}", &record, &newer), CONDITION_KEYRING_FAILED);
        check(newer);
        newer = false;
        check_int(application_record_parse(s, &application, &newer), CONDITION_KEYRING_FAILED);
        check(newer);
        check_int(application_record_parse(s, &application, NULL), CONDITION_KEYRING_FAILED);

        check_account_refused("{\"version\": 0}");
        check_account_refused("{\"version\": -1}");
        check_account_refused("{\"version\": \"1\"}");
        check_account_refused("{\"id\": \"one\"}");
}

static void without_its_needs_it_is_no_account(void) {
        check_account_refused("");
        check_account_refused("[]");
        check_account_refused("{}");
        check_account_refused("{\"version\": 1}");
        check_account_refused(ACCOUNT(", \"id\": \"\""));
        check_account_refused(ACCOUNT(", \"id\": null"));
        check_account_refused(ACCOUNT(", \"client_id\": \"\""));
        check_account_refused(ACCOUNT(", \"client_id\": 5"));
        check_account_refused(ACCOUNT(", \"grant\": null"));
        check_account_refused(ACCOUNT(", \"grant\": {}"));
        check_account_refused(ACCOUNT(", \"grant\": []"));
        check_account_refused(ACCOUNT(", \"grant\": {\"access_token\": \"\"}"));
        check_account_refused(ACCOUNT(", \"grant\": {\"access_token\": 5}"));
        check_account_refused(
                ACCOUNT(", \"grant\": {\"access_token\": 5, \"refresh_token\": \"r\"}"));
        check_account_refused(ACCOUNT(", \"grant\": {\"refresh_token\": \"\"}"));
        check_account_refused(ACCOUNT(", \"grant\": {\"access_token\": \"a\\u0000\"}"));
        check_account_refused(ACCOUNT("") "x");

        /* What is handed out, or sent on in a header or a name. */
        check_account_refused(ACCOUNT(", \"id\": \"a\\nSTATUS=x\""));
        check_account_refused(ACCOUNT(", \"client_id\": \"a b\""));
        check_account_refused(ACCOUNT(", \"grant\": {\"access_token\": \"a\\r\\nX: 1\"}"));
        check_account_refused(
                ACCOUNT(", \"grant\": {\"access_token\": \"a\", \"refresh_token\": \"r r\"}"));
}

/* What people read must be readable, and no bus takes noncharacters; the grant is good all the
 * same. */
static void texts_that_cannot_be_shown_are_left_out(void) {
        static const char *const bad[] = { "", "a\\u0000b", "a\\u009bb", "a\\ufdd0", "a\\u0007" };

        for (unsigned i = 0; i < ELEMENTSOF(bad); i++) {
                AccountRecord record;
                char text[512];

                (void) snprintf(text, sizeof(text),
                                "{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", "
                                "\"label\": \"%s\", \"login\": \"%s\", \"scopes\": [\"%s\"], "
                                "\"grant\": {\"access_token\": \"a\"}}",
                                bad[i], bad[i], bad[i]);
                check_int(read_account(text, &record, NULL), 0);
                check_str(record.label, "one");
                check_str(record.login, NULL);
                account_record_done(&record);
        }
}

/* Another program wrote into the item. What can be an app's name still counts. */
static void apps_that_cannot_be_are_left_out(void) {
        _cleanup_(account_record_done) AccountRecord record = {};
        char text[4096];
        size_t length;

        check_int(
                read_account(ACCOUNT(", \"allowed\": [\"a b\", \"-a\", \"org.example.App\", \"\", "
                                     "7, null, \"snap.foo\", \"org.example.App\", \"a\\n\"]"),
                             &record, NULL),
                0);
        check_int(strv_length(record.allowed), 2);
        check_str(record.allowed[0], "org.example.App");
        check_str(record.allowed[1], "snap.foo");
        account_record_done(&record);

        (void) snprintf(text, sizeof(text), "%s", ACCOUNT(", \"allowed\": [\"first\""));
        length = strlen(text) - strlen("}");
        for (unsigned i = 0; i < 100; i++)
                length += (size_t) snprintf(text + length, sizeof(text) - length, ", \"app%u\"", i);
        (void) snprintf(text + length, sizeof(text) - length, "]}");
        check_int(read_account(text, &record, NULL), 0);
        check_int(strv_length(record.allowed), ALLOWED_APPS_MAX);
        check_str(record.allowed[0], "first");
}

/* Another program wrote into the item; no number in it may overflow a sum. */
static void hostile_numbers_are_cut_to_size(void) {
        static const char *const numbers[] = {
                "-9223372036854775808",
                "-1",
                "0",
                "1",
                "4294967296",
                "9223372036854775807",
                "99999999999999999999999",
                "1e300",
                "\"5\"",
                "null",
        };

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                for (size_t j = 0; j < ELEMENTSOF(numbers); j++) {
                        _cleanup_(account_record_done) AccountRecord record = {};
                        _cleanup_free_ char *text = NULL;
                        GrantTimes times;

                        check(asprintf(&text,
                                       "{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", "
                                       "\"label\": \"x\", \"created_at\": %s, \"default_since\": "
                                       "%s, \"grant\": {\"access_token\": \"a\", \"obtained_at\": "
                                       "%s, \"expires_at\": %s, \"generation\": %s}}",
                                       numbers[i], numbers[j], numbers[i], numbers[j],
                                       numbers[i]) > 0);
                        check_int(read_account(text, &record, NULL), 0);
                        times = record.current->times;
                        check(times.obtained_at >= 0 && times.expires_at >= 0);
                        check(record.created_at >= 0 && record.default_since >= 0);
                        check(record.current->generation >= 1);
                        (void) schedule_due(times, 1767225600, 7);
                        (void) schedule_is_good_for(times, 1767225600, 60);
                        (void) schedule_default_min_valid(times);
                        (void) schedule_may_extend(times, false, 1767225600);
                }
}

static void a_generation_that_does_not_fit_is_cut(void) {
        _cleanup_(account_record_done) AccountRecord a = {}, b = {}, c = {};

        check_int(read_account(ACCOUNT(", \"grant\": {\"access_token\": \"a\", "
                                       "\"generation\": -1}"),
                               &a, NULL),
                  0);
        check_int(a.current->generation, 1);
        check_int(read_account(ACCOUNT(", \"grant\": {\"access_token\": \"a\", "
                                       "\"generation\": 0}"),
                               &b, NULL),
                  0);
        check_int(b.current->generation, 1);
        check_int(read_account(ACCOUNT(", \"grant\": {\"access_token\": \"a\", "
                                       "\"generation\": 4294967296}"),
                               &c, NULL),
                  0);
        check_int(c.current->generation, UINT32_MAX);
}

static void an_application_is_read_as_it_was_written(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("its secret"), *text = NULL;
        _cleanup_(secret_unrefp) Secret *before = secret("the one before");
        _cleanup_(application_record_done) ApplicationRecord back = {};
        ApplicationRecord record = { (char *) "app", s, true, before };

        check_int(application_record_print(&record, &text), 0);
        check_int(application_record_parse(text, &back, NULL), 0);
        check_str(back.client_id, "app");
        check(secret_equal(back.client_secret, s));
        check(secret_equal(back.previous_secret, before));
        check(back.kept);
}

static void an_application_may_have_no_secret(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("{\"version\": 1, \"client_id\": \"app\"}");
        _cleanup_(secret_unrefp) Secret *bad = secret("{\"version\": 1, \"client_id\": \"\"}");
        _cleanup_(application_record_done) ApplicationRecord record = {};

        check_int(application_record_parse(s, &record, NULL), 0);
        check(!record.client_secret);
        check(!record.previous_secret);
        check(!record.kept);
        check_int(application_record_parse(bad, &record, NULL), CONDITION_KEYRING_FAILED);
        check_str(record.client_id, "app");
}

static void nothing_can_be_done_away_with(void) {
        AccountRecord account = {};
        ApplicationRecord application = {};

        account_record_done(&account);
        account_record_done(&account);
        application_record_done(&application);
}

TEST_MAIN(TEST(an_account_is_read_as_it_was_written), TEST(the_least_an_account_has),
          TEST(a_refresh_token_alone_comes_back), TEST(each_verdict_comes_back),
          TEST(what_we_do_not_know_is_no_trouble), TEST(a_newer_version_is_told_apart),
          TEST(without_its_needs_it_is_no_account), TEST(texts_that_cannot_be_shown_are_left_out),
          TEST(apps_that_cannot_be_are_left_out), TEST(hostile_numbers_are_cut_to_size),
          TEST(a_generation_that_does_not_fit_is_cut),
          TEST(an_application_is_read_as_it_was_written), TEST(an_application_may_have_no_secret),
          TEST(nothing_can_be_done_away_with))
