/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/verbs.h"

#include "common/i18n.h"
#include "yadiskctl/verb/help.h"

/* The first is what no verb means. */
const Verb verbs[] = {
        { "status", 0, 1, verb_status, "[ACCOUNT]", N_("Show the state of the accounts"), NULL },
        { "list", 0, 0, verb_list, "", N_("List the accounts, one a line"), list_options },
        { "watch", 0, 0, verb_watch, "", N_("Report every change until Ctrl-C"), NULL },
        { "doctor", 0, 0, verb_doctor, "", N_("Find out what is wrong, and what to do"), NULL },
        { "setup", 0, 0, verb_setup, "", N_("Register an application at Yandex, the first step"),
          setup_options },
        { "login", 0, 0, verb_login, "", N_("Sign in to a Yandex account"), login_options },
        { "import", 1, 2, verb_import, "FORMAT [FILE]",
          N_("Take over the tokens of rclone, ydcmd or a JSON file"), import_options },
        { "token", 0, 1, verb_token, "[ACCOUNT]", N_("Print the access token and nothing else"),
          token_options },
        { "refresh", 0, 1, verb_refresh, "[ACCOUNT]", N_("Renew the token now"), NULL },
        { "logout", 0, 1, verb_logout, "[ACCOUNT]", N_("Sign out and forget the tokens"),
          logout_options },
        { "rename", 2, 2, verb_rename, "ACCOUNT LABEL", N_("Give an account another label"), NULL },
        { "default", 1, 1, verb_default, "ACCOUNT", N_("Make an account the default one"), NULL },
        { "apps", 0, 2, verb_apps, "[add|remove ID]",
          N_("List the applications, add or remove one"), apps_options },
        { "help", 0, 1, verb_help, "[VERB]", N_("Show this help, or that of a verb"), NULL },
        {},
};
