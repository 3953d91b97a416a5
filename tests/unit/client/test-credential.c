/* SPDX-License-Identifier: MIT */

/* What people paste instead of a ClientID or a client secret. */

#include "yadiskctl/setup/credential.h"

#include "check.h"
#include "common/util.h"
#include "yadiskctl/terminal/terminal.h"

#define ID     "0123456789abcdef0123456789abcdef"
#define SECRET "fedcba9876543210fedcba9876543210"

/* Shaped like those of Yandex, and worth nothing. */
#define ACCESS_TOKEN "y0_AgAAAAAAAAAA-BBBBBBBBBBBB_CCCCCCCCCCCCCCCCCCCCDDDDDDDDDDDDDD"

typedef struct Row {
        const char *text;
        CredentialFault fault;
} Row;

static const Row rows[] = {
        /* As Yandex makes them, and as it might. */
        { ID, FAULT_NONE },
        { "0123456789ABCDEF0123456789ABCDEF", FAULT_NONE },
        { "demo", FAULT_NONE },
        { "1", FAULT_NONE },
        { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", FAULT_NONE },
        { "12345678-1234-1234-1234-123456789abc", FAULT_NONE },
        { "AQAA4567", FAULT_NONE },
        { "client-7", FAULT_NONE },
        { "identity", FAULT_USER_CODE },
        { "a:b:c:d", FAULT_NONE },
        { "1:b", FAULT_NONE },
        { "y0", FAULT_NONE },

        { "", FAULT_EMPTY },

        { ACCESS_TOKEN, FAULT_ACCESS_TOKEN },
        { "y0_x", FAULT_ACCESS_TOKEN },
        { "y1_AgAAAABx", FAULT_ACCESS_TOKEN },
        { "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", FAULT_ACCESS_TOKEN },
        { "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", FAULT_ACCESS_TOKEN },
        { "1:aaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbbbb-_bbbb:cccccccccccccccccccccc",
          FAULT_REFRESH_TOKEN },
        { "2:a:b:c:d:e", FAULT_REFRESH_TOKEN },

        { "Authorization: OAuth " ACCESS_TOKEN, FAULT_HEADER },
        { "authorization:OAuth x", FAULT_HEADER },
        { "OAuth " ACCESS_TOKEN, FAULT_HEADER },
        { "Bearer " ACCESS_TOKEN, FAULT_HEADER },

        { "1234567", FAULT_CONFIRMATION_CODE },
        { "abcdefgh23456789", FAULT_CONFIRMATION_CODE },
        { "AbCdEfGh23456789", FAULT_CONFIRMATION_CODE },
        { "123456", FAULT_NONE },
        { "12345678", FAULT_USER_CODE },
        { "jnjxzc9r", FAULT_USER_CODE },
        { "Jnjxzc9r", FAULT_NONE },

        { "https://oauth.yandex.ru/verification_code", FAULT_ADDRESS },
        { "https://oauth.yandex.ru/verification_code?code=1234567&cid=x", FAULT_ADDRESS },
        { "https://oauth.yandex.ru/client/" ID, FAULT_ADDRESS },
        { "http://localhost:8080/", FAULT_ADDRESS },
        { "oauth.yandex.ru/client/" ID, FAULT_ADDRESS },
        { "ya.ru/device", FAULT_ADDRESS },
        { "www.yandex.ru", FAULT_ADDRESS },

        { "ivan@yandex.ru", FAULT_MAIL_ADDRESS },
        { "ivan@", FAULT_MAIL_ADDRESS },
        { "почта@яндекс.рф", FAULT_MAIL_ADDRESS },

        { "\"" ID "\"", FAULT_QUOTED },
        { "'" ID "'", FAULT_QUOTED },
        { "`" ID "`", FAULT_QUOTED },
        { "«" ID "»", FAULT_QUOTED },
        { "“" ID "”", FAULT_QUOTED },
        { "<" ID ">", FAULT_QUOTED },

        { "ClientID: " ID, FAULT_LABELLED },
        { "clientid " ID, FAULT_LABELLED },
        { "Client ID\t" ID, FAULT_LABELLED },
        { "Client secret: " SECRET, FAULT_LABELLED },
        { "client_secret=" SECRET, FAULT_LABELLED },
        { "ID:" ID, FAULT_LABELLED },

        { "Tokens of my computer", FAULT_NAME },
        { "Secret project", FAULT_NAME },
        { "Мой компьютер", FAULT_NAME },
        { "Компьютер", FAULT_NAME },
        { "Компьютер2", FAULT_NAME },
        { "сор", FAULT_NAME },
        { ID " " SECRET, FAULT_NAME },

        { "0123456789аbcdef0123456789abcdef", FAULT_LOOK_ALIKE }, /* its first a */
        { "0123456789abсdеf0123456789abcdef", FAULT_LOOK_ALIKE },
        { "0123456789АBCDEF0123456789ABCDEF", FAULT_LOOK_ALIKE },

        { "abc\033[A", FAULT_STRAY },
        { "abc\001", FAULT_STRAY },
        { "abc\177", FAULT_STRAY },
        { "abc\xff", FAULT_STRAY },
        { "abc\xe2\x80\x8b"
          "def",
          FAULT_STRAY },
        { "café", FAULT_STRAY },
        { "…" ID, FAULT_STRAY },
};

static void each_is_known_for_what_it_is(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                CredentialFault m = credential_find_fault(rows[i].text);

                if (m != rows[i].fault)
                        dprintf(STDERR_FILENO, "%s: ", rows[i].text);
                CHECK_INT(m, rows[i].fault);
        }
}

