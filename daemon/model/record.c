/* SPDX-License-Identifier: MIT */

#include "model/record.h"

#include "common/condition.h"
#include "common/utf8.h"
#include "model/json.h"

#define WORD_MAX 128
#define TEXT_MAX 256

/* The strings of a document are encoded so that nothing in them means anything to a keyring:
 * gnome-keyring's plain-text file does not escape a backslash, and KeePassXC interprets "{REF:". */
#define ENCODING "percent"

/* UTC seconds, some 280 million years ahead: no sum of such times overflows, whatever the item
 * contains. */
#define TIME_MAX (INT64_C(1) << 53)

static const char *const verdict_names[_RECORD_VERDICT_MAX] = {
        [RECORD_ACCEPTED] = "accepted",
        [RECORD_REFUSED] = "refused",
        [RECORD_APP_REFUSED] = "app-refused",
        [RECORD_APP_NOT_ALLOWED] = "app-not-allowed",
};

static RecordVerdict verdict_from_string(const char *s) {
        for (int i = 0; i < _RECORD_VERDICT_MAX; i++)
                if (streq(verdict_names[i], s))
                        return (RecordVerdict) i;
        return RECORD_ACCEPTED;
}

bool app_name_is_valid(const char *app) {
        size_t length = app ? strspn(app, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789-_.:@\\")
                            : 0;

        return length > 0 && length <= APP_NAME_MAX && !app[length] && *app != '-';
}

void account_record_done(AccountRecord *record) {
        free(record->id);
        free(record->client_id);
        free(record->uid);
        free(record->login);
        free(record->label);
        strv_free(record->scopes);
        strv_free(record->allowed);
        grant_unref(record->current);
        grant_unref(record->previous);
        *record = (AccountRecord){};
}

void application_record_done(ApplicationRecord *record) {
        free(record->client_id);
        secret_unref(record->client_secret);
        secret_unref(record->previous_secret);
        *record = (ApplicationRecord){};
}

/* Documents of the first releases name no encoding, since they have none. */
static int record_decode(Json *j, bool *ret_newer) {
        int r;

        if (!json_has(j, "encoding"))
                return 0;

        *ret_newer = !streq(json_get_string(j, "encoding"), ENCODING);
        r = *ret_newer ? CONDITION_KEYRING_FAILED : json_decode_strings(j);
        return r == -EBADMSG ? CONDITION_KEYRING_FAILED : r;
}

/* Parses the document, checks its version and decodes its strings. */
static int record_open(const Secret *document, Json **ret, bool *ret_newer) {
        _cleanup_(json_freep) Json *j = NULL;
        bool newer = false;
        int64_t version;
        int r;

        ret_newer = ret_newer ?: &newer;
        *ret_newer = false;

        r = json_parse(document, &j);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !utf8_is_valid(secret_string(document)))
                return CONDITION_KEYRING_FAILED;

        version = json_get_int(j, "version", 0);
        *ret_newer = version > RECORD_VERSION;
        if (version != RECORD_VERSION)
                return CONDITION_KEYRING_FAILED;

        r = record_decode(j, ret_newer);
        if (r != 0)
                return r;

        *ret = TAKE_PTR(j);
        return 0;
}

/* A word that is required: our own id, or the client id. */
static int record_read_word(const Json *j, const char *key, char **ret) {
        const char *s = json_get_string(j, key);

        return ascii_is_visible(s, WORD_MAX) ? str_replace(ret, s) : CONDITION_KEYRING_FAILED;
}

/* A text for people. One that cannot be shown reads as absent: it is no reason to give up the
 * grant. */
static int record_read_text(const Json *j, const char *key, char **ret) {
        const char *s = json_get_string(j, key);

        return utf8_is_text(s, TEXT_MAX) ? str_replace(ret, s) : 0;
}

