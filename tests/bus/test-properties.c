/* SPDX-License-Identifier: MIT */

/* The properties: their values, and the signals when they change. */

#include "bus-rig.h"

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        serve();
}

/* Whether the signals announced a change of the property. */
static bool announced(const char *text, const char *path, const char *property) {
        _cleanup_free_ char *copy = strdup(text), *prefix = NULL;
        char *rest = NULL;

        check(copy && asprintf(&prefix, "PropertiesChanged %s:", path) > 0);
        for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char *words = NULL;

                if (strncmp(line, prefix, strlen(prefix)) != 0)
                        continue;
                line += strlen(prefix);
                for (char *w = strtok_r(line, " ", &words); w; w = strtok_r(NULL, " ", &words))
                        if (streq(w, property))
                                return true;
        }
        return false;
}

static void the_manager_tells_of_itself(void) {
        begin_with((Known){});
        check_int(get_number(TOKENS_PATH, TOKENS_MANAGER_INTERFACE, "ApiVersion", 'u'), 1);
        check_str(manager_string("Version"), YADISK_VERSION);
        check_str(manager_string("DiskURL"), "https://disk.example");
        check_str(manager_string("CAFile"), "");
        check_str(manager_string("KeyringState"), "unlocked");
        check_int(manager_bool("Online"), true);
        check_str(get_string(TOKENS_PATH, TOKENS_MANAGER_INTERFACE, "DefaultAccount"),
                  path_of("one"));
        end_serving();
}

static void the_certificates_of_the_configuration_are_told(void) {
        config.ca_file = (char *) "/etc/company.pem";
        begin_with((Known){});
        check_str(manager_string("CAFile"), "/etc/company.pem");
        end_serving();
        config.ca_file = NULL;
}

static void without_accounts_the_default_is_the_root(void) {
        begin();
        serve();
        check_str(manager_string("DefaultAccount"), "/");
        end_serving();
}

static void the_keyring_has_three_states(void) {
        static const char *const names[_VAULT_STATE_MAX] = {
                [VAULT_UNLOCKED] = "unlocked",   [VAULT_LOCKED] = "locked",
                [VAULT_ITEMS_LOCKED] = "locked", [VAULT_MISSING] = "absent",
                [VAULT_SILENT] = "absent",       [VAULT_ABSENT] = "absent",
        };

        begin_with((Known){});
        for (unsigned i = 0; i < 2 * _VAULT_STATE_MAX; i++) {
                VaultState s = (VaultState) ((i + 1) % _VAULT_STATE_MAX);

                (void) signals();
                fake_vault_set_state(s);
                run();
                check(announced(signals(), TOKENS_PATH, "KeyringState"));
                check_str(manager_string("KeyringState"), names[s]);
        }
        end_serving();
}

static void online_is_announced(void) {
        begin_with((Known){});
        fake_network_set(false);
        run();
        check(announced(signals(), TOKENS_PATH, "Online"));
        check_int(manager_bool("Online"), false);
        fake_network_set(false);
        run();
        check_str(signals(), ""); /* no change, no signal */
        end_serving();
}

static void an_account_tells_of_itself(void) {
        begin_with((Known){ .login = "anna", .label = "work", .generation = 3 });
        check_str(account_string("one", "Id"), "one");
        check_str(account_string("one", "Label"), "work");
        check_str(account_string("one", "Login"), "anna");
        check_str(account_string("one", "ClientId"), "app");
        check_str(account_string("one", "State"), "active");
        check_int(account_bool("one", "Refreshing"), false);
        check_int(account_bool("one", "Saved"), true);
        check_int(account_number("one", "Generation"), 3);
        check_int(account_time("one", "ObtainedAt"), DAWN);
        check_int(account_time("one", "ExpiresAt"), DAWN + YEAR);
        check_within(account_time("one", "NextRefreshAt"), DAWN + 75 * DAY, DAWN + 90 * DAY);
        check_int(account_time("one", "LastRefreshAt"), 0);
        end_serving();
}

static void a_locked_account_tells_what_is_known(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_str(account_string("one", "State"), "locked");
        check_str(account_string("one", "Id"), "one");
        check_str(account_string("one", "Label"), "");
        check_str(account_string("one", "Login"), "");
        check_int(account_number("one", "Generation"), 0);
        check_int(account_time("one", "ExpiresAt"), 0);
        check_int(account_time("one", "NextRefreshAt"), 0);
        check_int(account_bool("one", "Saved"), true);

        (void) signals();
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_str(account_string("one", "State"), "active");
        check_str(account_string("one", "Login"), "anna");
        end_serving();
}

static void each_state_has_a_name(void) {
        begin_with((Known){ .verdict = RECORD_REFUSED });
        check_str(account_string("one", "State"), "sign-in-needed");
        end_serving();
        begin_with((Known){ .verdict = RECORD_APP_REFUSED });
        check_str(account_string("one", "State"), "app-refused");
        end_serving();
        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        check_str(account_string("one", "State"), "expired");
        end_serving();
}

