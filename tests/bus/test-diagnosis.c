/* SPDX-License-Identifier: MIT */

/* CheckApplication and the two methods called Diagnose: their options, results and errors. */

#include "bus-rig.h"

#define LIMITS_EXCEEDED "org.freedesktop.DBus.Error.LimitsExceeded"
#define AT_ONCE         16

#define CODE                                                                                       \
        "{\"device_code\": \"d-1\", \"user_code\": \"u\", \"expires_in\": 300, \"interval\": 5}"
#define FORBIDDEN   403, "{\"error\": \"ForbiddenError\"}"
#define UNSUPPORTED 403, "{\"error\": \"DiskUnsupportedUserAccountTypeError\"}"
#define ACCEPTED    404, "{\"error\": \"DiskOperationNotFoundError\"}"
#define GRANTED     200, "{}"

static void begin_with_one(void) {
        begin();
        keyring_has((Known){});
        serve();
}

static void write_strings(FILE *out, sd_bus_message *m) {
        const char *s;

        check(sd_bus_message_enter_container(m, 'a', "s") > 0);
        while (sd_bus_message_read(m, "s", &s) > 0)
                fprintf(out, "%s,", s);
        check(sd_bus_message_exit_container(m) > 0);
}

static void write_value(FILE *out, sd_bus_message *m, const char *type) {
        const char *s;
        uint64_t t;
        int b;

        if (streq(type, "as"))
                write_strings(out, m);
        else if (streq(type, "s") && sd_bus_message_read(m, "s", &s) > 0)
                fprintf(out, "%s", s);
        else if (streq(type, "b") && sd_bus_message_read(m, "b", &b) > 0)
                fprintf(out, "%s", b ? "yes" : "no");
        else {
                check(streq(type, "t") && sd_bus_message_read(m, "t", &t) > 0);
                fprintf(out, "%" PRIu64, t);
        }
}

/* "key: value; key: value; " Valid until the next. */
static const char *findings(Call *c) {
        static char *text;
        sd_bus_message *m = c->reply;
        const char *key, *type;
        size_t size;
        FILE *out;

        check_done(c);
        check_str(sd_bus_message_get_signature(m, true), "a{sv}");
        free(text);
        out = open_memstream(&text, &size);
        check(out);
        check(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                check(sd_bus_message_read(m, "s", &key) > 0);
                check(sd_bus_message_peek_type(m, NULL, &type) > 0);
                check(sd_bus_message_enter_container(m, 'v', type) > 0);
                fprintf(out, "%s: ", key);
                write_value(out, m, type);
                fprintf(out, "; ");
                check(sd_bus_message_exit_container(m) > 0);
                check(sd_bus_message_exit_container(m) > 0);
        }
        check_int(fclose(out), 0);
        return text;
}

static void an_application_that_is_good(void) {
        Call *c;

        begin();
        serve();
        c = call("CheckApplication", "sa{sv}", "new", 2, "client_secret", "s", "se cret", "scopes",
                 "as", 2, "a", "b");
        check_str(fake_http_field("client_id"), "new");
        check_str(fake_http_field("scope"), "a b");
        yandex_answers(200, CODE);
        check_str(fake_http_field("client_secret"), "se cret");
        yandex_refuses(400, "invalid_grant");
        check_str(findings(c), "client_id: yes; client_secret: yes; missing_scopes: ; ");
        check(!client_ever_saw("d-1"));
        end_serving();
}

static void an_application_that_is_not(void) {
        Call *c;

        begin();
        serve();
        c = call("CheckApplication", "sa{sv}", "new", 2, "client_secret", "s", "x", "scopes", "as",
                 2, "a", "b");
        yandex_refuses(400, "invalid_scope");
        yandex_refuses(400, "invalid_client");
        yandex_refuses(400, "invalid_scope");
        yandex_answers(200, CODE);
        check_str(findings(c), "client_id: yes; client_secret: no; missing_scopes: a,; ");

        c = call("CheckApplication", "sa{sv}", "new", 2, "client_secret", "s", "x", "scopes", "as",
                 2, "a", "b");
        yandex_refuses(400, "invalid_client");
        check_str(findings(c), "client_id: no; ");
        end_serving();
}

static void findings_that_were_not_asked_for_are_left_out(void) {
        Call *c;

        begin();
        serve();
        c = call("CheckApplication", "sa{sv}", "new", 1, "scopes", "as", 0);
        check_str(fake_http_field("scope"), NULL);
        yandex_answers(200, CODE);
        check_str(findings(c), "client_id: yes; ");
        end_serving();
}

static void no_keyring_is_needed(void) {
        Call *c;

        begin();
        fake_vault_set_state(VAULT_ABSENT);
        serve();
        c = call("CheckApplication", "sa{sv}", "new", 1, "client_secret", "s", "x");
        yandex_answers(200, CODE);
        yandex_refuses(400, "invalid_grant");
        check_str(findings(c), "client_id: yes; client_secret: yes; ");
        check(!applications_find(world->applications, "new"));

        c = call("Diagnose", "a{sv}", 0);
        for (unsigned i = 0; i < 3; i++)
                yandex_answers(401, "");
        check_done(c);
        end_serving();
}