static int record_read_scopes(const Json *j, char ***ret) {
        _cleanup_(strv_freep) char **scopes = NULL;
        int r;

        r = json_get_strv(j, "scopes", &scopes);
        if (r < 0)
                return r;

        for (char **s = scopes; s && *s; s++)
                if (!utf8_is_text(*s, TEXT_MAX))
                        return 0;

        *ret = TAKE_PTR(scopes);
        return 0;
}

/* A name that cannot be an app's allows nothing. */
static int record_read_allowed(const Json *j, char ***ret) {
        _cleanup_(strv_freep) char **apps = NULL, **allowed = NULL;
        size_t n = 0;
        int r;

        r = json_get_strv(j, "allowed", &apps);
        for (char **app = apps; r == 0 && app && *app && n < ALLOWED_APPS_MAX; app++)
                if (app_name_is_valid(*app) && !strv_contains(allowed, *app)) {
                        r = strv_extend(&allowed, *app);
                        n++;
                }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(allowed);
        return 0;
}

/* Tokens are checked as they are when they come from Yandex, since they go into header lines. */
static int record_read_token(const Json *j, const char *key, Secret **ret) {
        const char *s = json_get_string(j, key);

        if (str_is_empty(s))
                return 0;
        return ascii_is_visible(s, SIZE_MAX) ? secret_new_from(s, strlen(s), ret)
                                             : CONDITION_KEYRING_FAILED;
}

/* One that is absent or empty is NULL. */
static int record_read_secret(const Json *j, const char *key, Secret **ret) {
        int r = json_get_secret(j, key, ret);

        return r == -ENODATA ? 0 : r;
}

static int64_t record_read_time(const Json *j, const char *key) {
        return MIN_OF(MAX_OF(json_get_int(j, key, 0), 0), TIME_MAX);
}

/* At least 1: 0 is the generation of an account whose grant is not known. */
static uint32_t record_read_generation(const Json *j) {
        return (uint32_t) MIN_OF(MAX_OF(json_get_int(j, "generation", 1), 1), UINT32_MAX);
}

static int record_read_grant(const Json *j, Grant **ret) {
        _cleanup_(secret_unrefp) Secret *access_token = NULL, *refresh_token = NULL;
        GrantTimes times = {
                .obtained_at = record_read_time(j, "obtained_at"),
                .expires_at = record_read_time(j, "expires_at"), /* 0 is GRANT_END_UNKNOWN */
        };
        int r;

        r = record_read_token(j, "access_token", &access_token);
        if (r == 0)
                r = record_read_token(j, "refresh_token", &refresh_token);
        if (r != 0)
                return r;

        /* An access token that is there but cannot be used must not pass for absent. */
        if (!access_token && (!refresh_token || json_has(j, "access_token")))
                return CONDITION_KEYRING_FAILED;

        return grant_new(access_token, refresh_token, times, record_read_generation(j), ret);
}

static int account_record_read(const Json *j, AccountRecord *record) {
        int r;

        r = record_read_word(j, "id", &record->id) ?:
            record_read_word(j, "client_id", &record->client_id) ?:
            record_read_text(j, "label", &record->label) ?:
            record_read_text(j, "uid", &record->uid) ?:
            record_read_text(j, "login", &record->login) ?:
            record_read_scopes(j, &record->scopes) ?:
            record_read_allowed(j, &record->allowed) ?:
            record_read_grant(json_get_object(j, "grant"), &record->current);
        if (r == 0 && !record->label)
                r = str_replace(&record->label, record->id);
        if (r == 0 && json_has(j, "previous_grant"))
                r = record_read_grant(json_get_object(j, "previous_grant"), &record->previous);
        if (r != 0)
                return r;

        record->created_at = record_read_time(j, "created_at");
        record->default_since = record_read_time(j, "default_since");
        record->last_refresh_at = record_read_time(j, "last_refresh_at");
        record->needs_secret = json_get_bool(j, "needs_secret", false);
        record->verdict = verdict_from_string(json_get_string(j, "verdict"));
        return 0;
}

