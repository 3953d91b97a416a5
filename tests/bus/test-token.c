/* SPDX-License-Identifier: MIT */

/* GetToken and GetTokenFD: the answers, when they come, and how the token is passed. */

#include <fcntl.h>
#include <sys/stat.h>

#include "bus-rig.h"

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        serve();
}

static void the_token_its_end_and_its_generation(void) {
        const char *token;
        uint64_t expires_at;
        uint32_t generation;

        begin_with((Known){ .access = "y0_secret", .generation = 7 });
        check_read_before(call("GetToken", "sa{sv}", "", 0), "stu", "a{sv}", &token, &expires_at,
                          &generation);
        check_str(token, "y0_secret");
        check_int(expires_at, DAWN + YEAR);
        check_int(generation, 7);
        check(last_sent_was_sensitive());
        end_serving();
}

/* Reads the whole reply of one of the two. Returns when the token will be renewed. */
static uint64_t check_details(Call *c, const char *id) {
        const char *keys[4], *account, *type;
        uint64_t at;

        check_done(c);
        check(sd_bus_message_rewind(c->reply, true) >= 0);
        check(sd_bus_message_skip(c->reply, NULL) > 0);
        check(sd_bus_message_skip(c->reply, "tu") > 0);
        check(sd_bus_message_read(c->reply, "a{sv}", 4, &keys[0], "o", &account, &keys[1], "s",
                                  &type, &keys[2], "t", &at, &keys[3], "as", 0) > 0);
        check_str(keys[0], "account");
        check_str(account, path_of(id));
        check_str(keys[1], "token_type");
        check_str(type, "OAuth");
        check_str(keys[2], "next_refresh_at");
        check_str(keys[3], "scopes");
        return at;
}

static void whose_token_it_is(void) {
        Call *waiting, *named;

        begin();
        keyring_has((Known){ .id = "one", .obtained_at = DAWN - 2 * YEAR, .default_since = 1 });
        keyring_has((Known){ .id = "two", .uid = "2" });
        serve();
        check_details(call("GetToken", "sa{sv}", "two", 0), "two");
        check_int(check_details(call("GetTokenFD", "sa{sv}", "two", 0), "two"),
                  account_time("two", "NextRefreshAt"));
        waiting = call("GetToken", "sa{sv}", "", 0);
        check_waiting_call(waiting);
        check_done(call("SetDefaultAccount", "o", path_of("two")));
        named = call("GetToken", "sa{sv}", "one", 0);
        check_waiting_call(named);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(check_details(waiting, "one"), account_time("one", "NextRefreshAt"));
        check_details(named, "one");
        check_details(call("GetToken", "sa{sv}", "", 0), "two");
        end_serving();
}

/* While it is renewed no renewal is planned, but it may be dead the moment after. */
static void a_token_that_is_being_renewed_is_not_to_be_kept(void) {
        begin_with((Known){ .access = "a-1" });
        check_waiting_call(call_one("Refresh", NULL));
        check_int(check_details(call("GetToken", "sa{sv}", "", 0), "one"), DAWN);
        end_serving();
}

static void the_account_may_be_named(void) {
        begin();
        keyring_has((Known){ .id = "one", .access = "a-one", .login = "anna", .label = "work" });
        keyring_has((Known){ .id = "two", .access = "a-two", .login = "boris", .uid = "2" });
        serve();
        check_token(call("GetToken", "sa{sv}", "", 0), "a-one", 1);
        check_token(call("GetToken", "sa{sv}", "work", 0), "a-one", 1);
        check_token(call("GetToken", "sa{sv}", "anna", 0), "a-one", 1);
        check_token(call("GetToken", "sa{sv}", "two", 0), "a-two", 1);
        check_error(call("GetToken", "sa{sv}", "nobody", 0), ERROR("NoSuchAccount"));
        end_serving();
}

static void a_dead_token_is_waited_for(void) {
        Call *first, *second;

        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        first = call("GetToken", "sa{sv}", "", 0);
        second = call("GetToken", "sa{sv}", "one", 0);
        pass(10);
        check_waiting_call(first);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(first, "a-2", 2);
        check_token(second, "a-2", 2);
        check_int(asked(), 1);
        check(last_sent_was_sensitive());
        end_serving();
}

static void a_call_that_waits_does_not_hold_up_others(void) {
        Call *slow;

        begin();
        keyring_has((Known){ .id = "one", .obtained_at = DAWN - 2 * YEAR });
        keyring_has((Known){ .id = "two", .access = "a-two", .uid = "2" });
        serve();
        slow = call("GetToken", "sa{sv}", "one", 0);
        check_token(call("GetToken", "sa{sv}", "two", 0), "a-two", 1);
        check_waiting_call(slow);
        end_serving();
}

static void min_valid_is_seconds(void) {
        Call *c;

        begin_with((Known){});
        pass(20 * DAY);
        check_token(call("GetToken", "sa{sv}", "", 1, "min_valid", "u", (uint32_t) (345 * DAY)),
                    "a-1", 1);
        c = call("GetToken", "sa{sv}", "", 1, "min_valid", "u", (uint32_t) (345 * DAY + 1));
        check_waiting_call(c);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(c, "a-2", 2);
        end_serving();
}

/* Without the option a minute must be left. */
static void min_valid_0_takes_a_token_to_its_last_second(void) {
        begin_with((Known){ .obtained_at = DAWN - YEAR + 30 });
        check_waiting_call(call("GetToken", "sa{sv}", "", 0));
        check_token(call("GetToken", "sa{sv}", "", 1, "min_valid", "u", 0), "a-1", 1);
        end_serving();
}

