/* SPDX-License-Identifier: MIT */

/* What is pasted where a ClientID or a client secret is wanted. */

#include "yadiskctl/setup/mistake.h"

#include "check.h"
#include "common/util.h"
#include "yadiskctl/terminal/secret.h"

#define ID     "0123456789abcdef0123456789abcdef"
#define SECRET "fedcba9876543210fedcba9876543210"

/* Shaped like those of Yandex, and worth nothing. */
#define ACCESS_TOKEN "y0_AgAAAAAAAAAA-BBBBBBBBBBBB_CCCCCCCCCCCCCCCCCCCCDDDDDDDDDDDDDD"

typedef struct Row {
        const char *text;
        Mistake mistake;
} Row;

static const Row rows[] = {
        /* As Yandex makes them, and as it might. */
        { ID, MISTAKE_NONE },
        { "0123456789ABCDEF0123456789ABCDEF", MISTAKE_NONE },
        { "demo", MISTAKE_NONE },
        { "1", MISTAKE_NONE },
        { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", MISTAKE_NONE },
        { "12345678-1234-1234-1234-123456789abc", MISTAKE_NONE },
        { "AQAA4567", MISTAKE_NONE },
        { "client-7", MISTAKE_NONE },
        { "identity", MISTAKE_USER_CODE },
        { "a:b:c:d", MISTAKE_NONE },
        { "1:b", MISTAKE_NONE },
        { "y0", MISTAKE_NONE },

        { "", MISTAKE_EMPTY },

        { ACCESS_TOKEN, MISTAKE_ACCESS_TOKEN },
        { "y0_x", MISTAKE_ACCESS_TOKEN },
        { "y1_AgAAAABx", MISTAKE_ACCESS_TOKEN },
        { "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", MISTAKE_ACCESS_TOKEN },
        { "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", MISTAKE_ACCESS_TOKEN },
        { "1:aaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbbbb-_bbbb:cccccccccccccccccccccc",
          MISTAKE_REFRESH_TOKEN },
        { "2:a:b:c:d:e", MISTAKE_REFRESH_TOKEN },

        { "Authorization: OAuth " ACCESS_TOKEN, MISTAKE_HEADER },
        { "authorization:OAuth x", MISTAKE_HEADER },
        { "OAuth " ACCESS_TOKEN, MISTAKE_HEADER },
        { "Bearer " ACCESS_TOKEN, MISTAKE_HEADER },

        { "1234567", MISTAKE_CONFIRMATION_CODE },
        { "abcdefgh23456789", MISTAKE_CONFIRMATION_CODE },
        { "AbCdEfGh23456789", MISTAKE_CONFIRMATION_CODE },
        { "123456", MISTAKE_NONE },
        { "12345678", MISTAKE_USER_CODE },
        { "jnjxzc9r", MISTAKE_USER_CODE },
        { "Jnjxzc9r", MISTAKE_NONE },

        { "https://oauth.yandex.ru/verification_code", MISTAKE_ADDRESS },
        { "https://oauth.yandex.ru/verification_code?code=1234567&cid=x", MISTAKE_ADDRESS },
        { "https://oauth.yandex.ru/client/" ID, MISTAKE_ADDRESS },
        { "http://localhost:8080/", MISTAKE_ADDRESS },
        { "oauth.yandex.ru/client/" ID, MISTAKE_ADDRESS },
        { "ya.ru/device", MISTAKE_ADDRESS },
        { "www.yandex.ru", MISTAKE_ADDRESS },

        { "ivan@yandex.ru", MISTAKE_MAIL_ADDRESS },
        { "ivan@", MISTAKE_MAIL_ADDRESS },
        { "почта@яндекс.рф", MISTAKE_MAIL_ADDRESS },

        { "\"" ID "\"", MISTAKE_QUOTED },
        { "'" ID "'", MISTAKE_QUOTED },
        { "`" ID "`", MISTAKE_QUOTED },
        { "«" ID "»", MISTAKE_QUOTED },
        { "“" ID "”", MISTAKE_QUOTED },
        { "<" ID ">", MISTAKE_QUOTED },

        { "ClientID: " ID, MISTAKE_LABELLED },
        { "clientid " ID, MISTAKE_LABELLED },
        { "Client ID\t" ID, MISTAKE_LABELLED },
        { "Client secret: " SECRET, MISTAKE_LABELLED },
        { "client_secret=" SECRET, MISTAKE_LABELLED },
        { "ID:" ID, MISTAKE_LABELLED },

        { "Tokens of my computer", MISTAKE_NAME },
        { "Secret project", MISTAKE_NAME },
        { "Мой компьютер", MISTAKE_NAME },
        { "Компьютер", MISTAKE_NAME },
        { "Компьютер2", MISTAKE_NAME },
        { "сор", MISTAKE_NAME },
        { ID " " SECRET, MISTAKE_NAME },

        { "0123456789аbcdef0123456789abcdef", MISTAKE_LOOK_ALIKE }, /* its first a */
        { "0123456789abсdеf0123456789abcdef", MISTAKE_LOOK_ALIKE },
        { "0123456789АBCDEF0123456789ABCDEF", MISTAKE_LOOK_ALIKE },

        { "abc\033[A", MISTAKE_STRAY },
        { "abc\001", MISTAKE_STRAY },
        { "abc\177", MISTAKE_STRAY },
        { "abc\xff", MISTAKE_STRAY },
        { "abc\xe2\x80\x8b"
          "def",
          MISTAKE_STRAY },
        { "café", MISTAKE_STRAY },
        { "…" ID, MISTAKE_STRAY },
};

static void each_is_known_for_what_it_is(void) {
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Mistake m = mistake_find(rows[i].text);

                if (m != rows[i].mistake)
                        dprintf(STDERR_FILENO, "%s: ", rows[i].text);
                CHECK_INT(m, rows[i].mistake);
        }
}

