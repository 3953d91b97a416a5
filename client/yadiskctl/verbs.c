/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verbs.h"

#include "yadiskctl/help.h"

/* The first is what no verb means. */
const Verb verbs[] = {
        { "status", 0, 1, verb_status, "[ACCOUNT]", "Show how it is with the accounts", NULL },
        { "list", 0, 0, verb_list, "", "List the accounts, one a line", NULL },
        { "login", 0, 0, verb_login, "", "Sign in to a Yandex account", login_options },
        { "token", 0, 1, verb_token, "[ACCOUNT]", "Print the access token and nothing else",
          token_options },
        { "refresh", 0, 1, verb_refresh, "[ACCOUNT]", "Renew the token now", NULL },
        { "logout", 0, 1, verb_logout, "[ACCOUNT]", "Sign out and forget the tokens",
          logout_options },
        { "rename", 2, 2, verb_rename, "ACCOUNT LABEL", "Give an account another label", NULL },
        { "default", 1, 1, verb_default, "ACCOUNT", "Make an account the default one", NULL },
        { "help", 0, 1, verb_help, "[VERB]", "Show this help, or that of a verb", NULL },
        {},
};