static void an_unknown_end_is_0(void) {
        begin_with((Known){ .life = -1 });
        check_int(account_time("one", "ExpiresAt"), 0);
        check_int(account_time("one", "ObtainedAt"), DAWN);
        end_serving();
}

static void read_trouble(const char **ret_name, const char **ret_sentence) {
        Call *c = call_other(path_of("one"), "org.freedesktop.DBus.Properties", "Get", "ss",
                             TOKENS_ACCOUNT_INTERFACE, "LastError");

        check_read(c, "v", "(ss)", ret_name, ret_sentence);
}

static void the_last_error_is_a_name_and_a_sentence(void) {
        const char *name, *sentence;

        begin_with((Known){});
        read_trouble(&name, &sentence);
        check_str(name, "");
        check_str(sentence, "");
        (void) call_one("Refresh", NULL);
        yandex_cannot_be_reached();
        read_trouble(&name, &sentence);
        check_str(name, ERROR("Offline"));
        check_sentence(sentence);
        end_serving();
}

static void a_refresh_is_announced_from_beginning_to_end(void) {
        const char *said;

        begin_with((Known){});
        (void) call_one("Refresh", NULL);
        said = signals();
        check(announced(said, path_of("one"), "Refreshing"));
        check(announced(said, path_of("one"), "NextRefreshAt"));
        check(!announced(said, path_of("one"), "Generation"));
        check_int(account_bool("one", "Refreshing"), true);
        check_int(account_time("one", "NextRefreshAt"), 0);

        pass(1);
        yandex_gives("a-2", "r-2", YEAR);
        said = signals();
        check(announced(said, path_of("one"), "Refreshing"));
        check(announced(said, path_of("one"), "Generation"));
        check(announced(said, path_of("one"), "ObtainedAt"));
        check(announced(said, path_of("one"), "ExpiresAt"));
        check(announced(said, path_of("one"), "LastRefreshAt"));
        check(announced(said, path_of("one"), "NextRefreshAt"));
        check(!announced(said, path_of("one"), "State"));
        check(!announced(said, path_of("one"), "Saved"));
        check(!announced(said, path_of("one"), "LastError"));
        check_int(account_number("one", "Generation"), 2);
        check_int(account_time("one", "LastRefreshAt"), DAWN + 1);
        end_serving();
}

static void the_end_of_a_sign_in_is_announced(void) {
        const char *said;

        begin_with((Known){});
        (void) call_one("Refresh", NULL);
        (void) signals();
        yandex_refuses(400, "invalid_grant");
        said = signals();
        check(announced(said, path_of("one"), "State"));
        check(announced(said, path_of("one"), "LastError"));
        check(announced(said, path_of("one"), "Refreshing"));
        end_serving();
}

static void what_is_not_saved_is_announced(void) {
        begin_with((Known){});
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 1);
        (void) call_one("Refresh", NULL);
        (void) signals();
        yandex_gives("a-2", "r-2", YEAR);
        check(announced(signals(), path_of("one"), "Saved"));
        check_int(account_bool("one", "Saved"), false);
        pass(MINUTE);
        check(announced(signals(), path_of("one"), "Saved"));
        check_int(account_bool("one", "Saved"), true);
        end_serving();
}

static void objects_are_listed(void) {
        const char *text;
        Call *c;

        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .uid = "2" });
        serve();
        c = call_other(TOKENS_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                       NULL);
        check_done(c);
        text = dump(c->reply);
        check(strstr(text, path_of("one")));
        check(strstr(text, path_of("two")));
        check(strstr(text, TOKENS_ACCOUNT_INTERFACE));
        check(strstr(text, "NextRefreshAt"));
        end_serving();
}

static void accounts_that_come_and_go_are_announced(void) {
        const char *said;

        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_hide_attributes(true);
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        said = signals();
        check(strstr(said, "InterfacesAdded " TOKENS_PATH));
        check(strstr(said, path_of("one")));
        check(announced(said, TOKENS_PATH, "DefaultAccount"));

        accounts_remove(world->accounts, account("one"));
        run();
        said = signals();
        check(strstr(said, "InterfacesRemoved " TOKENS_PATH));
        check(strstr(said, path_of("one")));
        check(announced(said, TOKENS_PATH, "DefaultAccount"));
        check_str(manager_string("DefaultAccount"), "/");
        end_serving();
}

TEST_MAIN(TEST(the_manager_tells_of_itself), TEST(the_certificates_of_the_configuration_are_told),
          TEST(without_accounts_the_default_is_the_root), TEST(the_keyring_has_three_states),
          TEST(online_is_announced), TEST(an_account_tells_of_itself),
          TEST(a_locked_account_tells_what_is_known), TEST(each_state_has_a_name),
          TEST(an_unknown_end_is_0), TEST(the_last_error_is_a_name_and_a_sentence),
          TEST(a_refresh_is_announced_from_beginning_to_end),
          TEST(the_end_of_a_sign_in_is_announced), TEST(what_is_not_saved_is_announced),
          TEST(objects_are_listed), TEST(accounts_that_come_and_go_are_announced))
