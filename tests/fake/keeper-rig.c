/* SPDX-License-Identifier: MIT */

#include "keeper-rig.h"

#include <syslog.h>

#include "common/log.h"
#include "model/record.h"

#define ASKERS_MAX 4096U
#define BODY_MAX   1024

sd_event *event;
Oauth *oauth;
Keeper *keeper;
World *world;
Seen seen;

static Http *http;
static Asker *askers[ASKERS_MAX];
static unsigned n_askers;

static void on_loaded(void *userdata) {
        seen.loaded++;
}

static void on_account_added(Account *a, void *userdata) {
        seen.added++;
}

static void on_account_changed(Account *a, AccountChange changes, void *userdata) {
        seen.account |= changes;
}

static void on_account_removed(Account *a, void *userdata) {
        check(accounts_by_id(world->accounts, account_id(a)) == a);
        seen.removed++;
}

static void on_changed(KeeperChange changes, void *userdata) {
        seen.keeper |= changes;
        seen.n_default += (changes & KEEPER_CHANGED_DEFAULT) != 0;
}

static const KeeperObserver observer = {
        .on_loaded = on_loaded,
        .on_account_added = on_account_added,
        .on_account_changed = on_account_changed,
        .on_account_removed = on_account_removed,
        .on_changed = on_changed,
};

void begin(void) {
        static const OauthOptions options = {
                .oauth_url = "https://oauth.test",
                .login_url = "https://login.test",
                .disk_url = "https://disk.test",
                .device_id = "11111111-2222",
                .device_name = "my host",
        };

        log_set_max_level(LOG_EMERG);
        check_int(sd_event_new(&event), 0);
        fake_clock_reset(DAWN);
        fake_network_reset(true);
        fake_fdstore_reset();
        fake_notifier_reset();
        fake_opener_reset();
        fake_vault_reset(event);
        journal_reset();
        check_int(http_new(event, NULL, &http), 0);
        check_int(oauth_new(http, &options, &oauth), 0);
        seen = (Seen){};
}

void make_keeper(void) {
        check_int(keeper_new(event, oauth, &keeper), 0);
        world = keeper_world(keeper);
}

void start(void) {
        if (fake_vault_count_items(VAULT_APPLICATION, NULL) == 0)
                keyring_has_application("app", "app-secret");
        make_keeper();
        keeper_start(keeper, &observer);
        run();
        (void) journal_take();
        seen.account = 0;
        seen.keeper = 0;
}

static void on_stopped(void *userdata) {
        seen.stopped++;
}

void stop(void) {
        seen.stopped = 0;
        keeper_stop(keeper, on_stopped, NULL);
        check_int(seen.stopped, 0); /* from the loop only */
        run();
}

void quit(void) {
        keeper = keeper_free(keeper);
        for (unsigned i = 0; i < n_askers; i++) {
                askers[i]->wait = wait_free(askers[i]->wait);
                free(askers[i]);
        }
        n_askers = 0;
}

void end(void) {
        quit();
        oauth = oauth_free(oauth);
        http = http_free(http);
        fake_http_reset();
        fake_fdstore_reset();
        fake_notifier_reset();
        fake_opener_reset();
        fake_vault_reset(NULL);
        event = sd_event_unref(event);
}

void run(void) {
        fake_clock_run(event);
}

void pass(int64_t seconds) {
        fake_clock_pass(event, seconds);
}

void pass_ms(int64_t ms) {
        fake_clock_pass_ms(event, ms);
}

Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

static Known fill_in(Known k) {
        k.id = k.id ?: "one";
        k.client_id = k.client_id ?: "app";
        k.uid = k.uid ?: "100";
        k.login = k.login ?: "user";
        k.label = k.label ?: k.login;
        k.access = k.access ?: "a-1";
        k.refresh = k.refresh ?: "r-1";
        k.obtained_at = k.obtained_at ?: DAWN;
        k.life = k.life ?: YEAR;
        k.generation = k.generation ?: 1;
        k.created_at = k.created_at ?: DAWN;
        return k;
}

Secret *document(Known known) {
        Known k = fill_in(known);
        _cleanup_(secret_unrefp) Secret *access = NULL, *refresh = NULL;
        AccountRecord record = {
                .created_at = k.created_at,
                .default_since = k.default_since,
                .verdict = k.verdict,
        };
        Secret *text;

        if (!str_is_empty(k.access))
                access = secret(k.access);
        if (!str_is_empty(k.refresh))
                refresh = secret(k.refresh);
        check_int(str_replace(&record.id, k.id), 0);
        check_int(str_replace(&record.client_id, k.client_id), 0);
        check_int(str_replace(&record.label, k.label), 0);
        if (!str_is_empty(k.uid)) {
                check_int(str_replace(&record.uid, k.uid), 0);
                check_int(str_replace(&record.login, k.login), 0);
        }
        check_int(grant_new(access, refresh, grant_times(k.obtained_at, k.life), k.generation,
                            &record.current),
                  0);
        if (k.end_did_not_move)
                record.previous = grant_ref(record.current);

        check_int(account_record_print(&record, &text), 0);
        account_record_done(&record);
        return text;
}

void keyring_has(Known known) {
        _cleanup_(secret_unrefp) Secret *text = document(known);
        Known k = fill_in(known);
        VaultKey key = { VAULT_ACCOUNT, k.id, k.client_id };

        fake_vault_add(&key, text);
}

