/* SPDX-License-Identifier: MIT */
#pragma once

/* What people paste where a ClientID or a client secret is wanted. */

#define CLIENT_ID_MAX_BYTES 128

typedef enum Mistake {
        MISTAKE_NONE,
        MISTAKE_EMPTY,
        MISTAKE_TOO_LONG,
        MISTAKE_QUOTED,
        MISTAKE_HEADER,
        MISTAKE_ADDRESS,
        MISTAKE_LABELLED,
        MISTAKE_REFRESH_TOKEN,
        MISTAKE_ACCESS_TOKEN,
        MISTAKE_MAIL_ADDRESS,
        MISTAKE_STRAY,
        MISTAKE_NAME,
        MISTAKE_LOOK_ALIKE,
        MISTAKE_CONFIRMATION_CODE,
        MISTAKE_USER_CODE,
        MISTAKE_SAME,
        _MISTAKE_MAX,
} Mistake;

/*
 * Which mistake the text is, which has no white space around it. Only what is recognisably something
 * else is one: ClientIDs and secrets are 32 hexadecimal digits wherever they were seen, but Yandex
 * promises nothing, so what is merely unusual is left for Yandex to judge. Shapes of tokens and codes:
 * Yandex ID docs and recorded traffic.
 */
Mistake mistake_find(const char *text);

/* The same for a ClientID, of which the daemon takes CLIENT_ID_MAX_BYTES at most. */
Mistake mistake_find_in_client_id(const char *client_id);

/* The same for a client secret, which is not its ClientID once more. */
Mistake mistake_find_in_secret(const char *client_secret, const char *client_id);

/* One sentence, still to be translated: what it is, and what is wanted instead. Static; not for
 * MISTAKE_NONE. */
const char *mistake_sentence(Mistake m);
