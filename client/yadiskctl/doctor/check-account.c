/* SPDX-License-Identifier: MIT */

/* The checks of one account: what the daemon knows of it, and what Yandex says of it now. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/doctor/check.h"

/* What Yandex said, or NULL if it was not asked or did not answer. */
static const AccountFindings *check_yandex_answer(const Findings *f, const Check *c) {
        const AccountFindings *a;

        if (!f->accounts)
                return NULL;
        a = &f->accounts[c->account - f->snapshot.accounts];
        return a->known ? a : NULL;
}

static bool check_state_is(const Check *c, const char *state) {
        return streq(c->account->state, state);
}

static bool check_error_is(const Check *c, Condition condition) {
        return streq(c->account->error_name, condition_bus_name(condition));
}

static bool check_is_locked(Check *c) {
        if (account_is_unreadable(c->account))
                check_skip(c, "Not known while the account cannot be read.");
        else if (check_state_is(c, "locked"))
                check_skip(c, "Not known while the account is locked.");
        return check_state_is(c, "locked");
}

/* Whether anything can be known. If not, the check is skipped. */
static bool check_is_known(const Findings *f, Check *c) {
        if (check_is_locked(c))
                return false;
        else if (!findings_yandex_was_asked(f))
                check_skip(c, "Yandex could not be asked.");
        else if (!check_yandex_answer(f, c))
                check_skip(c, "Not known; yadisk-tokend could not find out.");
        else
                return true;
        return false;
}

/* The same for what only a token shows. */
static bool check_needs_token(const Findings *f, Check *c) {
        if (!check_is_known(f, c))
                return false;
        if (streq(check_yandex_answer(f, c)->token, "accepted"))
                return true;

        check_skip(c, "Not known without a token that Yandex accepts.");
        return false;
}

static void check_unreadable(Check *c) {
        const char *sign_out = N_("Run \"yadiskctl logout\" with its id, then sign in again with "
                                  "\"yadiskctl login\".");

        switch (account_condition(c->account)) {
        case CONDITION_RECORD_NEWER:
                check_trouble(c, EXIT_STATUS_KEYRING,
                              N_("Install that version again; or run \"yadiskctl logout\" with its "
                                 "id, then sign in again."),
                              "The account was written to the keyring by a newer yadisk-tokend.");
                break;
        case CONDITION_RECORD_UNREADABLE:
                check_trouble(c, EXIT_STATUS_KEYRING, sign_out,
                              "The account's entry in the keyring cannot be read.");
                break;
        default:
                check_trouble(c, EXIT_STATUS_KEYRING, sign_out,
                              "The account cannot be read from the keyring. %s",
                              check_words(c, c->account->error_message));
        }
}

static void check_sign_in(const Findings *f, Check *c) {
        const Account *a = c->account;

        if (account_is_unreadable(a))
                check_unreadable(c);
        else if (check_state_is(c, "locked") && *a->error_message)
                check_skip(c, "The account is locked. %s", check_words(c, a->error_message));
        else if (check_state_is(c, "locked"))
                check_skip(c, "Not known while the account is locked.");
        else if (check_state_is(c, "sign-in-needed"))
                check_trouble(c, EXIT_STATUS_SIGN_IN_NEEDED,
                              N_("Run \"yadiskctl login\" to sign in again."),
                              "Yandex no longer accepts the sign-in: the access was revoked, the "
                              "password was changed, or the token expired long ago.");
        else if (*a->login)
                check_ok(c, "Signed in as %s.", a->login);
        else
                check_ok(c, "Signed in.");
}

static bool check_application_is_refused(const Findings *f, const Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);

        return check_state_is(c, "app-refused") || (a && streq(a->application, "refused"));
}

/* Why no renewal can be made for want of the client secret, or 0. It is known before one has failed
 * because of it, and also while Yandex cannot be asked. */
static int check_secret_condition(const Findings *f, const Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);
        int r = check_state_is(c, "locked") ? 0 : account_condition(c->account);

        if (a && *a->client_secret)
                r = streq(a->client_secret, "missing") ? CONDITION_CLIENT_SECRET_MISSING
                    : streq(a->client_secret, "newer") ? CONDITION_RECORD_NEWER
                                                       : 0;
        return condition_is_of_client_secret(r) ? r : 0;
}