void keyring_has_application(const char *client_id, const char *client_secret) {
        _cleanup_(secret_unrefp) Secret *text = NULL, *s = secret(client_secret);
        ApplicationRecord record = { .client_id = (char *) client_id, .client_secret = s };
        VaultKey key = { VAULT_APPLICATION, client_id, client_id };

        check_int(application_record_print(&record, &text), 0);
        fake_vault_add(&key, text);
}

/* Reads the keyring's item; the caller frees. */
static AccountRecord kept(const char *id) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        AccountRecord record = {};

        if (fake_vault_document(VAULT_ACCOUNT, id)) {
                text = secret(fake_vault_document(VAULT_ACCOUNT, id));
                check_int(account_record_parse(text, &record, NULL), 0);
        }
        return record;
}

static const char *keep_text(const char *text) {
        static char copies[4][64];
        static unsigned n;
        char *copy = copies[n++ % ELEMENTSOF(copies)];

        (void) snprintf(copy, sizeof(copies[0]), "%s", str_or_empty(text));
        return copy;
}

const char *kept_access_token(const char *id) {
        _cleanup_(account_record_done) AccountRecord record = kept(id);

        return keep_text(record.current ? secret_string(record.current->access_token) : "");
}

const char *kept_refresh_token(const char *id) {
        _cleanup_(account_record_done) AccountRecord record = kept(id);

        return keep_text(record.current ? secret_string(record.current->refresh_token) : "");
}

RecordVerdict kept_verdict(const char *id) {
        _cleanup_(account_record_done) AccountRecord record = kept(id);

        return record.verdict;
}

const char *kept_label(const char *id) {
        _cleanup_(account_record_done) AccountRecord record = kept(id);

        return keep_text(record.label);
}

Account *account(const char *id) {
        Account *a = accounts_by_id(world->accounts, id);

        check(a);
        return a;
}

AccountState state(const char *id) {
        return account_state(account(id));
}

static void note(Asker *a, int r, Grant *grant) {
        a->n_answers++;
        a->r = r;
        if (!grant)
                return;

        (void) snprintf(a->token, sizeof(a->token), "%s", secret_string(grant->access_token));
        a->generation = grant->generation;
        a->expires_at = grant->times.expires_at;
}

static void on_answer(int r, void *userdata) {
        Asker *a = userdata;
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(a->wait));

        a->wait = wait_free(a->wait);
        check(r == 0 ? grant != NULL : !grant);
        note(a, r, grant);
        journal_add(r == 0 ? "served %s" : "refused %s", a->token);
        if (a->then)
                a->then(a);
}

static Asker *new_asker(const char *id) {
        check(n_askers < ASKERS_MAX);
        askers[n_askers] = calloc(1, sizeof(Asker));
        askers[n_askers]->account = account(id);
        return askers[n_askers++];
}

/* An answer at once is one, too; never both. */
static Asker *finish_asking(Asker *a, int r) {
        check_int(a->n_answers, 0);
        if (a->wait)
                check_int(r, 0);
        else
                note(a, r, r == 0 ? account_grant(a->account) : NULL);
        run();
        return a;
}

static Asker *ask_so(const char *id, TokenQuery query) {
        Asker *a = new_asker(id);
        int r;

        r = account_get_token(a->account, &query, on_answer, a, &a->wait);
        return finish_asking(a, r);
}

Asker *ask(const char *id) {
        return ask_so(id, (TokenQuery){});
}

Asker *ask_for(const char *id, uint32_t min_valid) {
        return ask_so(id, (TokenQuery){ .has_min_valid = true, .min_valid = min_valid });
}

Asker *ask_by_force(const char *id) {
        return ask_so(id, (TokenQuery){ .force = true });
}

Asker *ask_refresh(const char *id) {
        Asker *a = new_asker(id);
        int r;

        r = account_refresh(a->account, on_answer, a, &a->wait);
        return finish_asking(a, r);
}

void hang_up(Asker *asker) {
        asker->wait = wait_free(asker->wait);
}

unsigned asked(void) {
        return fake_http_count("/token");
}

unsigned waiting(void) {
        return fake_http_waiting();
}

void yandex_answers(int status, const char *body) {
        fake_http_answer(status, body);
        run();
}

static void print_tokens(char body[static BODY_MAX], const char *access, const char *refresh,
                         int64_t life) {
        char rest[BODY_MAX / 2] = "", times[64] = "";

        if (refresh)
                (void) snprintf(rest, sizeof(rest), ", \"refresh_token\": \"%s\"", refresh);
        if (life != -1)
                (void) snprintf(times, sizeof(times), ", \"expires_in\": %" PRIi64, life);
        (void) snprintf(body, BODY_MAX,
                        "{\"access_token\": \"%s\", \"token_type\": \"bearer\"%s%s}", access, rest,
                        times);
}

void yandex_gives(const char *access, const char *refresh, int64_t life) {
        char body[BODY_MAX];

        print_tokens(body, access, refresh, life);
        yandex_answers(200, body);
}

void the_answer_arrives(const char *access, const char *refresh, int64_t life) {
        char body[BODY_MAX];

        print_tokens(body, access, refresh, life);
        fake_http_arrive(body);
}

void yandex_refuses(int status, const char *error) {
        char body[BODY_MAX];

        (void) snprintf(body, sizeof(body), "{\"error\": \"%s\", \"error_description\": \"no\"}",
                        error);
        yandex_answers(status, body);
}

void yandex_cannot_be_reached(void) {
        fake_http_fail(CONDITION_OFFLINE, false);
        run();
}

void yandex_is_not_heard(void) {
        fake_http_fail(CONDITION_OFFLINE, true);
        run();
}
