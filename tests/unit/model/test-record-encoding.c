/* SPDX-License-Identifier: MIT */

/* How the keyring's documents are written, so that nothing in them means anything to a keyring. */

#include "model-rig.h"

/* Nothing but the punctuation of JSON, and between quotes nothing but letters, digits and a few
 * marks. */
static void check_plain(const Secret *document, unsigned n_objects) {
        const char *text = secret_string(document);
        bool quoted = false;
        unsigned n = 0;

        check_int(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "-_.:~/%\"{}[],"),
                  secret_length(document));
        for (; *text; text++) {
                if (*text == '"')
                        quoted = !quoted;
                check(!quoted || !strchr("{}[],", *text));
                n += *text == '{';
        }
        check_int(n, n_objects);
        check(!strstr(secret_string(document), "{REF"));
}

/* Whatever people write into a label, and servers into a token, no keyring finds anything of its
 * own in it. */
static void nothing_in_a_document_is_special(void) {
        static const char *const texts[] = {
                "{REF:P@T:x}",
                "{REF:P@I:0123}{USERNAME}{S:x}",
                "C:\\disk \\n \\",
                "\"quoted\" 'too' `x`",
                "Дом ☕ 👨‍👩‍👧",
                "U+2028 \xe2\x80\xa8 and U+2029 \xe2\x80\xa9",
                "[section] key=value; # ; %s %41 %",
                "a\u00a0b$(x)<&>",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                _cleanup_(secret_unrefp) Secret *token = secret("a{REF:P@T:x}\\n\"%"), *text = NULL;
                _cleanup_(account_record_done) AccountRecord back = {};
                char *allowed[] = { (char *) "a\\x2d:b@c.service", NULL };
                char *scopes[] = { (char *) texts[i], (char *) "disk:read", NULL };
                AccountRecord record = {
                        .id = (char *) "{REF:P@T:x}\\",
                        .client_id = (char *) "{REF:P@T:x}\\",
                        .uid = (char *) texts[i],
                        .login = (char *) texts[i],
                        .label = (char *) texts[i],
                        .scopes = scopes,
                        .allowed = allowed,
                };

                check_int(grant_new(token, token, grant_times(100, 60), 1, &record.current), 0);
                record.previous = grant_ref(record.current);
                check_int(account_record_print(&record, &text), 0);
                check_plain(text, 3); /* the account and its grants */

                check_int(account_record_parse(text, &back, NULL), 0);
                check_str(back.id, "{REF:P@T:x}\\");
                check_str(back.client_id, "{REF:P@T:x}\\");
                check_str(back.uid, texts[i]);
                check_str(back.login, texts[i]);
                check_str(back.label, texts[i]);
                check_int(strv_length(back.scopes), 2);
                check_str(back.scopes[0], texts[i]);
                check_int(strv_length(back.allowed), 1);
                check_str(back.allowed[0], allowed[0]);
                check(secret_equal(back.current->access_token, token));
                check(secret_equal(back.previous->refresh_token, token));
                grant_unref(record.current);
                grant_unref(record.previous);
        }
}

static void an_applications_document_is_plain_too(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("\xff\\{REF:P@T:x}\n\"Д"), *text = NULL;
        _cleanup_(application_record_done) ApplicationRecord back = {};
        ApplicationRecord record = { (char *) "{S:x}", s, false };

        check_int(application_record_print(&record, &text), 0);
        check_plain(text, 1);
        check_int(application_record_parse(text, &back, NULL), 0);
        check_str(back.client_id, "{S:x}");
        check(secret_equal(back.client_secret, s));
}

/* A daemon that knows of no encoding can be gone back to. */
static void usual_tokens_are_written_as_they_are(void) {
        _cleanup_(secret_unrefp) Secret *access = secret("y0__xDLm-_AgAAAABk.~/z"), *text = NULL;
        _cleanup_(secret_unrefp) Secret *refresh = secret("1:AbCd_EfGh-Ij:KlMn:oPqR");
        AccountRecord record = {
                .id = (char *) "0123456789abcdef",
                .client_id = (char *) "4760187d81bc",
                .uid = (char *) "100",
                .login = (char *) "ivan.petrov-7",
                .label = (char *) "Work",
        };

        check_int(grant_new(access, refresh, grant_times(100, 60), 1, &record.current), 0);
        check_int(account_record_print(&record, &text), 0);
        check_str(secret_string(text),
                  "{\"version\":1,\"encoding\":\"percent\",\"id\":\"0123456789abcdef\","
                  "\"client_id\":\"4760187d81bc\",\"uid\":\"100\",\"login\":\"ivan.petrov-7\","
                  "\"label\":\"Work\",\"created_at\":0,\"default_since\":0,\"last_refresh_at\":0,"
                  "\"verdict\":\"accepted\",\"grant\":{\"access_token\":"
                  "\"y0__xDLm-_AgAAAABk.~/z\",\"refresh_token\":\"1:AbCd_EfGh-Ij:KlMn:oPqR\","
                  "\"obtained_at\":100,\"expires_at\":160,\"generation\":1}}");
        grant_unref(record.current);
}

/* As it was written before there was an encoding. */
static void documents_without_an_encoding_are_read_as_they_are(void) {
        _cleanup_(account_record_done) AccountRecord record = {};
        bool newer = true;

        check_int(
                read_account("{\"version\":1,\"id\":\"one\",\"client_id\":\"app\","
                             "\"login\":\"50%25\",\"label\":\"Мой %41 \\u0434\\u0438\\u0441\\u043a "
                             "\\/\",\"scopes\":[\"a%20b\"],\"grant\":{\"access_token\":\"%61\"}}",
                             &record, &newer),
                0);
        check(!newer);
        check_str(record.label, "Мой %41 диск /");
        check_str(record.login, "50%25");
        check_str(record.scopes[0], "a%20b");
        check_str(secret_string(record.current->access_token), "%61");
}

static void an_encoding_that_is_damaged_or_unknown(void) {
        static const char *const damaged[] = { "%", "%4", "%zz", "a%" };
        AccountRecord record = {};
        bool newer = false;
        char text[256];

        for (size_t i = 0; i < ELEMENTSOF(damaged); i++) {
                (void) snprintf(text, sizeof(text), ENCODED(", \"login\": \"%s\""), damaged[i]);
                check_account_refused(text);
        }
        check_account_refused(ENCODED(", \"grant\": {\"access_token\": \"a%0D%0AX:\"}"));
        check_account_refused(ENCODED(", \"grant\": {\"access_token\": \"a%00\"}"));
        check_account_refused(ENCODED(", \"id\": \"a%20b\""));

        /* It may be anything that we have not thought of yet. */
        check_int(read_account("{\"version\": 1, \"encoding\": \"rot13\"}", &record, &newer),
                  CONDITION_KEYRING_FAILED);
        check(newer);
        newer = false;
        check_int(read_account("{\"version\": 1, \"encoding\": 7}", &record, &newer),
                  CONDITION_KEYRING_FAILED);
        check(newer);
}

TEST_MAIN(TEST(nothing_in_a_document_is_special), TEST(an_applications_document_is_plain_too),
          TEST(usual_tokens_are_written_as_they_are),
          TEST(documents_without_an_encoding_are_read_as_they_are),
          TEST(an_encoding_that_is_damaged_or_unknown))
