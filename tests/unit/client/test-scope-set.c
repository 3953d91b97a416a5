/* SPDX-License-Identifier: MIT */

/* Which accounts a sign-in could harm, and what it did not get. */

#include "yadiskctl/setup/application.h"

#include "check.h"
#include "common/strv.h"

static char *read_only[] = { (char *) "disk.read", NULL };
static char *both[] = { (char *) "disk.read", (char *) "disk.write", NULL };
static char *turned[] = { (char *) "disk.write", (char *) "disk.read", NULL };
static char *none[] = { NULL };

static Account account(char **scopes) {
        return (Account){
                .path = "/account/a",
                .id = "a",
                .label = "ivan",
                .login = "",
                .client_id = "app",
                .state = "active",
                .scopes = scopes,
        };
}

static bool clashes(char **asked, char **had) {
        ScopeSet set = { .client_id = "app", .scopes = asked };
        Account a = account(had);

        return scope_set_clashes(&set, &a);
}

static void another_set_clashes(void) {
        CHECK(clashes(read_only, both));
        CHECK(clashes(both, read_only));
        CHECK(!clashes(both, turned));
        CHECK(!clashes(read_only, read_only));
}

static void no_set_is_all_there_is(void) {
        CHECK(!clashes(NULL, NULL));
        CHECK(!clashes(NULL, none));
        CHECK(clashes(NULL, read_only));
        CHECK(clashes(read_only, none));
}

static void others_are_left_alone(void) {
        ScopeSet set = { .client_id = "app", .scopes = read_only };
        Account a = account(both);

        a.client_id = "another";
        CHECK(!scope_set_clashes(&set, &a));
        a = account(both);
        a.state = "locked"; /* its set is not known */
        CHECK(!scope_set_clashes(&set, &a));
        a = account(both);
        set.account = a.path; /* meant to be changed */
        CHECK(!scope_set_clashes(&set, &a));
        set.account = "/account/b";
        CHECK(scope_set_clashes(&set, &a));
}

static void a_warning_is_no_end_where_nobody_can_be_asked(void) {
        ScopeSet set = { .client_id = "app", .scopes = read_only };
        Account accounts[] = { account(both), account(none), account(read_only) };
        Snapshot s = { .accounts = accounts, .n_accounts = ELEMENTSOF(accounts) };
        Capture *err = capture(STDERR_FILENO);
        ExitStatus status = scope_set_warn(&set, &s);

        CHECK_STR(
                captured(err),
                "\"ivan\" was signed in through this application with other permissions "
                "(disk.read disk.write); if the same user signs in now, that token stops working.\n"
                "\"ivan\" was signed in through this application with all its permissions; if "
                "the same user signs in now, that token stops working.\n");
        CHECK_INT(status, EXIT_STATUS_OK);
}

static const char *missing(char **asked, char **got) {
        _cleanup_(strv_freep) char **l = NULL;
        static char *text;
        Account a = account(got);

        free(text);
        CHECK_INT(scope_set_find_missing(asked, &a, &l), 0);
        CHECK_INT(strv_join(l, &text), 0);
        return text;
}

static void what_was_not_granted(void) {
        CHECK_STR(missing(both, read_only), "disk.write");
        CHECK_STR(missing(both, turned), "");
        CHECK_STR(missing(NULL, read_only), "");
        CHECK_STR(missing(both, none), ""); /* not known */
        CHECK_STR(missing(both, NULL), "");
}

int main(void) {
        another_set_clashes();
        no_set_is_all_there_is();
        others_are_left_alone();
        a_warning_is_no_end_where_nobody_can_be_asked();
        what_was_not_granted();
        return EXIT_SUCCESS;
}