static void what_is_longer_than_a_secret_is_too_long(void) {
        char text[SECRET_MAX_BYTES + 2] = {};

        memset(text, 'a', SECRET_MAX_BYTES);
        CHECK_INT(credential_find_fault(text), FAULT_NONE);
        text[SECRET_MAX_BYTES] = 'a';
        CHECK_INT(credential_find_fault(text), FAULT_TOO_LONG);
}

static void a_client_id_is_shorter(void) {
        char text[CLIENT_ID_MAX_BYTES + 2] = {};

        memset(text, 'a', CLIENT_ID_MAX_BYTES);
        CHECK_INT(credential_find_client_id_fault(text), FAULT_NONE);
        text[CLIENT_ID_MAX_BYTES] = 'a';
        CHECK_INT(credential_find_client_id_fault(text), FAULT_TOO_LONG);
        CHECK_INT(credential_find_client_id_fault("jnjxzc9r"), FAULT_USER_CODE);
}

static void a_secret_is_not_its_client_id(void) {
        CHECK_INT(credential_find_secret_fault(SECRET, ID), FAULT_NONE);
        CHECK_INT(credential_find_secret_fault(ID, ID), FAULT_SAME);
        CHECK_INT(credential_find_secret_fault("jnjxzc9r", "jnjxzc9r"), FAULT_USER_CODE);
        CHECK_INT(credential_find_secret_fault("", ""), FAULT_EMPTY);
}

static void each_has_a_sentence_of_its_own(void) {
        for (CredentialFault m = FAULT_NONE + 1; m < _FAULT_MAX; m++) {
                const char *sentence = credential_fault_sentence(m);

                CHECK(sentence && sentence[strlen(sentence) - 1] == '.');
                for (CredentialFault other = FAULT_NONE + 1; other < m; other++)
                        CHECK(strcmp(sentence, credential_fault_sentence(other)) != 0);
        }
}

int main(void) {
        each_is_known_for_what_it_is();
        what_is_longer_than_a_secret_is_too_long();
        a_client_id_is_shorter();
        a_secret_is_not_its_client_id();
        each_has_a_sentence_of_its_own();
        return EXIT_SUCCESS;
}
