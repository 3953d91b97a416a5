/* SPDX-License-Identifier: MIT */

/* What is told of the difference between two looks, in which order, and that nothing else is. */

#include "yadiskctl/verb/changes.h"

#include "check.h"
#include "common/names.h"

#define KEYRING_LOCKED TOKENS_ERROR("KeyringLocked")

static char told[1024];

static void on_change(const Change *change, void *userdata) {
        CHECK(userdata == told);
        CHECK((change->account != NULL) == (change->kind <= CHANGE_LAST_ERROR));
        if (*told)
                strcat(told, " ");
        strcat(told, change_kind_name(change->kind));
        if (change->account) {
                strcat(told, ":");
                strcat(told, change->account->id);
        }
        if (change->before) {
                strcat(told, ",");
                strcat(told, change->before);
        }
}

static Account account(const char *id) {
        return (Account){
                .path = id,
                .id = id,
                .label = id,
                .login = "",
                .client_id = "",
                .state = "active",
                .error_name = "",
                .error_message = "",
                .generation = 1,
                .saved = true,
        };
}

static Snapshot snapshot(Account *accounts, size_t n) {
        return (Snapshot){
                .accounts = accounts,
                .n_accounts = n,
                .keyring = "unlocked",
                .default_account = "",
                .online = true,
        };
}

static const char *first(const Snapshot *s) {
        told[0] = '\0';
        changes_at_first(s, on_change, told);
        return told;
}

static const char *between(const Snapshot *before, const Snapshot *after) {
        told[0] = '\0';
        changes_between(before, after, on_change, told);
        return told;
}

/* From a healthy account to this one. */
static const char *change_to(Account after) {
        Account before = account("a");
        Snapshot x = snapshot(&before, 1), y = snapshot(&after, 1);

        return between(&x, &y);
}

static void the_first_look_tells_what_is_there(void) {
        Account accounts[] = { account("a"), account("b") };
        Snapshot s = snapshot(accounts, 2);

        CHECK_STR(first(&s), "present:a present:b");
        s.keyring = "locked";
        s.online = false;
        CHECK_STR(first(&s), "present:a present:b keyring network");
        s = snapshot(NULL, 0);
        CHECK_STR(first(&s), "");
}

static void nothing_is_told_of_nothing(void) {
        CHECK_STR(change_to(account("a")), "");
}

static void what_moves_by_itself_is_no_change(void) {
        Account a = account("a");

        a.refreshing = true;
        a.next_refresh_at = 5;
        a.last_refresh_at = 6;
        a.saved = false; /* being written now */
        CHECK_STR(change_to(a), "");
}

static void each_change_is_told(void) {
        Account a = account("a");

        a.state = "expired";
        CHECK_STR(change_to(a), "state:a");
        a = account("a");
        a.generation = 2;
        CHECK_STR(change_to(a), "renewed:a");
        a = account("a");
        a.saved = false;
        a.error_name = KEYRING_LOCKED;
        CHECK_STR(change_to(a), "saved:a trouble:a");
        a = account("a");
        a.label = "home";
        CHECK_STR(change_to(a), "label:a,a");
        a = account("a");
        a.is_default = true;
        CHECK_STR(change_to(a), "default:a");
        a = account("a");
        a.error_name = "x";
        CHECK_STR(change_to(a), "trouble:a");
        a.error_name = "";
        a.error_message = "y";
        CHECK_STR(change_to(a), "trouble:a");
}

static void all_at_once_are_told_in_order(void) {
        Account a = account("a");

        a.label = "home";
        a.state = "expired";
        a.generation = 2;
        a.saved = false;
        a.error_name = KEYRING_LOCKED;
        a.is_default = true;
        CHECK_STR(change_to(a), "label:a,a state:a renewed:a saved:a trouble:a default:a");
}

static void what_was_not_saved_is_told_when_it_is(void) {
        Account before = account("a"), after = account("a");
        Snapshot x = snapshot(&before, 1), y = snapshot(&after, 1);

        before.saved = false;
        before.error_name = KEYRING_LOCKED;
        CHECK_STR(between(&x, &y), "saved:a trouble:a");
        after.saved = false; /* the keyring is open, and it is being written */
        CHECK_STR(between(&x, &y), "trouble:a");
}

/* The daemon has one last trouble to tell, and that may be another by now. */
static void what_was_not_saved_is_not_forgotten(void) {
        Account first = account("a"), second = account("a"), third = account("a");
        Snapshot x = snapshot(&first, 1), y = snapshot(&second, 1), z = snapshot(&third, 1);

        first.saved = second.saved = false;
        first.error_name = KEYRING_LOCKED;
        second.error_name = TOKENS_ERROR("Offline");
        CHECK(!account_is_unsaved(&second) && account_is_being_saved(&second));
        snapshot_remember(&y, &x);
        CHECK(account_is_unsaved(&second) && !account_is_being_saved(&second));
        CHECK_STR(between(&x, &y), "trouble:a");
        snapshot_remember(&z, &y);
        CHECK(!account_is_unsaved(&third));
        CHECK_STR(between(&y, &z), "saved:a trouble:a");
}

static void an_account_that_is_no_longer_the_default_is_silent(void) {
        Account before[] = { account("a"), account("b") }, after[] = { account("a"), account("b") };
        Snapshot x = snapshot(before, 2), y = snapshot(after, 2);

        before[0].is_default = true;
        after[1].is_default = true;
        CHECK_STR(between(&x, &y), "default:b");
}

/* Nothing was known of it; that there is a generation now is no renewal. */
static void an_unlocked_account_was_not_renewed(void) {
        Account before = account("a"), after = account("a");
        Snapshot x = snapshot(&before, 1), y = snapshot(&after, 1);

        before.state = "locked";
        before.generation = 0;
        x.keyring = "locked";
        CHECK_STR(between(&x, &y), "keyring state:a");
}

static void accounts_come_and_go(void) {
        Account before[] = { account("a"), account("b") }, after[] = { account("b"), account("c") };
        Snapshot x = snapshot(before, 2), y = snapshot(after, 2);

        CHECK_STR(between(&x, &y), "removed:a added:c");
}

/* The same label, another account. */
static void accounts_are_told_apart_by_their_paths(void) {
        Account before = account("a"), after = account("b");
        Snapshot x = snapshot(&before, 1), y = snapshot(&after, 1);

        after.label = "a";
        CHECK_STR(between(&x, &y), "removed:a added:b");
}

static void keyring_and_network(void) {
        Snapshot x = snapshot(NULL, 0), y = snapshot(NULL, 0);

        y.keyring = "absent";
        CHECK_STR(between(&x, &y), "keyring");
        y = x;
        y.online = false;
        CHECK_STR(between(&x, &y), "network");
}

int main(void) {
        the_first_look_tells_what_is_there();
        nothing_is_told_of_nothing();
        what_moves_by_itself_is_no_change();
        each_change_is_told();
        all_at_once_are_told_in_order();
        what_was_not_saved_is_told_when_it_is();
        what_was_not_saved_is_not_forgotten();
        an_account_that_is_no_longer_the_default_is_silent();
        an_unlocked_account_was_not_renewed();
        accounts_come_and_go();
        accounts_are_told_apart_by_their_paths();
        keyring_and_network();
        return EXIT_SUCCESS;
}
