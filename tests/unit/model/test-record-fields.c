/* SPDX-License-Identifier: MIT */

/* Every field of the keyring's documents, with everything in it that could be there. */

#include "model-rig.h"
#include "odd-values.h"

/* A field of a document, whose value is "@". */
typedef struct Field {
        const char *document;
        unsigned good; /* the values that may stand there; any other makes it no record of ours */
} Field;

#define FIELD_ACCOUNT(fields)                                                                      \
        "{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", \"grant\": " GRANT fields "}"
#define FIELD_GRANT(fields)                                                                        \
        "{\"version\": 1, \"id\": \"one\", \"client_id\": \"app\", \"grant\": {" fields "}}"

static const Field fields[] = {
        { FIELD_ACCOUNT(", \"имя\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"label\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"uid\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"login\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"scopes\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"scopes\": [@]"), ODD_ANY },
        { FIELD_ACCOUNT(", \"allowed\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"allowed\": [@]"), ODD_ANY },
        { FIELD_ACCOUNT(", \"created_at\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"default_since\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"last_refresh_at\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"needs_secret\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"verdict\": @"), ODD_ANY },
        { FIELD_ACCOUNT(", \"previous_grant\": @"), ODD(NULL) },
        { FIELD_ACCOUNT(", \"id\": @"), ODD_ASCII },
        { FIELD_ACCOUNT(", \"client_id\": @"), ODD_ASCII },
        { FIELD_ACCOUNT(", \"grant\": @"), 0 },
        { FIELD_ACCOUNT(", \"encoding\": @"), ODD(NULL) },
        { FIELD_ACCOUNT(", \"version\": @"), 0 },
        { FIELD_GRANT("\"refresh_token\": \"r\", \"access_token\": @"), ODD_ASCII | ODD(NULL) },
        { FIELD_GRANT("\"access_token\": \"a\", \"refresh_token\": @"),
          ODD_ANY &
                  ~(ODD(CYRILLIC) | ODD(EMOJI) | ODD(ESCAPED) | ODD(CONTROL) | ODD(NOT_ESCAPED)) },
        { FIELD_GRANT("\"access_token\": \"a\", \"obtained_at\": @"), ODD_ANY },
        { FIELD_GRANT("\"access_token\": \"a\", \"expires_at\": @"), ODD_ANY },
        { FIELD_GRANT("\"access_token\": \"a\", \"generation\": @"), ODD_ANY },
        { FIELD_GRANT("\"access_token\": \"a\", \"имя\": @"), ODD_ANY },
};

static void what_is_odd_costs_its_field_alone(void) {
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                        int r = fields[i].good & (1U << kind) ? 0 : CONDITION_KEYRING_FAILED;
                        _cleanup_(account_record_done) AccountRecord record = {};
                        const char *text = odd_document(fields[i].document, kind);

                        if (read_account(text, &record, NULL) != r)
                                fprintf(stderr, "%s\n", text);
                        account_record_done(&record);
                        check_int(read_account(text, &record, NULL), r);
                }
}

static void of_what_comes_twice_the_last_counts(void) {
        static const char *const others[] = { "\"other\"", "null", "7", "[]", "{}" };

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (unsigned j = 0; j < ELEMENTSOF(others) * _ODD_MAX; j++) {
                        _cleanup_(account_record_done) AccountRecord once = {}, twice = {};
                        const char *doubled = odd_twice(fields[i].document, others[j / _ODD_MAX]);
                        OddKind kind = j % _ODD_MAX;
                        int r = read_account(odd_document(fields[i].document, kind), &once, NULL);

                        check_int(read_account(odd_document(doubled, kind), &twice, NULL), r);
                        check_str(twice.id, once.id);
                        check_str(twice.label, once.label);
                        check_int(twice.created_at, once.created_at);
                        check_int(twice.verdict, once.verdict);
                        check(!once.current == !twice.current);
                        if (!once.current)
                                continue;
                        check_int(twice.current->times.expires_at, once.current->times.expires_at);
                        check_int(twice.current->generation, once.current->generation);
                        check_str(secret_string(twice.current->access_token),
                                  secret_string(once.current->access_token));
                        check_str(secret_string(twice.current->refresh_token),
                                  secret_string(once.current->refresh_token));
                }
}

static void a_time_is_a_number_however_it_is_written(void) {
        for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                int64_t expected = (1U << kind) & ODD_NUMBERS     ? ODD_NUMBER
                                   : (1U << kind) & ODD_TOO_LARGE ? INT64_C(1) << 53
                                                                  : 0;
                _cleanup_(account_record_done) AccountRecord record = {};
                const char *text = odd_document(
                        FIELD_GRANT("\"access_token\": \"a\", \"expires_at\": @"), kind);

                check_int(read_account(text, &record, NULL), 0);
                check_int(record.current->times.expires_at, expected);
        }
}

static void an_application_is_read_whatever_is_odd(void) {
        static const Field rows[] = {
                { "{\"version\": 1, \"client_id\": \"app\", \"имя\": @}", ODD_ANY },
                { "{\"version\": 1, \"client_id\": \"app\", \"kept\": @}", ODD_ANY },
                { "{\"version\": 1, \"client_id\": \"app\", \"client_secret\": @}", ODD_ANY },
                { "{\"version\": 1, \"client_id\": @}", ODD_ASCII },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                        int r = rows[i].good & (1U << kind) ? 0 : CONDITION_KEYRING_FAILED;
                        _cleanup_(application_record_done) ApplicationRecord record = {};
                        _cleanup_(secret_unrefp) Secret *s =
                                secret(odd_document(rows[i].document, kind));

                        check_int(application_record_parse(s, &record, NULL), r);
                }
}

static void of_a_client_secret_that_comes_twice_the_last_counts(void) {
        _cleanup_(application_record_done) ApplicationRecord record = {};
        _cleanup_(secret_unrefp) Secret *s =
                secret("{\"version\": 1, \"client_id\": \"no\", \"client_secret\": \"no\", "
                       "\"client_secret\": \"yes\", \"client_id\": \"app\"}");

        check_int(application_record_parse(s, &record, NULL), 0);
        check_str(record.client_id, "app");
        check_str(secret_string(record.client_secret), "yes");
}

TEST_MAIN(TEST(what_is_odd_costs_its_field_alone), TEST(of_what_comes_twice_the_last_counts),
          TEST(a_time_is_a_number_however_it_is_written),
          TEST(an_application_is_read_whatever_is_odd),
          TEST(of_a_client_secret_that_comes_twice_the_last_counts))
