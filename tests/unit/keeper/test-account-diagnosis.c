/* SPDX-License-Identifier: MIT */

/* What Yandex says of an account: what is asked, what follows from it, and that nothing changes. */

#include "keeper/diagnosis/diagnosis.h"

#include "keeper-rig.h"

#define CODE                                                                                       \
        "{\"device_code\": \"d-1\", \"user_code\": \"u\", \"expires_in\": 300, \"interval\": 5}"
#define FORBIDDEN   403, "{\"error\": \"ForbiddenError\"}"
#define UNSUPPORTED 403, "{\"error\": \"DiskUnsupportedUserAccountTypeError\"}"
#define REFUSED     401, "{\"error\": \"UnauthorizedError\"}"
#define GRANTED     200, "{}"

#define PROBE     "/v1/disk/operations/0000"
#define DISK      "/v1/disk"
#define RESOURCES "/v1/disk/resources"

static Diagnosis *diagnosis;
static unsigned n_ends;
static int last_r;
static AccountFindings found;

static void on_found(int r, const Findings *f, void *userdata) {
        n_ends++;
        last_r = r;
        check((r == 0) == (f != NULL));
        found = f ? f->account : (AccountFindings){};
        diagnosis = diagnosis_free(diagnosis);
}

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        start();
        n_ends = 0;
}

static void diagnose(void) {
        check_int(diagnosis_of_account(world, account("one"), on_found, NULL, &diagnosis), 0);
        run();
}

/* Yandex accepts the token and the application. */
static void begin_well(void) {
        begin_with((Known){});
        fake_http_expect(PROBE, 404, "{\"error\": \"DiskOperationNotFoundError\"}");
        fake_http_expect("/device/code", 200, CODE);
}

/* The account has not changed, and no grant was asked for. */
static void done(void) {
        check_int(n_ends, 1);
        check(!diagnosis);
        check_int(waiting(), 0);
        check_int(seen.account, 0);
        check_int(seen.keeper, 0);
        check_int(asked(), 0);
        end();
}

static void check_found(Verdict token, Verdict application, Verdict disk) {
        check_int(last_r, 0);
        check_int(found.token, token);
        check_int(found.application, application);
        check_int(found.disk, disk);
}

static void all_is_well(void) {
        begin_well();
        fake_http_expect(DISK, GRANTED);
        fake_http_expect(RESOURCES, GRANTED);
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
        check(!found.lacks_info && !found.lacks_read && !found.app_folder);
        check_str(found.reason, "");
        check_int(fake_http_count(NULL), 4);
        check_str(fake_http_authorization(), "OAuth a-1");
        done();
}

static void the_application_is_asked_about_beside_the_token(void) {
        begin_with((Known){ .client_id = "mine" });
        diagnose();
        check_int(waiting(), 2);
        check_str(fake_http_url(), "https://oauth.test/device/code");
        check_str(fake_http_field("client_id"), "mine");
        check_str(fake_http_field("scope"), NULL);
        yandex_cannot_be_reached();
        check_int(n_ends, 0);
        yandex_refuses(400, "unauthorized_client");
        check_found(VERDICT_UNKNOWN, VERDICT_REFUSED, VERDICT_UNKNOWN);
        done();
}