static Call *check_with(const char *client_id, const char *key, const char *type,
                        const char *value) {
        return call("CheckApplication", "sa{sv}", client_id, 1, key, type, value);
}

static void arguments_are_checked_as_those_of_a_sign_in(void) {
        static char long_secret[1026];

        begin();
        serve();
        memset(long_secret, 'x', sizeof(long_secret) - 1);
        check_error(call("CheckApplication", "sa{sv}", "", 0), INVALID_ARGS);
        check_error(call("CheckApplication", "sa{sv}", "a b", 0), INVALID_ARGS);
        check_error(check_with("new", "client_secret", "s", ""), INVALID_ARGS);
        check_error(check_with("new", "client_secret", "s", long_secret), INVALID_ARGS);
        check_error(check_with("new", "client_secret", "o", "/"), INVALID_ARGS);
        check_error(check_with("new", "scopes", "s", "a"), INVALID_ARGS);
        check_error(call("CheckApplication", "sa{sv}", "new", 1, "scopes", "as", 1, "a b"),
                    INVALID_ARGS);
        check_error(call("CheckApplication", "sa{sv}", "new", 1, "scopes", "as", 17, "1", "2", "3",
                         "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
                         "17"),
                    INVALID_ARGS);
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static void troubles_have_names(void) {
        static const struct {
                int status; /* 0: no answer */
                const char *name;
        } rows[] = {
                { 0, ERROR("Offline") },
                { 429, ERROR("RateLimited") },
                { 500, ERROR("ServerTrouble") },
        };

        begin();
        serve();
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Call *c = call("CheckApplication", "sa{sv}", "new", 0);

                if (rows[i].status == 0)
                        yandex_cannot_be_reached();
                else
                        yandex_answers(rows[i].status, "");
                check_error(c, rows[i].name);
        }
        end_serving();
}

static void the_network(void) {
        Call *c;

        begin();
        serve();
        fake_http_set_date(DAWN + 90);
        c = call("Diagnose", "a{sv}", 0);
        for (unsigned i = 0; i < 3; i++)
                yandex_answers(401, "");
        check_str(findings(c),
                  "reachable: yes; trusted: yes; reason: ; host: ; server_time: 1767225690; "
                  "local_time: 1767225600; has_device_id: yes; keyring: unlocked; ");

        fake_http_set_date(0);
        c = call("Diagnose", "a{sv}", 0);
        fake_http_distrust();
        run();
        for (unsigned i = 0; i < 2; i++)
                yandex_cannot_be_reached();
        check_str(findings(c), "reachable: no; trusted: no; reason: the test wants it so; host: "
                               "https://oauth.test; server_time: 0; local_time: 1767225600; "
                               "has_device_id: yes; keyring: unlocked; ");
        end_serving();
}

static void an_account_that_is_well(void) {
        Call *c;

        begin_with_one();
        c = call_one("Diagnose", "a{sv}", 0);
        yandex_answers(ACCEPTED);
        yandex_answers(200, CODE);
        yandex_answers(GRANTED);
        yandex_answers(GRANTED);
        check_str(findings(c),
                  "token: accepted; application: accepted; client_secret: known; disk: ok; "
                  "missing_scopes: ; app_folder: no; reason: ; ");
        check(!client_ever_saw("a-1"));
        check_str(signals(), "");
        end_serving();
}

static void an_account_that_is_not(void) {
        Call *c;

        begin_with_one();
        c = call_one("Diagnose", "a{sv}", 0);
        yandex_answers(401, "");
        yandex_refuses(400, "invalid_client");
        pass(3);
        yandex_answers(401, "");
        check_str(findings(c),
                  "token: refused; application: refused; client_secret: known; disk: unknown; "
                  "missing_scopes: ; app_folder: no; reason: ; ");

        c = call_one("Diagnose", "a{sv}", 0);
        yandex_answers(ACCEPTED);
        yandex_cannot_be_reached();
        yandex_answers(FORBIDDEN);
        yandex_answers(FORBIDDEN);
        yandex_answers(FORBIDDEN);
        check_str(findings(c),
                  "token: accepted; application: unknown; client_secret: known; disk: unknown; "
                  "missing_scopes: "
                  "cloud_api:disk.info,cloud_api:disk.read,; app_folder: no; reason: the "
                  "test wants it so; ");

        c = call_one("Diagnose", "a{sv}", 0);
        yandex_answers(ACCEPTED);
        yandex_answers(200, CODE);
        yandex_answers(FORBIDDEN);
        yandex_answers(FORBIDDEN);
        yandex_answers(UNSUPPORTED);
        check_str(
                findings(c),
                "token: accepted; application: accepted; client_secret: known; disk: unsupported; "
                "missing_scopes: cloud_api:disk.info,; app_folder: no; reason: ; ");

        c = call_one("Diagnose", "a{sv}", 0);
        yandex_answers(ACCEPTED);
        yandex_answers(200, CODE);
        yandex_answers(GRANTED);
        yandex_answers(FORBIDDEN);
        yandex_answers(GRANTED);
        check_str(findings(c),
                  "token: accepted; application: accepted; client_secret: known; disk: ok; "
                  "missing_scopes: ; app_folder: yes; reason: ; ");
        check_str(signals(), "");
        end_serving();
}

