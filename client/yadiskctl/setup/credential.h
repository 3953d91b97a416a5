/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A ClientID and a client secret on their way in: from the user at the terminal, who may err a few
 * times, or from the command line and a file. What is recognisably something else is never taken.
 *
 * ClientIDs and secrets are 32 hexadecimal digits wherever they were seen, but Yandex promises
 * nothing, so what is merely unusual is left for Yandex to judge. The shapes of tokens and codes
 * come from the Yandex ID docs and from recorded traffic.
 *
 * Before a secret comes in, our memory is hidden; so the daemon has to have answered before.
 */

#include "yadiskctl/terminal/output.h"

/* The daemon takes no longer ClientID. */
#define CLIENT_ID_MAX_BYTES 128

/* What people paste instead of a ClientID or a client secret. The first that fits counts. */
typedef enum CredentialFault {
        FAULT_NONE,
        FAULT_EMPTY,
        FAULT_TOO_LONG,
        FAULT_QUOTED,
        FAULT_HEADER,
        FAULT_ADDRESS,
        FAULT_LABELLED,
        FAULT_REFRESH_TOKEN,
        FAULT_ACCESS_TOKEN,
        FAULT_MAIL_ADDRESS,
        FAULT_NAME,
        FAULT_LOOK_ALIKE,
        FAULT_STRAY,
        FAULT_CONFIRMATION_CODE,
        FAULT_USER_CODE,
        FAULT_SAME,
        _FAULT_MAX,
} CredentialFault;

/* What is wrong with a text, which has no white space around it; with a ClientID; and with a client
 * secret, which must not be the ClientID again. */
CredentialFault credential_find_fault(const char *text);
CredentialFault credential_find_client_id_fault(const char *client_id);
CredentialFault credential_find_secret_fault(const char *client_secret, const char *client_id);

/* One sentence, still to be translated: what the text is, and what is wanted instead. Static; not
 * for FAULT_NONE. */
const char *credential_fault_sentence(CredentialFault f);

/* Ask at the terminal, a few times if need be. *ret is replaced; the caller frees a ClientID with
 * free(), a secret with secret_free(). If the answer to the optional one is empty, *ret stays as it
 * was. */
ExitStatus credential_ask_client_id(char **ret);
ExitStatus credential_ask_client_secret(const char *client_id, char **ret);
ExitStatus credential_ask_optional_secret(const char *client_id, char **ret);

/* Takes what was given with --client-id. */
ExitStatus credential_take_client_id(const char *given, char **ret);

/* Reads the file given with --client-secret-file. "-" is the standard input; if that is a terminal,
 * the user is asked. */
ExitStatus credential_read_client_secret(const char *file, const char *client_id, char **ret);

/* Says that there is no terminal to ask at, and what to give instead. */
ExitStatus credential_explain_no_terminal(void);

/* Says why a question had no answer. r is the negative errno of terminal_ask(). */
ExitStatus credential_explain_no_answer(int r);