static void a_token_that_is_refused_twice_is_refused(void) {
        begin_with((Known){});
        fake_http_expect("/device/code", 200, CODE);
        diagnose();
        yandex_answers(REFUSED);
        check_int(n_ends, 0);
        pass(3);
        yandex_answers(REFUSED);
        check_found(VERDICT_REFUSED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        check_str(found.reason, "");
        check_int(fake_http_count(DISK), 0);
        check_int(state("one"), ACCOUNT_ACTIVE);
        done();
}

static void scopes(void) {
        static const struct {
                bool info, read, folder;
        } rows[] = {
                { true, true, false },  { true, true, true },   { false, true, false },
                { true, false, false }, { true, false, true },  { false, false, false },
                { false, true, true },  { false, false, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                bool any = rows[i].info || rows[i].read || rows[i].folder;

                begin_well();
                if (rows[i].info)
                        fake_http_expect(DISK, GRANTED);
                else
                        fake_http_expect(DISK, FORBIDDEN);
                if (rows[i].read)
                        fake_http_expect(RESOURCES, GRANTED);
                else
                        fake_http_expect(RESOURCES, FORBIDDEN);
                if (rows[i].folder)
                        fake_http_expect(RESOURCES, 404, "{\"error\": \"DiskNotFoundError\"}");
                else
                        fake_http_expect(RESOURCES, FORBIDDEN);
                diagnose();
                check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED,
                            any ? VERDICT_ACCEPTED : VERDICT_UNKNOWN);
                check_int(found.lacks_info, !rows[i].info);
                check_int(found.lacks_read, !rows[i].read && !rows[i].folder);
                check_int(found.app_folder, !rows[i].read && rows[i].folder);
                check_int(fake_http_count(RESOURCES), rows[i].read ? 1 : 2);
                check_str(found.reason, "");
                done();
        }
}

static void a_user_without_a_disk(void) {
        begin_well();
        fake_http_expect(DISK, UNSUPPORTED);
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_REFUSED);
        check_int(fake_http_count(RESOURCES), 0);
        done();

        begin_well();
        fake_http_expect(DISK, FORBIDDEN);
        fake_http_expect(RESOURCES, FORBIDDEN);
        fake_http_expect(RESOURCES, UNSUPPORTED);
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_REFUSED);
        check(found.lacks_info);
        check(!found.lacks_read && !found.app_folder);
        done();
}

static void a_refusal_of_a_good_token_is_not_believed(void) {
        begin_well();
        fake_http_expect(DISK, REFUSED);
        fake_http_expect(DISK, GRANTED);
        fake_http_expect(RESOURCES, REFUSED);
        fake_http_expect(RESOURCES, FORBIDDEN);
        fake_http_expect(RESOURCES, REFUSED);
        fake_http_expect(RESOURCES, GRANTED);
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
        check(found.app_folder);
        check_str(found.reason, "");
        done();
}

static void nor_is_it_asked_about_for_ever(void) {
        begin_well();
        fake_http_expect(DISK, REFUSED);
        fake_http_expect(DISK, REFUSED);
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        check_str(found.reason, "the access token was not accepted");
        done();
}

static void trouble_ends_the_questions_to_that_host(void) {
        begin_well();
        fake_http_expect(DISK, 500, "");
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        check(!found.lacks_info);
        check_str(found.reason, "the server has trouble of its own");
        check_int(fake_http_count(RESOURCES), 0);
        done();

        begin_well();
        fake_http_expect(DISK, GRANTED);
        fake_http_expect(RESOURCES, FORBIDDEN);
        fake_http_expect(RESOURCES, 429, "");
        diagnose();
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
        check(!found.lacks_read && !found.app_folder);
        check_str(found.reason, "too many requests");
        done();
}

static void what_was_found_in_time_is_told(void) {
        begin_well();
        fake_http_expect(DISK, FORBIDDEN);
        diagnose();
        pass_ms(14999);
        check_int(n_ends, 0);
        pass_ms(1);
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        check(found.lacks_info);
        check_str(found.reason, "no answer in time");
        done();
}

/* The token that was looked at has ended since, which is no fault of the account. */
static void a_renewal_meanwhile_is_followed(void) {
        begin_with((Known){});
        fake_http_expect("/device/code", 200, CODE);
        diagnose();
        yandex_answers(REFUSED);
        (void) ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        pass(3);
        yandex_answers(REFUSED);
        check_int(n_ends, 0);
        check_str(fake_http_authorization(), "OAuth a-2");
        fake_http_expect(DISK, GRANTED);
        fake_http_expect(RESOURCES, GRANTED);
        yandex_answers(404, "{\"error\": \"DiskOperationNotFoundError\"}");
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
        end();
}

static void a_renewal_between_two_questions_is_followed(void) {
        begin_well();
        diagnose();
        check_int(waiting(), 1);
        check_str(fake_http_authorization(), "OAuth a-1");
        (void) ask_by_force("one");
        yandex_answers(REFUSED); /* to GET /v1/disk, which has waited longest */
        yandex_gives("a-2", "r-2", YEAR);
        yandex_answers(REFUSED); /* again with the old one, as there was no other yet */
        check_str(fake_http_authorization(), "OAuth a-2");
        fake_http_expect(RESOURCES, GRANTED);
        yandex_answers(GRANTED);
        check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
        check_str(found.reason, "");
        end();
}