static void check_missing_secret(int r, Check *c) {
        if (r == CONDITION_RECORD_NEWER)
                check_trouble(c, condition_exit_status(r),
                              N_("Install that version again; or copy the secret from "
                                 "https://oauth.yandex.ru, and run \"yadiskctl apps add\"."),
                              "The application %s was written to the keyring by a newer "
                              "yadisk-tokend.",
                              c->account->client_id);
        else
                check_trouble(c, condition_exit_status(r),
                              N_("Copy it from https://oauth.yandex.ru, and run \"yadiskctl apps "
                                 "add\" to give it again."),
                              "The secret of the application %s is no longer in the keyring, or "
                              "cannot be read there.",
                              c->account->client_id);
}

static void check_application(const Findings *f, Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);
        int secret = check_secret_condition(f, c);

        if (check_application_is_refused(f, c) &&
            account_condition(c->account) == CONDITION_APP_NOT_ALLOWED)
                check_trouble(c, EXIT_STATUS_DENIED,
                              N_("Look it up at https://oauth.yandex.ru; meanwhile the tokens are "
                                 "kept, and tried again every day."),
                              "Yandex does not allow the application %s to renew the token: it "
                              "awaits moderation or is blocked.",
                              c->account->client_id);
        else if (check_application_is_refused(f, c) && a && streq(a->application, "accepted"))
                check_trouble(c, EXIT_STATUS_DENIED,
                              N_("Run \"yadiskctl login --client-secret-file FILE\" with the "
                                 "secret that https://oauth.yandex.ru shows now."),
                              "Yandex knows the application %s, but refused its secret.",
                              c->account->client_id);
        else if (check_application_is_refused(f, c))
                check_trouble(c, EXIT_STATUS_DENIED,
                              N_("Check the application at https://oauth.yandex.ru; meanwhile the "
                                 "tokens are kept."),
                              "Yandex refuses the application %s: it is blocked, awaits "
                              "moderation, or was deleted.",
                              c->account->client_id);
        else if (secret != 0)
                check_missing_secret(secret, c);
        else if (!check_is_known(f, c))
                return;
        else if (streq(a->application, "accepted"))
                check_ok(c, "Yandex knows the application.");
        else
                check_skip(c, "No answer from Yandex: %s.", check_words(c, a->reason));
}

static void check_token(const Findings *f, Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);

        if (check_state_is(c, "sign-in-needed"))
                check_skip(c, "Not checked before the account is signed in again.");
        else if (!check_is_known(f, c))
                return;
        else if (streq(a->token, "accepted"))
                check_ok(c, "The Disk accepts the token.");
        else if (streq(a->token, "unknown"))
                check_skip(c, "No answer from the Disk: %s.", check_words(c, a->reason));
        else if (check_application_is_refused(f, c))
                check_skip(c, "The Disk refuses it because Yandex refuses the application.");
        else
                check_trouble(c, EXIT_STATUS_SIGN_IN_NEEDED,
                              N_("Run \"yadiskctl refresh\" for a new one, and \"yadiskctl login\" "
                                 "if that fails."),
                              "The token no longer works: the Disk refused it twice.");
}

static bool check_lacks_permissions(const AccountFindings *a) {
        return strv_length(a->missing_scopes) > 0;
}

static void check_disk(const Findings *f, Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);

        if (streq(a->disk, "ok"))
                check_ok(c, "The account has a Disk.");
        else if (streq(a->disk, "unsupported"))
                check_trouble(
                        c, EXIT_STATUS_DENIED,
                        N_("Sign in with another Yandex account; one without Yandex Mail, such as "
                           "one made through a social network, has no Disk for programs."),
                        "The account has no Disk that programs can use.");
        else if (check_lacks_permissions(a))
                check_skip(c, "Not known; the token has no permission to look.");
        else
                check_skip(c, "The Disk gave no answer that can be used: %s.",
                           check_words(c, a->reason));
}