static void a_locked_account_is_unlocked_if_prompts_are_allowed(void) {
        Call *c;

        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(call_one("Diagnose", "a{sv}", 0), ERROR("KeyringLocked"));
        check_int(fake_vault_prompts(), 0);
        interactively();
        c = call_one("Diagnose", "a{sv}", 0);
        check_int(fake_vault_prompts(), 1);
        yandex_cannot_be_reached();
        yandex_cannot_be_reached();
        check_done(c);
        end_serving();
}

static void options_of_any_name_are_ignored(void) {
        begin_with_one();
        check_waiting_call(call("Diagnose", "a{sv}", 1, "deep", "b", 1));
        check_waiting_call(call_one("Diagnose", "a{sv}", 1, "deep", "s", "yes"));
        check_waiting_call(call("CheckApplication", "sa{sv}", "new", 1, "deep", "u", 1));
        end_serving();
}

/* Each probe makes several requests; a program that asks without end would make Yandex shut us
 * out. */
static void the_number_of_probes_is_limited(void) {
        Call *many[AT_ONCE];

        begin_with_one();
        for (size_t i = 0; i < AT_ONCE; i++)
                many[i] = i % 2 ? call_one("Diagnose", "a{sv}", 0) : call("Diagnose", "a{sv}", 0);
        check_error(call_one("Diagnose", "a{sv}", 0), LIMITS_EXCEEDED);
        check_error(call("Diagnose", "a{sv}", 0), LIMITS_EXCEEDED);
        check_error(call("CheckApplication", "sa{sv}", "new", 0), LIMITS_EXCEEDED);
        check_int(waiting(), AT_ONCE / 2 * 5);

        /* Other calls are served, and when some probes have ended, others may begin. */
        check_token(call("GetToken", "sa{sv}", "", 0), "a-1", 1);
        while (waiting() > 0)
                yandex_cannot_be_reached();
        for (size_t i = 0; i < AT_ONCE; i++)
                check_done(many[i]);
        check_waiting_call(call("CheckApplication", "sa{sv}", "new", 0));
        end_serving();
}

/* They would delay the sign-ins of others. */
static void nothing_is_diagnosed_beyond_the_budget(void) {
        begin_with_one();
        fake_http_set_over_budget(true);
        check_error(call("Diagnose", "a{sv}", 0), ERROR("RateLimited"));
        check_error(call_one("Diagnose", "a{sv}", 0), ERROR("RateLimited"));
        check_error(call("CheckApplication", "sa{sv}", "new", 0), ERROR("RateLimited"));
        check_int(waiting(), 0);
        fake_http_set_over_budget(false);
        check_waiting_call(call("Diagnose", "a{sv}", 0));
        end_serving();
}

static void no_call_waits_longer_than_15_5_s(void) {
        Call *application, *network, *account;

        begin_with_one();
        application = call("CheckApplication", "sa{sv}", "new", 0);
        network = call("Diagnose", "a{sv}", 0);
        account = call_one("Diagnose", "a{sv}", 0);
        pass_ms(14999);
        check_waiting_call(account);
        pass_ms(1);
        check_str(findings(account),
                  "token: unknown; application: unknown; client_secret: known; disk: unknown; "
                  "missing_scopes: ; app_folder: no; reason: no answer in time; ");
        pass_ms(499);
        check_waiting_call(application);
        check_waiting_call(network);
        pass_ms(1);
        check_error(application, ERROR("ServerTrouble"));
        check_error(network, ERROR("ServerTrouble"));
        check_int(waiting(), 0);
        end_serving();
}

static void the_end_answers_cancelled(void) {
        Call *application, *network, *account;

        begin_with_one();
        application = call("CheckApplication", "sa{sv}", "new", 0);
        network = call("Diagnose", "a{sv}", 0);
        account = call_one("Diagnose", "a{sv}", 0);
        stop_serving();
        check_error(application, ERROR("Cancelled"));
        check_error(network, ERROR("Cancelled"));
        check_error(account, ERROR("Cancelled"));
        check_int(waiting(), 0);
        end_serving();
}

TEST_MAIN(TEST(an_application_that_is_good), TEST(an_application_that_is_not),
          TEST(findings_that_were_not_asked_for_are_left_out), TEST(no_keyring_is_needed),
          TEST(arguments_are_checked_as_those_of_a_sign_in), TEST(troubles_have_names),
          TEST(the_network), TEST(an_account_that_is_well), TEST(an_account_that_is_not),
          TEST(a_locked_account_is_unlocked_if_prompts_are_allowed),
          TEST(options_of_any_name_are_ignored), TEST(the_number_of_probes_is_limited),
          TEST(nothing_is_diagnosed_beyond_the_budget), TEST(no_call_waits_longer_than_15_5_s),
          TEST(the_end_answers_cancelled))