int account_record_parse(const Secret *document, AccountRecord *ret, bool *ret_newer) {
        _cleanup_(account_record_done) AccountRecord record = {};
        _cleanup_(json_freep) Json *j = NULL;
        int r;

        r = record_open(document, &j, ret_newer) ?: account_record_read(j, &record);
        if (r != 0)
                return r;

        *ret = record;
        record = (AccountRecord){};
        return 0;
}

int application_record_parse(const Secret *document, ApplicationRecord *ret, bool *ret_newer) {
        _cleanup_(application_record_done) ApplicationRecord record = {};
        _cleanup_(json_freep) Json *j = NULL;
        int r;

        r = record_open(document, &j, ret_newer);
        if (r == 0)
                r = record_read_word(j, "client_id", &record.client_id);
        if (r == 0)
                r = record_read_secret(j, "client_secret", &record.client_secret);
        if (r == 0)
                r = record_read_secret(j, "previous_secret", &record.previous_secret);
        if (r != 0)
                return r;

        record.kept = json_get_bool(j, "kept", false);
        *ret = record;
        record = (ApplicationRecord){};
        return 0;
}

bool account_record_is_of(const AccountRecord *record, const char *id, const char *client_id) {
        return streq(record->id, id) && streq(record->client_id, client_id);
}

static int record_new(Json **ret) {
        _cleanup_(json_freep) Json *j = NULL;
        int r;

        r = json_new(&j) ?:
            json_set_int(j, "version", RECORD_VERSION) ?:
            json_set_string(j, "encoding", ENCODING);
        if (r == 0)
                *ret = TAKE_PTR(j);
        return r;
}

static int record_print_grant(Json *parent, const char *key, const Grant *grant) {
        GrantTimes times = grant->times;
        _cleanup_(json_freep) Json *j = NULL;

        return json_new(&j) ?:
               json_set_secret(j, "access_token", grant->access_token) ?:
               json_set_secret(j, "refresh_token", grant->refresh_token) ?:
               json_set_int(j, "obtained_at", times.obtained_at) ?:
               json_set_int(j, "expires_at", times.expires_at) ?:
               json_set_int(j, "generation", grant->generation) ?:
               json_set_object(parent, key, TAKE_PTR(j));
}

int account_record_print(const AccountRecord *record, Secret **ret) {
        _cleanup_(json_freep) Json *j = NULL;

        return record_new(&j) ?:
               json_set_string(j, "id", record->id) ?:
               json_set_string(j, "client_id", record->client_id) ?:
               json_set_string(j, "uid", record->uid) ?:
               json_set_string(j, "login", record->login) ?:
               json_set_string(j, "label", record->label) ?:
               json_set_strv(j, "scopes", record->scopes) ?:
               json_set_strv(j, "allowed", record->allowed) ?:
               json_set_int(j, "created_at", record->created_at) ?:
               json_set_int(j, "default_since", record->default_since) ?:
               json_set_int(j, "last_refresh_at", record->last_refresh_at) ?:
               (record->needs_secret ? json_set_bool(j, "needs_secret", true) : 0) ?:
               json_set_string(j, "verdict", verdict_names[record->verdict]) ?:
               record_print_grant(j, "grant", record->current) ?:
               (record->previous ? record_print_grant(j, "previous_grant", record->previous) : 0) ?:
               json_encode_strings(j) ?:
               json_print(j, ret);
}

int application_record_print(const ApplicationRecord *record, Secret **ret) {
        _cleanup_(json_freep) Json *j = NULL;

        return record_new(&j) ?:
               json_set_string(j, "client_id", record->client_id) ?:
               json_set_secret(j, "client_secret", record->client_secret) ?:
               json_set_secret(j, "previous_secret", record->previous_secret) ?:
               json_set_bool(j, "kept", record->kept) ?:
               json_encode_strings(j) ?:
               json_print(j, ret);
}