static void check_missing_permissions(const AccountFindings *a, Check *c) {
        _cleanup_free_ char *missing = NULL;

        if (strv_join(a->missing_scopes, &missing) < 0)
                return check_skip(c, "There is not enough memory.");

        check_trouble(
                c, EXIT_STATUS_DENIED,
                N_("Add them to the application at https://oauth.yandex.ru, then run \"yadiskctl "
                   "login\"; such a change makes the tokens that the application has invalid."),
                "The Disk refuses the token because it lacks permissions: %s.", missing);
}

/* It is what was asked for, so nothing is missing. */
static void check_app_folder(const AccountFindings *a, Check *c) {
        if (check_lacks_permissions(a))
                check_ok(c, "The token gives access to the folder of the application, but not to "
                            "the rest of the Disk, nor to how much space is left there.");
        else
                check_ok(c, "The token gives access to the folder of the application, but not to "
                            "the rest of the Disk.");
}

static void check_permissions(const Findings *f, Check *c) {
        const AccountFindings *a = check_yandex_answer(f, c);

        if (streq(a->disk, "unsupported"))
                check_skip(c, "Not known without a Disk.");
        else if (a->app_folder)
                check_app_folder(a, c);
        else if (check_lacks_permissions(a))
                check_missing_permissions(a, c);
        else if (!streq(a->disk, "ok"))
                check_skip(c, "Not known without a Disk.");
        else
                check_ok(c, "The token may read the Disk.");
}

static bool check_error_is_passing(const Check *c) {
        return check_error_is(c, CONDITION_OFFLINE) ||
               check_error_is(c, CONDITION_SERVER_TROUBLE) ||
               check_error_is(c, CONDITION_RATE_LIMITED);
}

static void check_renewal(const Findings *f, Check *c) {
        const char *advice = N_("It is retried automatically; \"yadiskctl refresh\" tries now.");
        const char *message = c->account->error_message;
        bool is_refused = check_error_is(c, CONDITION_UNKNOWN_REFUSAL);

        if (check_state_is(c, "locked") || check_state_is(c, "sign-in-needed") ||
            check_state_is(c, "app-refused"))
                check_skip(c, "Nothing is renewed in this state.");
        else if (((!findings_yandex_was_asked(f) || findings_clock_is_wrong(f)) &&
                  f->network.known) ||
                 check_secret_condition(f, c) != 0)
                check_skip(c, "Nothing can be renewed until the trouble above is over.");
        else if (check_state_is(c, "expired"))
                check_trouble(c, is_refused ? EXIT_STATUS_DENIED : EXIT_STATUS_TRY_LATER, advice,
                              "The token has expired, and could not be renewed yet. %s",
                              check_words(c, message));
        else if (is_refused)
                check_trouble(c, EXIT_STATUS_DENIED, advice, "The last renewal failed. %s",
                              check_words(c, message));
        else if (check_error_is_passing(c))
                check_attention(c, advice, "The last renewal failed. %s", check_words(c, message));
        else
                check_ok(c, "Renewed automatically, in good time.");
}

static void check_saved(const Findings *f, Check *c) {
        if (check_is_locked(c))
                return;
        if (account_is_being_saved(c->account))
                check_attention(c,
                                N_("Run \"yadiskctl status\" in a few seconds; it tells whether "
                                   "the token is saved by then."),
                                "The newest token is still being written to the keyring.");
        else if (c->account->saved)
                check_ok(c, "The keyring holds the newest token.");
        else if (!streq(f->snapshot.keyring, "unlocked"))
                check_skip(c, "Kept in memory until it can be saved in the keyring.");
        else
                check_trouble(c, EXIT_STATUS_KEYRING,
                              N_("Look at the journal for what is wrong with the keyring; saving "
                                 "the token is retried until it succeeds."),
                              "The newest token is only in memory. %s",
                              check_words(c, c->account->error_message));
}

const CheckRow account_checks[] = {
        { "sign-in", N_("Sign-in"), NULL, check_sign_in },
        { "application", N_("Application"), NULL, check_application },
        { "token", N_("Token"), NULL, check_token },
        { "disk", N_("Disk"), check_needs_token, check_disk },
        { "permissions", N_("Permissions"), check_needs_token, check_permissions },
        { "renewal", N_("Renewal"), NULL, check_renewal },
        { "saved", N_("Saved"), NULL, check_saved },
        {},
};
