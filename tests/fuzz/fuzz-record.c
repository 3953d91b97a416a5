/* SPDX-License-Identifier: MIT */

/*
 * What the keyring holds: the record of an account, and that of an application. What was read is
 * written and read again, and is still the same.
 */

#include "common/condition.h"
#include "common/utf8.h"
#include "fuzz.h"
#include "model/record.h"

#define TIME_LAST (INT64_C(1) << 53)

static void check_grant(const Grant *g) {
        check(g->access_token || g->refresh_token);
        check(!g->access_token || ascii_is_visible(secret_string(g->access_token), SIZE_MAX));
        check(!g->refresh_token || ascii_is_visible(secret_string(g->refresh_token), SIZE_MAX));
        check_within(g->times.obtained_at, 0, TIME_LAST);
        check_within(g->times.expires_at, 0, TIME_LAST);
        check(g->generation > 0);
}

static void check_account(const AccountRecord *r) {
        check(ascii_is_visible(r->id, 128));
        check(ascii_is_visible(r->client_id, 128));
        check(utf8_is_text(r->label, 256));
        check(!r->uid || utf8_is_text(r->uid, 256));
        check(!r->login || utf8_is_text(r->login, 256));
        for (char **s = r->scopes; s && *s; s++)
                check(utf8_is_text(*s, 256));
        for (char **s = r->allowed; s && *s; s++)
                check(app_name_is_valid(*s));
        check_within(r->created_at, 0, TIME_LAST);
        check_within(r->default_since, 0, TIME_LAST);
        check_within(r->last_refresh_at, 0, TIME_LAST);
        check_within(r->verdict, 0, _RECORD_VERDICT_MAX - 1);
        check_grant(r->current);
        if (r->previous)
                check_grant(r->previous);
        check(account_record_is_of(r, r->id, r->client_id));
}

/* Nothing in it may mean anything to a keyring. */
static void check_document(const Secret *document) {
        const char *text = secret_string(document);

        check_int(strlen(text), secret_length(document));
        check_int(strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_.:~/%\"{}[],"),
                  strlen(text));
        check(!strstr(text, "{REF:"));
}

static void check_account_again(const AccountRecord *record) {
        _cleanup_(account_record_done) AccountRecord again = {};
        _cleanup_(secret_unrefp) Secret *first = NULL, *second = NULL;
        bool newer;

        check_int(account_record_print(record, &first), 0);
        check_document(first);
        check_int(account_record_parse(first, &again, &newer), 0);
        check_str(again.id, record->id);
        check_str(again.login, record->login);
        check_str(again.label, record->label);
        check(strv_same_set(again.scopes, record->scopes));
        check(strv_same_set(again.allowed, record->allowed));
        check(secret_equal(again.current->access_token, record->current->access_token));
        check(secret_equal(again.current->refresh_token, record->current->refresh_token));
        check(!again.previous == !record->previous);
        check_int(account_record_print(&again, &second), 0);
        check(secret_equal(first, second));
}

static void check_application_again(const ApplicationRecord *record) {
        _cleanup_(application_record_done) ApplicationRecord again = {};
        _cleanup_(secret_unrefp) Secret *first = NULL, *second = NULL;

        check_int(application_record_print(record, &first), 0);
        check_document(first);
        check_int(application_record_parse(first, &again, NULL), 0);
        check_str(again.client_id, record->client_id);
        check(secret_equal(again.client_secret, record->client_secret));
        check(secret_equal(again.previous_secret, record->previous_secret));
        check_int(application_record_print(&again, &second), 0);
        check(secret_equal(first, second));
}

static void fuzz_account(const Secret *document) {
        AccountRecord record;
        bool newer = true;
        int r;

        fuzz_fill(&record, sizeof(record));
        r = account_record_parse(document, &record, &newer);
        if (r != 0) {
                check_int(r, CONDITION_KEYRING_FAILED);
                check(fuzz_is_untouched(&record, sizeof(record)));
                return;
        }
        check(!newer);
        check_account(&record);
        check_account_again(&record);
        account_record_done(&record);
}

static void fuzz_application(const Secret *document) {
        ApplicationRecord record;
        int r;

        fuzz_fill(&record, sizeof(record));
        r = application_record_parse(document, &record, NULL);
        if (r != 0) {
                check_int(r, CONDITION_KEYRING_FAILED);
                check(fuzz_is_untouched(&record, sizeof(record)));
                return;
        }
        check(ascii_is_visible(record.client_id, 128));
        check_application_again(&record);
        application_record_done(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(secret_unrefp) Secret *document = NULL;

        check_int(secret_new_from(data, size, &document), 0);
        fuzz_account(document);
        fuzz_application(document);
        return 0;
}