static void force_gets_another(void) {
        Call *c;

        begin_with((Known){});
        check_token(call("GetToken", "sa{sv}", "", 1, "force", "b", 0), "a-1", 1);
        c = call("GetToken", "sa{sv}", "", 1, "force", "b", 1);
        check_waiting_call(c);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(c, "a-2", 2);
        end_serving();
}

static void options_that_are_not_known_are_ignored(void) {
        begin_with((Known){});
        check_token(call("GetToken", "sa{sv}", "", 3, "colour", "s", "red", "min_valid", "u", 5,
                         "shape", "(ii)", 1, 2),
                    "a-1", 1);
        end_serving();
}

static void an_option_of_the_wrong_type_is_refused(void) {
        static const char *const members[] = { "GetToken", "GetTokenFD" };

        begin_with((Known){});
        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                check_error(call(members[i], "sa{sv}", "", 1, "min_valid", "s", "5"), INVALID_ARGS);
                check_error(call(members[i], "sa{sv}", "", 1, "min_valid", "i", 5), INVALID_ARGS);
                check_error(call(members[i], "sa{sv}", "", 1, "min_valid", "t", UINT64_C(5)),
                            INVALID_ARGS);
                check_error(call(members[i], "sa{sv}", "", 1, "force", "u", 1), INVALID_ARGS);
                check_error(
                        call(members[i], "sa{sv}", "", 2, "min_valid", "u", 5, "force", "s", "yes"),
                        INVALID_ARGS);
        }
        check_int(asked(), 0);
        end_serving();
}

static void who_wants_more_than_a_year_gets_a_fresh_token(void) {
        Call *c;

        begin_with((Known){});
        check_token(call("GetToken", "sa{sv}", "", 1, "min_valid", "u", (uint32_t) YEAR + 1), "a-1",
                    1);
        pass(40 * DAY);
        c = call("GetToken", "sa{sv}", "", 1, "min_valid", "u", UINT32_MAX);
        check_waiting_call(c);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(c, "a-2", 2);
        check_token(call("GetToken", "sa{sv}", "", 1, "min_valid", "u", UINT32_MAX), "a-2", 2);
        end_serving();
}

static void the_descriptor_holds_the_token_sealed(void) {
        static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
        char content[64] = "";
        uint64_t expires_at;
        uint32_t generation;
        int fd;

        begin_with((Known){ .access = "y0_secret" });
        check_read_before(call("GetTokenFD", "sa{sv}", "", 0), "htu", "a{sv}", &fd, &expires_at,
                          &generation);
        check(last_sent_was_sensitive());
        check_int(expires_at, DAWN + YEAR);
        check_int(generation, 1);
        check_int(fcntl(fd, F_GET_SEALS) & seals, seals);
        check_int(read(fd, content, sizeof(content)), (int) strlen("y0_secret"));
        check_str(content, "y0_secret");
        check(write(fd, "x", 1) < 0);
        check(ftruncate(fd, 0) < 0);
        check(!client_ever_saw("y0_secret")); /* its bytes never pass the bus */
        end_serving();
}

static void a_descriptor_is_waited_for_too(void) {
        char content[64] = "";
        uint64_t expires_at;
        uint32_t generation;
        Call *c;
        int fd;

        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        c = call("GetTokenFD", "sa{sv}", "", 0);
        check_waiting_call(c);
        yandex_gives("a-2", "r-2", YEAR);
        check_read_before(c, "htu", "a{sv}", &fd, &expires_at, &generation);
        check_int(generation, 2);
        check_int(pread(fd, content, sizeof(content), 0), 3);
        check_str(content, "a-2");
        check(!client_ever_saw("a-2"));
        end_serving();
}

static void no_other_message_carries_a_secret(void) {
        begin_with((Known){ .access = "SECRET-a1", .refresh = "SECRET-r1" });
        check_done(call_other(TOKENS_PATH, "org.freedesktop.DBus.ObjectManager",
                              "GetManagedObjects", NULL));
        check_done(call_other(path_of("one"), "org.freedesktop.DBus.Properties", "GetAll", "s",
                              TOKENS_ACCOUNT_INTERFACE));
        check_done(call_other(TOKENS_PATH, "org.freedesktop.DBus.Properties", "GetAll", "s",
                              TOKENS_MANAGER_INTERFACE));
        check_done(call("ListApplications", NULL));
        (void) call_one("Refresh", NULL);
        yandex_gives("SECRET-a2", "SECRET-r2", YEAR);
        check(client_ever_saw("GetManagedObjects") || client_ever_saw("NextRefreshAt"));
        check(!client_ever_saw("SECRET"));
        check(!client_ever_saw("app-secret"));
        end_serving();
}

TEST_MAIN(TEST(the_token_its_end_and_its_generation), TEST(whose_token_it_is),
          TEST(a_token_that_is_being_renewed_is_not_to_be_kept), TEST(the_account_may_be_named),
          TEST(a_dead_token_is_waited_for), TEST(a_call_that_waits_does_not_hold_up_others),
          TEST(min_valid_is_seconds), TEST(min_valid_0_takes_a_token_to_its_last_second),
          TEST(force_gets_another), TEST(options_that_are_not_known_are_ignored),
          TEST(an_option_of_the_wrong_type_is_refused),
          TEST(who_wants_more_than_a_year_gets_a_fresh_token),
          TEST(the_descriptor_holds_the_token_sealed), TEST(a_descriptor_is_waited_for_too),
          TEST(no_other_message_carries_a_secret))