static void an_account_that_goes_meanwhile_has_no_other_token(void) {
        begin_with((Known){});
        fake_http_expect("/device/code", 200, CODE);
        diagnose();
        accounts_remove(world->accounts, account("one"));
        yandex_answers(REFUSED);
        pass(3);
        yandex_answers(REFUSED);
        check_found(VERDICT_REFUSED, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        end();
}

static void every_state_but_locked_can_be_looked_at(void) {
        static const Known knowns[] = {
                { .verdict = RECORD_REFUSED },
                { .verdict = RECORD_APP_REFUSED },
                { .refresh = "" },
                { .obtained_at = DAWN - 2 * YEAR, .refresh = "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(knowns); i++) {
                AccountState before;

                begin_with(knowns[i]);
                before = state("one");
                fake_http_expect(PROBE, 404, "{\"error\": \"DiskOperationNotFoundError\"}");
                fake_http_expect("/device/code", 200, CODE);
                fake_http_expect(DISK, GRANTED);
                fake_http_expect(RESOURCES, GRANTED);
                diagnose();
                check_found(VERDICT_ACCEPTED, VERDICT_ACCEPTED, VERDICT_ACCEPTED);
                check_int(state("one"), before);
                done();
        }
}

/* The Disk would refuse a request without a token as well. */
static void a_token_that_is_not_there_is_not_looked_at(void) {
        begin_with((Known){ .access = "", .verdict = RECORD_REFUSED });
        fake_http_expect("/device/code", 200, CODE);
        diagnose();
        check_found(VERDICT_UNKNOWN, VERDICT_ACCEPTED, VERDICT_UNKNOWN);
        check_str(found.reason, "there is no access token yet");
        check_int(fake_http_count(NULL), 1);
        done();
}

static void a_locked_account_is_not_known(void) {
        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(diagnosis_of_account(world, account("one"), on_found, NULL, &diagnosis),
                  CONDITION_KEYRING_LOCKED);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void what_fails_here_ends_it(void) {
        begin_with((Known){});
        fake_http_refuse(-EMFILE);
        check_int(diagnosis_of_account(world, account("one"), on_found, NULL, &diagnosis), -EMFILE);
        check_int(waiting(), 0);
        end();

        begin_with((Known){});
        diagnose();
        fake_http_fail(-ENOMEM, false);
        run();
        check_int(last_r, -ENOMEM);
        done();

        begin_with((Known){});
        diagnose();
        fake_http_refuse(-ENOMEM);
        yandex_answers(404, "{\"error\": \"DiskOperationNotFoundError\"}");
        check_int(last_r, -ENOMEM);
        done();
}

static void a_diagnosis_that_is_dropped_is_silent(void) {
        begin_well();
        diagnose();
        check_int(waiting(), 1);
        diagnosis = diagnosis_free(diagnosis);
        check_int(waiting(), 0);
        pass(20);
        check_int(n_ends, 0);
        end();
}

TEST_MAIN(TEST(all_is_well), TEST(the_application_is_asked_about_beside_the_token),
          TEST(a_token_that_is_refused_twice_is_refused), TEST(scopes), TEST(a_user_without_a_disk),
          TEST(a_refusal_of_a_good_token_is_not_believed), TEST(nor_is_it_asked_about_for_ever),
          TEST(trouble_ends_the_questions_to_that_host), TEST(what_was_found_in_time_is_told),
          TEST(a_renewal_meanwhile_is_followed), TEST(a_renewal_between_two_questions_is_followed),
          TEST(an_account_that_goes_meanwhile_has_no_other_token),
          TEST(every_state_but_locked_can_be_looked_at),
          TEST(a_token_that_is_not_there_is_not_looked_at), TEST(a_locked_account_is_not_known),
          TEST(what_fails_here_ends_it), TEST(a_diagnosis_that_is_dropped_is_silent))
