/* SPDX-License-Identifier: MIT */
#pragma once

/* A ClientID and a client secret on their way in: from the person at the terminal, who may err a few
 * times, or from the command line and a file. What is recognisably something else is never taken. */

#include "yadiskctl/terminal/output.h"

/* Ask at the terminal until there is one. *ret is replaced, and freed with free() or, the secret, with
 * secret_free(). */
ExitStatus credential_ask_client_id(char **ret);
ExitStatus credential_ask_client_secret(const char *client_id, char **ret);

/* The same where it can be done without: then *ret stays as it was. */
ExitStatus credential_ask_optional_secret(const char *client_id, char **ret);

/* Takes what was given with --client-id. */
ExitStatus credential_take_client_id(const char *given, char **ret);

/* Reads the file given with --client-secret-file; "-" is stdin, which is asked at where it is a
 * terminal. */
ExitStatus credential_read_client_secret(const char *file, const char *client_id, char **ret);

/* Says that nobody can be asked, and what to give instead. */
ExitStatus credential_explain_no_terminal(void);

/* Says why a question of setup and its like had no answer: r is what terminal_ask() came to. */
ExitStatus credential_explain_no_answer(int r);