static void what_is_longer_than_a_secret_is_too_long(void) {
        char text[SECRET_MAX_BYTES + 2] = {};

        memset(text, 'a', SECRET_MAX_BYTES);
        CHECK_INT(mistake_find(text), MISTAKE_NONE);
        text[SECRET_MAX_BYTES] = 'a';
        CHECK_INT(mistake_find(text), MISTAKE_TOO_LONG);
}

static void a_client_id_is_shorter(void) {
        char text[CLIENT_ID_MAX_BYTES + 2] = {};

        memset(text, 'a', CLIENT_ID_MAX_BYTES);
        CHECK_INT(mistake_find_in_client_id(text), MISTAKE_NONE);
        text[CLIENT_ID_MAX_BYTES] = 'a';
        CHECK_INT(mistake_find_in_client_id(text), MISTAKE_TOO_LONG);
        CHECK_INT(mistake_find_in_client_id("jnjxzc9r"), MISTAKE_USER_CODE);
}

static void a_secret_is_not_its_client_id(void) {
        CHECK_INT(mistake_find_in_secret(SECRET, ID), MISTAKE_NONE);
        CHECK_INT(mistake_find_in_secret(ID, ID), MISTAKE_SAME);
        CHECK_INT(mistake_find_in_secret("jnjxzc9r", "jnjxzc9r"), MISTAKE_USER_CODE);
        CHECK_INT(mistake_find_in_secret("", ""), MISTAKE_EMPTY);
}

static void each_has_a_sentence_of_its_own(void) {
        for (Mistake m = MISTAKE_NONE + 1; m < _MISTAKE_MAX; m++) {
                const char *sentence = mistake_sentence(m);

                CHECK(sentence && sentence[strlen(sentence) - 1] == '.');
                for (Mistake other = MISTAKE_NONE + 1; other < m; other++)
                        CHECK(strcmp(sentence, mistake_sentence(other)) != 0);
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
